"""A watch as the command line shows it: a line for each image that is made anew."""

from __future__ import annotations

import itertools
import os
import shutil
import sys
from typing import TYPE_CHECKING

from imgflow.cli.batch import Batch
from imgflow.cli.closing_words import print_failures, print_warnings
from imgflow.cli.columns import print_text
from imgflow.cli.failing import report_error
from imgflow.cli.printing import flush, print_error, print_line, shell_word, visible
from imgflow.summary import Summary
from imgflow.wording import count_text, size_text, time_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imgflow.errors import ImgflowError
    from imgflow.job import Result
    from imgflow.project.project import Project, Work
    from imgflow.watch import Scene

#: As many sources that went together are named.
_MOST_NAMED = 10
#: Columns that a name keeps at least, however narrow the terminal is.
_NARROWEST = 12


class Screen:
    """Shows a watch on standard output, what is wrong on standard error."""

    def __init__(self, recipe: str, placed: list[str], bounds: list[str], *, quiet: bool) -> None:
        """Take the recipe, the options that say where it makes what, and those that bound it."""
        self._recipe = recipe
        self._placed = placed
        self._options = [*placed, *bounds]
        self._quiet = quiet
        self._warned = ""
        self._over: frozenset[str] = frozenset()

    def catch_up(self, project: Project, work: Work) -> None:
        """Bring a project up to date as a run does."""
        Batch(project.jobs.total, self._recipe, self._options).show(
            lambda progress: project.bring_up(lambda jobs: work(progress.watch(jobs))),
            as_json=False,
            quiet=self._quiet,
        )

    def ready(self, scene: Scene, folders: int) -> None:
        """Say what is watched."""
        if self._quiet:
            return
        files = len(scene.recipes | scene.files)
        parts = [
            self._recipe + (f" and {count_text(files - 1, 'more file')}" if files > 1 else ""),
            count_text(len(scene.sources), "image"),
            count_text(folders, "folder"),
        ]
        print_text(f"watching {', '.join(parts)}; Ctrl-C ends it")
        flush()

    def found(self, project: Project) -> None:
        """Show what is doubtful about the recipe or its sources, if it is news."""
        from imgflow.recipe import render_problems

        doubtful = project.recipe, project
        texts = [render_problems(one.warnings, one.sources) for one in doubtful if one.warnings]
        warned = "\n".join(texts)
        if warned and warned != self._warned and not self._quiet:
            sys.stderr.write(f"{warned}\n")
        self._warned = warned

    def made(self, result: Result) -> None:
        """Print a line for an image, and what is to be known of its files."""
        if self._quiet:
            return
        size = size_text(sum(file.bytes for file in result.outputs))
        files = count_text(len(result.outputs), "file")
        end = f" -> {files}, {size}, {_short_time(result.seconds)}"
        print_line(_fitted(result.input, end))
        summary = Summary()
        summary.add(result)
        print_warnings(summary)
        flush()

    def failed(self, result: Result) -> None:
        """Print why an image failed, and the command that repeats it."""
        summary = Summary()
        summary.add(result)
        print_failures(summary, ("run", self._recipe), self._options)

    def finished(self, project: Project) -> None:
        """Write the manifest; warn of budgets that are not kept, if that is news."""
        if project.write_manifest() and not self._quiet:
            print_line(f"manifest: {project.recipe.manifest}")
        over = {breach.message: None for breach in project.breaches()}
        for message in over:
            if message not in self._over:
                print_error(f"warning: over budget: {message}")
        if self._over and not over:
            self._say("within budget again")
        self._over = frozenset(over)
        flush()

    def lost(self, sources: Mapping[str, int]) -> None:
        """Name sources that are no more, and say what becomes of their files."""
        for path in itertools.islice(sources, _MOST_NAMED):
            self._say(f"{path}: {'no longer a source' if os.path.lexists(path) else 'gone'}")
        if (more := len(sources) - _MOST_NAMED) > 0:
            self._say(f"and {more:,} more")
        if files := sum(sources.values()):
            words = ["imgflow", "clean", shell_word(self._recipe)]
            words += [shell_word(word) for word in self._placed]
            which = "it" if len(sources) == 1 else "them"
            self._say(f"  orphaned: {count_text(files, 'file')} made of {which}")
            self._say(f"  to remove orphans: {' '.join(words)}")

    def stuck(self, error: ImgflowError) -> None:
        """Print what is wrong."""
        report_error(error, as_json=False)
        sys.stderr.flush()

    def recovered(self) -> None:
        """Say that all is well again."""
        self._say("all is well again")

    def _say(self, text: str) -> None:
        if not self._quiet:
            print_line(text)
            flush()


def _short_time(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else time_text(seconds)


def _fitted(name: str, end: str) -> str:
    """Return a line that fits a terminal, if it is one: the end of a name tells most."""
    name = visible(name)
    if sys.stdout.isatty():
        room = max(_NARROWEST, shutil.get_terminal_size().columns - len(end))
        if len(name) > room:
            name = f"...{name[3 - room :]}"
    return name + end
