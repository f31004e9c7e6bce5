"""Files that a recipe made and makes no more."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from imgflow.state.stamp import read_stamp, take_fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from imgflow.job import Job
    from imgflow.state.ledger import Ledger
    from imgflow.state.records import OutputRecord


class Orphan(NamedTuple):
    """A file that no job makes; ``proven`` if it is, byte for byte, what the recipe made.

    Its path is relative if it is below the working directory.
    """

    path: str
    reason: str
    proven: bool


def orphans(jobs: Iterable[Job], ledger: Ledger, *, whole: bool = True) -> tuple[Orphan, ...]:
    """Return the files, still there, that were made by this recipe and by none of these jobs.

    If ``jobs`` are the ``whole``, the outputs of every other source count as orphaned; if they
    are some of many, those of sources that are not there any more. What is a source now, or is
    made by another recipe, is not among them.
    """
    before = [ledger.home.path(made.source) for made in ledger.all()]
    sources = sources_of(jobs, before, ledger, whole=whole)
    kept = sources | ledger.claimed()
    lost: dict[str, tuple[OutputRecord, str]] = {}
    for made in ledger.all():
        if made.source in sources:
            kept |= {output.path for output in made.outputs}
        else:
            reason = f"no longer a source: {made.source}"
            lost |= {output.path: (output, reason) for output in made.outputs}
    for output in ledger.left():
        lost.setdefault(output.path, (output, "no longer an output"))
    return tuple(_found(lost, kept, ledger))


def sources_of(
    jobs: Iterable[Job], before: Iterable[str], ledger: Ledger, *, whole: bool
) -> set[str]:
    """Return the names of the sources of jobs.

    If those are not the ``whole``, what was a source before and still is there counts as one.
    """
    sources = {ledger.home.name(job.input) for job in jobs}
    if not whole:
        sources |= {ledger.home.name(path) for path in before if os.path.isfile(path)}
    return sources


def forget_orphans(removed: Iterable[Orphan], ledger: Ledger) -> None:
    """Forget files that were removed, and the sources of which nothing is left."""
    gone = {ledger.home.name(orphan.path) for orphan in removed}
    for name in gone:
        ledger.forget_output(ledger.home.path(name))
    for made in list(ledger.all()):
        paths = {output.path for output in made.outputs}
        if paths & gone and not any(os.path.lexists(ledger.home.path(name)) for name in paths):
            ledger.forget(ledger.home.path(made.source))


def is_proven(output: OutputRecord, path: str) -> bool:
    """Tell whether a file is what was made, byte for byte; a link never is."""
    stamp = read_stamp(path)
    if stamp is None or os.path.islink(path):
        return False
    if stamp == output.stamp:
        return True
    found = take_fingerprint(path) if stamp.size == output.written.bytes else None
    return found is not None and found.digest == output.sha256


def _found(
    lost: dict[str, tuple[OutputRecord, str]], kept: set[str], ledger: Ledger
) -> Iterator[Orphan]:
    for name in sorted(lost.keys() - kept):
        output, reason = lost[name]
        near = ledger.home.path(name, absolute=False)
        path = ledger.home.path(name) if near.startswith("../") else near
        if os.path.lexists(path):
            yield Orphan(path, reason, is_proven(output, path))
