"""Whether a job has anything to do, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from imgflow.state.changes import changes
from imgflow.state.stamp import Stamp, read_stamp, take_fingerprint
from imgflow.uris import is_remote, scheme_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgflow.job import Job, Result
    from imgflow.state.home import Home
    from imgflow.state.ledger import Ledger
    from imgflow.state.records import JobRecord, OutputRecord

Action = Literal["create", "update", "keep", "orphaned"]


class Verdict(NamedTuple):
    """What is to be done about a job, why, and what was made of its source before.

    ``force`` says that a file is there that must not be taken for an output because of its
    name: the job has to be done with ``force``.
    """

    action: Action
    reasons: tuple[str, ...] = ()
    made: JobRecord | None = None
    force: bool = False


class _Look(NamedTuple):
    """What an output looks like: what is wrong with it, the stamp that it has now."""

    name: str
    fault: Literal["", "missing", "edited"]
    stamp: Stamp | None = None


def judge(job: Job, ledger: Ledger) -> Verdict:
    """Tell whether the outputs of a job are what a run would make, by a look at the files.

    No image is opened. A file whose stamp is not the recorded one is read, to see whether it
    is the same in spite of that. What is far away is always made again. Raises RecipeError for
    steps or options that are wrong.
    """
    if is_remote(job.input) or any(is_remote(output.path) for output in job.outputs):
        return Verdict("update", ("far away",))
    glimpse = ledger.look_at(job)
    made = ledger.lookup(job.input)
    if made is None:
        return Verdict("create", ("never made",))
    if glimpse is None:
        return Verdict("update", ("source missing",), made)
    reasons = ["forced"] if job.force else []
    digest = glimpse.digest or ledger.digest(job.input, glimpse.stamp)
    if digest != made.digest:
        reasons.append("source changed")
    reasons += _terms(job, made, ledger)
    if job.facts and made.result.source is None:
        reasons.append("manifest added")
    looks = [_compare(output, ledger) for output in made.outputs]
    reasons += [f"output {look.fault}: {look.name}" for look in looks if look.fault]
    if reasons:
        edited = any(look.fault == "edited" for look in looks)
        return Verdict("update", tuple(reasons), made, force=edited)
    if any(look.stamp != one.stamp for look, one in zip(looks, made.outputs, strict=True)):
        made = _restamped(made, looks)
        ledger.record(made)
    ledger.forget_failure(job.input)
    return Verdict("keep", (), made)


def fresh_result(job: Job, ledger: Ledger) -> Result | None:
    """Return what a job came to when it was done, None if it has to be done again."""
    verdict = judge(job, ledger)
    fresh = verdict.action == "keep" and verdict.made
    return kept_result(job, verdict.made, ledger) if fresh and verdict.made else None


def kept_result(job: Job, made: JobRecord, ledger: Ledger) -> Result:
    """Return the result of a job whose outputs are all there: each is kept where it is."""
    return result_in(job, made, ledger.home)


def result_in(job: Job, made: JobRecord, home: Home) -> Result:
    """Return the result of a job whose outputs are in a home as they were made."""
    first = job.outputs[0].path if job.outputs else ""
    absolute = first.startswith("/") or bool(scheme_of(first))
    outputs = tuple(
        msgspec.structs.replace(
            output.written, path=home.path(output.path, absolute=absolute), status="kept"
        )
        for output in made.outputs
    )
    return msgspec.structs.replace(made.result, input=job.input, outputs=outputs, seconds=0.0)


def _terms(job: Job, made: JobRecord, ledger: Ledger) -> Iterator[str]:
    terms = ledger.terms(job)
    if terms.digest != made.terms:
        old = ledger.old_terms(made.terms)
        yield from changes(old, terms.body) if old else ("recipe changed",)
    names = terms.names(job)
    for name in names.keys() & made.names.keys():
        if names[name] != made.names[name]:
            yield f"{name}: {made.names[name]} -> {names[name]}"


def _compare(output: OutputRecord, ledger: Ledger) -> _Look:
    """Look at an output; the file is read if its stamp is not the recorded one."""
    path = ledger.home.path(output.path)
    stamp = read_stamp(path)
    if stamp is None:
        return _Look(output.path, "missing")
    if stamp == output.stamp:
        return _Look(output.path, "", stamp)
    found = take_fingerprint(path) if stamp.size == output.written.bytes else None
    if found is None or found.digest != output.sha256:
        return _Look(output.path, "edited")
    return _Look(output.path, "", found.stamp)


def _restamped(made: JobRecord, looks: list[_Look]) -> JobRecord:
    outputs = tuple(
        msgspec.structs.replace(output, stamp=look.stamp)
        for output, look in zip(made.outputs, looks, strict=True)
    )
    return msgspec.structs.replace(made, outputs=outputs)
