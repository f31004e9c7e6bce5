"""What was done is put into the ledger, if it is certain of which bytes it was made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from imgflow.state.keys import key_of
from imgflow.state.records import JobRecord, OutputRecord
from imgflow.state.stamp import Fingerprint, is_settled, read_stamp, take_fingerprint
from imgflow.uris import is_remote

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imgflow.job import Job, Result, Written
    from imgflow.state.ledger import Glimpse, Ledger


def record(job: Job, result: Result, ledger: Ledger) -> bool:
    """Remember what a job came to; tell whether that could be done.

    Unless the result tells the digest of the bytes that were worked on, the job must have been
    judged before it was done, and the source be the same now as then. What is far away or has
    changed meanwhile is not remembered, so that it is done again; so is what failed, of which
    just that is remembered.
    """
    written = result.outputs
    if result.status == "failed":
        ledger.fail(job.input, result)
        return False
    ledger.forget_failure(job.input)
    if any(map(is_remote, _places(job, written))):
        return False
    terms = ledger.terms(job)
    before = ledger.glimpse(job.input)
    if terms.files and (before is None or before.terms != terms.digest):
        return False
    if result.source:
        digest = _told(job.input, result.source.digest, before, ledger)
    else:
        digest = _digest(job.input, before, ledger)
    outputs = [_output(one, ledger) for one in written]
    if not digest or not _are_certain(outputs, ledger.lookup(job.input)):
        return False
    if result.source and before and read_stamp(job.input) == before.stamp:
        # Else the next run would read the source, only to find that out.
        ledger.vouch(job.input, Fingerprint(digest, None if before.digest else before.stamp))
    names = terms.names(job)
    made = JobRecord(
        source=ledger.home.name(job.input),
        key=key_of(digest, terms.digest, names),
        digest=digest,
        terms=terms.digest,
        names=names,
        outputs=tuple(outputs),
        result=msgspec.structs.replace(result, input="", outputs=()),
    )
    ledger.record(made, terms)
    return True


def _places(job: Job, written: Iterable[Written]) -> list[str]:
    return [job.input, *(one.path for one in written)]


def _told(source: str, digest: str, before: Glimpse | None, ledger: Ledger) -> str:
    """Return the digest of what was worked on; it is that of the source if that is unchanged."""
    if before and not before.digest and read_stamp(source) == before.stamp:
        ledger.vouch(source, Fingerprint(digest, before.stamp))
    return digest


def _digest(source: str, before: Glimpse | None, ledger: Ledger) -> str:
    """Return the digest of a source that has not changed since it was judged, else ""."""
    stamp = read_stamp(source)
    if before is None or stamp is None:
        return ""
    if before.digest:
        found = take_fingerprint(source)
        return before.digest if found and found.digest == before.digest else ""
    if stamp != before.stamp or not is_settled(stamp):
        return ""
    digest = ledger.digest(source, stamp)
    return digest if read_stamp(source) == stamp else ""


def _output(one: Written, ledger: Ledger) -> OutputRecord:
    """Return the record of a file; of one that was there already, its digest is found out."""
    path = ledger.home.name(one.path)
    found = None if one.sha256 else take_fingerprint(one.path)
    sha256, stamp = (found.digest, found.stamp) if found else (one.sha256, None)
    written = msgspec.structs.replace(one, path=path, sha256=sha256)
    return OutputRecord(written, stamp)


def _are_certain(outputs: Iterable[OutputRecord], made: JobRecord | None) -> bool:
    """Tell whether all files are known to be whole.

    One that was taken for an output because of its name must be what was recorded under it.
    """
    known = {output.path: output.sha256 for output in made.outputs} if made else {}
    return all(
        output.sha256
        and (output.stamp is None or known.get(output.path, output.sha256) == output.sha256)
        for output in outputs
    )
