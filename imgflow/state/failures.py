"""What failed when it was last tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.state.orphans import sources_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from imgflow.job import Job, Result
    from imgflow.state.ledger import Ledger


def failures(jobs: Iterable[Job], ledger: Ledger) -> Iterator[Result]:
    """Yield what became of those jobs that failed when they were last tried."""
    for job in jobs:
        if found := ledger.failure(job.input):
            yield found


def forget_failures(jobs: Iterable[Job], ledger: Ledger, *, whole: bool = True) -> None:
    """Forget what failed and is no source any more; for ``whole`` see :func:`orphans`."""
    failed = [result.input for result in ledger.failures()]
    if failed:
        sources = sources_of(jobs, failed, ledger, whole=whole)
        for path in failed:
            if ledger.home.name(path) not in sources:
                ledger.forget_failure(path)
