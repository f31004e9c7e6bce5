"""``imgflow cp``: copy files and objects."""

from typing import Annotated

import typer

from imgflow.cli.options import AsJson

Places = Annotated[
    list[str],
    typer.Argument(
        metavar="SOURCE... TARGET",
        help="Paths or URIs. With several sources, or '/' at its end, TARGET is a folder.",
        show_default=False,
    ),
]
Recursive = Annotated[
    bool, typer.Option("--recursive", "-r", help="Copy all that is below folders and prefixes.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")]


def cp(
    places: Places, *, recursive: Recursive = False, quiet: Quiet = False, as_json: AsJson = False
) -> int:
    """Copy files and objects, between files, S3 and the web.

    Inside S3, and from one region to another, the bytes do not pass through this machine.
    What is at the target is replaced.

    Exit code: 0 all copied, 2 the command is wrong, 3 something could not be copied.
    """
    from imgflow.cli.copying import Copying

    return Copying(tuple(places), recursive=recursive, quiet=quiet, as_json=as_json).run()
