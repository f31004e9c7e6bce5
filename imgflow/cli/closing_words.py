"""The end of a run, in words: what was done, what to look at, what failed and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.cli.columns import print_text
from imgflow.cli.figures import scores_text, totals_text
from imgflow.cli.printing import flush, print_error, print_line, shell_word
from imgflow.wording import count_text, time_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgflow.summary import Summary


def print_summary(summary: Summary, total: int | None, seconds: float) -> None:
    """Print counts, sizes, speed and warnings on standard output."""
    rate = summary.images / seconds if seconds else 0.0
    print_line(
        f"{count_text(summary.images, 'image')} in {time_text(seconds)} ({rate:.1f} images/s)"
    )
    if summary.completed:
        print_line(f"  files:  {_files(summary)}")
        print_line(f"  size:   {totals_text(summary)}")
        if summary.scores.count:
            print_line(f"  scores: {scores_text(summary.scores)}")
    if summary.failures:
        print_line(f"  failed: {count_text(len(summary.failures), 'image')}")
    if total is not None and (undone := total - summary.images) > 0:
        print_line(f"  undone: {count_text(undone, 'image')}")
    print_warnings(summary)
    flush()


def print_warnings(summary: Summary) -> None:
    """Print each kind of warning, with the first few messages and images."""
    for code, kind in summary.warnings.items():
        print_line(f"warning: {code} ({count_text(kind.count, 'image')})")
        for message, names in kind.examples.items():
            print_text(message, indent=2)
            print_line(f"    {', '.join(names)}")
        if more := kind.count - sum(map(len, kind.examples.values())):
            print_line(f"    and {more:,} more")


def print_failures(summary: Summary, command: Sequence[str], options: list[str]) -> None:
    """Print every failure with the command that repeats it, on standard error.

    The images stand between the ``command`` and its ``options``.
    """
    for result in summary.failures:
        if result.error:
            print_error(f"failed: {result.error.message} [{result.error.code}]")
            words = [shell_word(word) for word in (*command, "--jobs", "1", *options)]
            words.insert(len(command), _source_word(result.input, result.error.code))
            print_error(f"  imgflow {' '.join(words)}")


def _files(summary: Summary) -> str:
    parts = [f"{summary.written:,} written"]
    if summary.copied:
        parts.append(f"{summary.copied:,} of them as they were")
    if summary.kept:
        parts.append(f"{summary.kept:,} there already")
    return ", ".join(parts)


def _source_word(name: str, code: str) -> str:
    if code == "source-bad-name":
        return f"$'{name}'"
    return shell_word(f"./{name}" if name.startswith("-") else name)
