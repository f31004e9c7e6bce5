"""Jobs whose outputs are in a vault need not be done."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from imgflow.errors import StorageError
from imgflow.state.keys import key_of
from imgflow.state.orphans import is_proven
from imgflow.state.verdict import result_in
from imgflow.template import parse_template, stays_inside
from imgflow.uris import is_remote

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable
    from concurrent.futures import Future

    from imgflow.job import Job, Result
    from imgflow.state.home import Home
    from imgflow.state.ledger import Ledger
    from imgflow.state.records import JobRecord
    from imgflow.state.terms import Terms
    from imgflow.state.vault import Vault
    from imgflow.storage import Storage

#: Jobs that a far vault is asked for before they are needed, and how many of them at once: less
#: than the connections that a store keeps open.
_AHEAD, _AT_ONCE = 32, 8


class _Wish(NamedTuple):
    """A job, what the vault would know it by ("" if it need not be asked), and its terms."""

    job: Job
    key: str
    name: str
    terms: Terms | None = None


class _Find(NamedTuple):
    """What was in the vault, and is where the job would have written it."""

    made: JobRecord
    result: Result


def restored(
    jobs: Iterable[Job], ledger: Ledger, vault: Vault, storage: Storage
) -> Generator[tuple[Job, Result | None]]:
    """Yield all jobs in their order, each with its result if its outputs are in the vault.

    Those are written where they went when they were made, which must be a place that the job
    may write to, and are recorded. A far vault is asked ahead, for many jobs at once; ``jobs``
    and the ledger are used in this thread alone. What cannot be written is left to the job to
    tell. To close the generator leaves no thread and no half file. Raises StorageError if the
    vault cannot be reached.
    """
    if vault.is_far:
        yield from _restored_ahead(jobs, ledger, vault, storage)
        return
    for job in jobs:
        wish = _wish(job, ledger)
        yield job, _learned(wish, _fetch(wish, ledger.home, vault, storage), ledger)


def _restored_ahead(
    jobs: Iterable[Job], ledger: Ledger, vault: Vault, storage: Storage
) -> Generator[tuple[Job, Result | None]]:
    from concurrent.futures import ThreadPoolExecutor

    waiting: deque[tuple[_Wish, Future[_Find | None]]] = deque()
    pool = ThreadPoolExecutor(_AT_ONCE, "imgflow-restore")
    try:
        for job in jobs:
            wish = _wish(job, ledger)
            waiting.append((wish, pool.submit(_fetch, wish, ledger.home, vault, storage)))
            if len(waiting) == _AHEAD:
                yield _next(waiting.popleft(), ledger)
        while waiting:
            yield _next(waiting.popleft(), ledger)
    finally:
        pool.shutdown(cancel_futures=True)


def _next(one: tuple[_Wish, Future[_Find | None]], ledger: Ledger) -> tuple[Job, Result | None]:
    wish, future = one
    return wish.job, _learned(wish, future.result(), ledger)


def _wish(job: Job, ledger: Ledger) -> _Wish:
    name = ledger.home.name(job.input)
    if job.force or is_remote(job.input) or any(is_remote(one.path) for one in job.outputs):
        return _Wish(job, "", name)
    digest, terms = ledger.digest(job.input), ledger.terms(job)
    key = key_of(digest, terms.digest, terms.names(job)) if digest else ""
    return _Wish(job, key, name, terms)


def _fetch(wish: _Wish, home: Home, vault: Vault, storage: Storage) -> _Find | None:
    """Write the outputs of a job as they are kept; None if they are not, or cannot be written."""
    job = wish.job
    parcel = vault.fetch(wish.key) if wish.key else None
    if parcel is None:
        return None
    made = msgspec.structs.replace(parcel.made, source=wish.name)
    if job.facts and made.result.source is None:
        return None
    result = result_in(job, made, home)
    if not all(_is_allowed(job, one.path) for one in result.outputs):
        return None
    for output, data in zip(made.outputs, parcel.files, strict=True):
        path = home.path(output.path)
        if not is_proven(output, path):
            try:
                storage.write(path, data)
            except StorageError:
                return None
    return _Find(made, result)


def _learned(wish: _Wish, found: _Find | None, ledger: Ledger) -> Result | None:
    if found is None:
        return None
    ledger.record(found.made, wish.terms)
    return found.result


def _is_allowed(job: Job, path: str) -> bool:
    roots = [one.root or parse_template(one.path).root for one in job.outputs]
    return path != job.input and any(stays_inside(path, root) for root in roots)
