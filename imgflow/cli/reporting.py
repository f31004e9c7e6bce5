"""The report of a run: results are put aside as they come, and are a page when it has ended."""

from __future__ import annotations

import contextlib
import dataclasses
from contextlib import closing
from typing import TYPE_CHECKING, Self

import msgspec

from imgflow.cli.drawn import check_drawn
from imgflow.job import Result

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from imgflow.cli.opening import Opened
    from imgflow.limits import Limits
    from imgflow.project import Project
    from imgflow.storage import Storage

    #: Passes results on, and remembers them; they are closed with what it returns.
    Watch = Callable[[Generator[Result]], Generator[Result]]


class Shelf:
    """Results that were put aside in a file; failures, which may have odd names, in memory."""

    def __init__(self) -> None:
        import tempfile

        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by __exit__
        self._failures: list[Result] = []
        self._completed = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __len__(self) -> int:
        return self._completed + len(self._failures)

    def __iter__(self) -> Iterator[Result]:
        self._file.seek(0)
        for line in self._file:
            yield msgspec.json.decode(line, type=Result)
        yield from self._failures

    def watch(self, results: Generator[Result]) -> Generator[Result]:
        """Yield results, and put them aside."""
        with closing(results):
            for result in results:
                if result.status == "failed":
                    self._failures.append(result)
                else:
                    self._file.write(msgspec.json.encode(result) + b"\n")
                    self._completed += 1
                yield result


@dataclasses.dataclass(frozen=True)
class Page:
    """The page of a run of a project."""

    target: str
    project: Project
    storage: Storage
    limits: Limits

    @contextlib.contextmanager
    def following(self, *, hidden: bool) -> Iterator[Watch]:
        """Yield a function for the results of a run to pass through.

        The page is written in the end, whatever ended the run, of what was done until then.
        No picture is opened before: a process that is still to be forked must not load
        libvips. Raises StorageError if the page cannot be written.
        """
        with Shelf() as shelf:
            try:
                yield shelf.watch
            finally:
                if shelf:
                    self._write(shelf, hidden=hidden)

    def _write(self, shelf: Shelf, *, hidden: bool) -> None:
        from imgflow.cli.counting import counted
        from imgflow.cli.printing import print_line
        from imgflow.report import ReportBuilder, timed

        title, total = self.project.recipe.name, self.project.jobs.total
        page = ReportBuilder(self.storage, self.target, title=title, limits=self.limits)
        with page, counted(len(shelf), hidden=hidden) as tell:
            for result in shelf:
                tell(result.input)
                page.add(timed(result, self.project))
            unreached = 0 if total is None else max(0, total - len(shelf))
            page.write(unreached=unreached, breaches=self.project.breaches())
        if not hidden:
            print_line(f"  report: {self.target}")


def page_of(target: str | None, found: Opened) -> Page | None:
    """Return the page that a run was asked for; raises UsageError for one that cannot be."""
    if target is None:
        return None
    project, machine, storage = found
    check_drawn("--report", target, (".html",), [project.recipe.file])
    return Page(target, project, storage, machine.limits)


@contextlib.contextmanager
def followed(page: Page | None, *, hidden: bool) -> Iterator[Watch]:
    """Follow a run for the page of it, if there is to be one."""
    if page is None:
        yield lambda results: results
        return
    with page.following(hidden=hidden) as watch:
        yield watch
