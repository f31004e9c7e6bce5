"""``imgflow worker``: take jobs from queues, and run them."""

from typing import Annotated, Literal

import typer

from imgflow.cli.bounds import (
    Bounds,
    MaxMegabytes,
    MaxMegapixels,
    MaxTotalMegapixels,
    Memory,
    Timeout,
)
from imgflow.cli.options import AllowLoader

Redis = Annotated[
    str | None,
    typer.Option("--redis", metavar="URL", help="The server.  [default: IMGFLOW_REDIS_URL]"),
]
Queues = Annotated[
    str | None,
    typer.Option(
        "--queues", metavar="NAMES", help="Queues, in turn: high-res,web say.  [default: default]"
    ),
]
Concurrency = Annotated[
    int | None,
    typer.Option(
        "--concurrency",
        "-c",
        min=1,
        metavar="N",
        help="Images at once.  [default: one a core, 2 with S3 or the web in the settings]",
    ),
]
Drain = Annotated[
    float,
    typer.Option(
        "--drain", min=0, metavar="SECONDS", help="Time to finish images when told to stop."
    ),
]
LogFormat = Annotated[
    Literal["text", "json"], typer.Option("--log-format", help="Lines for people or programs.")
]
RetryPermanent = Annotated[
    bool,
    typer.Option("--retry-permanent", help="Also retry what cannot get better by itself."),
]
EvictingOk = Annotated[
    bool, typer.Option("--evicting-ok", help="Work on a server that may drop jobs when full.")
]


def worker(  # noqa: PLR0913 - the options of a command
    *,
    redis: Redis = None,
    queues: Queues = None,
    concurrency: Concurrency = None,
    drain: Drain = 25.0,
    log_format: LogFormat = "text",
    retry_permanent: RetryPermanent = False,
    evicting_ok: EvictingOk = False,
    max_megapixels: MaxMegapixels = None,
    max_total_megapixels: MaxTotalMegapixels = None,
    max_megabytes: MaxMegabytes = None,
    timeout: Timeout = None,
    memory: Memory = None,
    allow_loader: AllowLoader = None,
) -> int:
    """Take jobs from queues, and run them, until told to stop.

    The first Ctrl-C or SIGTERM lets it finish its images, a second one makes it hand them back
    to the queue. With IMGFLOW_ALLOW set, only places under its prefixes are read or written.

    Exit code: 0 stopped on request, 2 the command is wrong, 70 the processes keep dying.
    """
    from imgflow.cli.working import work

    loaders = tuple(allow_loader or ())
    bounds = Bounds(max_megapixels, max_total_megapixels, max_megabytes, timeout, memory, loaders)
    return work(
        redis,
        queues,
        concurrency,
        bounds.limits(),
        drain=drain,
        log_format=log_format,
        retry_permanent=retry_permanent,
        evicting_ok=evicting_ok,
    )
