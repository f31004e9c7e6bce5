"""A count of files on a terminal, while a command makes them one by one."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from imgflow.cli.printing import errors_are_live

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextlib.contextmanager
def counted(total: int | None, *, hidden: bool) -> Iterator[Callable[[str], None]]:
    """Yield a function to call before each of ``total`` files, with what it will be.

    It says so on standard error if that is a terminal, and unless that is ``hidden``.
    """
    if hidden or not errors_are_live():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (BarColumn(bar_width=16), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=total)
        started = False

        def tell(what: str) -> None:
            nonlocal started
            progress.update(task, description=what, advance=int(started))
            started = True

        yield tell
