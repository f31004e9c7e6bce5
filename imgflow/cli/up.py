"""``imgflow up``: the whole service from one command, and nothing to set up."""

from typing import Annotated

import typer

from imgflow.cli.options import AsJson

Port = Annotated[int, typer.Option(min=1, max=65535, metavar="N", help="Port of the service.")]
Host = Annotated[str, typer.Option(metavar="ADDRESS", help="Address that it listens at.")]
Data = Annotated[
    str, typer.Option("--data", metavar="DIR", help="Folder for the jobs; made if it is missing.")
]
Workers = Annotated[
    int | None,
    typer.Option(
        "--workers", min=1, metavar="N", help="Images worked on at once.  [default: one a core]"
    ),
]
Allow = Annotated[
    list[str] | None,
    typer.Option(
        "--allow",
        metavar="PREFIX",
        help="A folder, or s3://bucket/ or https://host/, that requests may name (repeatable).",
    ),
]


def up(  # noqa: PLR0913 - the options of a command
    *,
    port: Port = 8000,
    host: Host = "127.0.0.1",
    data: Data = "imgflow-data",
    workers: Workers = None,
    allow: Allow = None,
    as_json: AsJson = False,
) -> int:
    """Run queue, HTTP service and workers together, until Ctrl-C.

    Starts a private Redis or Valkey that keeps its data in a folder, by default imgflow-data in
    the current one. Requests may name only places that --allow or IMGFLOW_ALLOW lists. At an
    address that others can reach it asks for a token, by default one of its own.

    Exit code: 0 stopped on request, 2 the command is wrong, 3 a part ended by itself.
    """
    from imgflow.cli.service import Service

    return Service(port, host, data, workers, tuple(allow or ())).run(as_json=as_json)
