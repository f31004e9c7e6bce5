"""``imgflow serve``: the HTTP endpoint of a queue."""

from typing import Annotated, Literal

import typer

Host = Annotated[str, typer.Option(metavar="ADDRESS", help="Address to listen at.")]
Port = Annotated[int, typer.Option(min=0, max=65535, metavar="N", help="Port to listen at.")]
Redis = Annotated[
    str | None,
    typer.Option(metavar="URL", help="The server of the queue.  [default: IMGFLOW_REDIS_URL]"),
]
QueueName = Annotated[
    str | None,
    typer.Option("--queue", metavar="NAME", help="The queue's name.  [default: default]"),
]
Allow = Annotated[
    list[str] | None,
    typer.Option(
        "--allow",
        metavar="PREFIX",
        help="A folder, or s3://bucket/ or https://host/, that requests may name (repeatable).",
    ),
]
Uploads = Annotated[
    str | None,
    typer.Option(
        metavar="PREFIX",
        help="Where uploads go: s3://bucket/uploads/.  [default: IMGFLOW_UPLOADS]",
    ),
]
Insecure = Annotated[
    bool, typer.Option("--insecure", help="Let everybody in who can connect, without a token.")
]
MaxDepth = Annotated[
    int | None,
    typer.Option(min=1, metavar="N", help="Refuse jobs while so many wait.  [default: no limit]"),
]
LogFormat = Annotated[
    Literal["text", "json"], typer.Option("--log-format", help="Lines for people or programs.")
]
EvictingOk = Annotated[
    bool, typer.Option("--evicting-ok", help="Use a server that may drop keys when it is full.")
]


def serve(  # noqa: PLR0913 - the options of a command
    *,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    redis: Redis = None,
    queue: QueueName = None,
    allow: Allow = None,
    uploads: Uploads = None,
    insecure: Insecure = False,
    max_depth: MaxDepth = None,
    log_format: LogFormat = "text",
    evicting_ok: EvictingOk = False,
) -> int:
    """Serve the HTTP endpoint of a queue, until Ctrl-C.

    Requests may name only places that --allow or IMGFLOW_ALLOW lists. Beyond loopback it asks
    for one of the tokens in IMGFLOW_TOKENS.

    Exit code: 0 stopped on request, 2 the command is wrong, 3 the queue cannot be used.
    """
    from imgflow.cli.endpoint import Endpoint

    endpoint = Endpoint(host, port, queue, max_depth, insecure=insecure, uploads=uploads)
    return endpoint.run(redis, tuple(allow or ()), log_format, evicting_ok=evicting_ok)
