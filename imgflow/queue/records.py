"""From the fields of a job's entry to its status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from imgflow.job import Result
from imgflow.queue.entries import JobStatus, Mishap, State
from imgflow.queue.payload import Own
from imgflow.queue.times import stamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from imgflow.queue.policy import Priority

STATES: dict[str, State] = {
    "q": "queued",
    "d": "queued",
    "p": "processing",
    "c": "completed",
    "f": "failed",
    "x": "cancelled",
    "e": "expired",
}
LETTERS: dict[Priority, str] = {"high": "h", "normal": "n", "low": "l"}
NAMES: dict[str, Priority] = {letter: name for name, letter in LETTERS.items()}


class _Line(msgspec.Struct):
    """A mishap as it is stored, with its time in milliseconds."""

    at: int
    worker: str
    kind: Literal["error", "kill", "lost"]
    code: str
    message: str


def texts(fields: Iterable[bytes]) -> dict[str, bytes]:
    """Return a reply of names and values, one after the other, as a mapping."""
    flat = list(fields)
    return {name.decode(): value for name, value in zip(flat[::2], flat[1::2], strict=True)}


def payload_of(entry: Mapping[str, bytes]) -> bytes:
    """Put the pieces of a job's own part together."""
    if "i" in entry:
        return entry["i"]
    return b"".join(_pieces(entry))


def _pieces(entry: Mapping[str, bytes]) -> Iterator[bytes]:
    index = 0
    while (piece := entry.get(f"i{index}")) is not None:
        yield piece
        index += 1


def read_status(job_id: str, entry: Mapping[str, bytes], recipe: str) -> JobStatus:
    """Return the status that an entry tells; ``recipe`` is the name of its recipe."""
    state = STATES[entry["s"].decode()]
    name = msgspec.json.decode(payload_of(entry), type=Own).input
    errors = tuple(_mishaps(entry.get("errors", b"")))
    result = read_result(entry)
    failing = state == "failed" or (state in ("queued", "processing") and errors)

    def number(field: str) -> int:
        return int(entry.get(field, 0))

    def time(field: str) -> str:
        return stamp(number(field))

    return JobStatus(
        job_id=job_id,
        status=state,
        progress=number("g"),
        priority=NAMES[entry.get("p", b"n").decode()],
        input=name,
        created_at=time("c"),
        start_by=time("by"),
        started_at=time("start"),
        finished_at=time("end"),
        retry_at=time("due"),
        worker=entry.get("w", b"").decode(),
        runs=number("n"),
        retries=number("t"),
        kills=number("k"),
        losses=number("l"),
        cancel_requested="cancel" in entry,
        error=errors[-1].message if failing and errors else "",
        code=errors[-1].code if failing and errors else "",
        errors=errors,
        batch=entry.get("batch", b"").decode(),
        recipe=recipe,
        output=result.outputs[0].path if result and result.outputs else "",
        outputs=result.outputs if result else (),
        input_bytes=result.input_bytes if result else 0,
        seconds=result.seconds if result else 0.0,
    )


def read_result(entry: Mapping[str, bytes]) -> Result | None:
    """Return the result of a job that was completed."""
    if "result" not in entry:
        return None
    return msgspec.json.decode(entry["result"], type=Result)


def error_line(at: int, worker: str, kind: str, code: str, message: str) -> bytes:
    """Return a mishap as one line of JSON, of at most about 2000 characters."""
    message = message[:2000].encode(errors="backslashreplace").decode()
    line = _Line(at=at, worker=worker, kind=kind, code=code, message=message)  # type: ignore[arg-type]
    return msgspec.json.encode(line)


def _mishaps(lines: bytes) -> Iterator[Mishap]:
    for line in lines.splitlines():
        found = msgspec.json.decode(line, type=_Line)
        yield Mishap(
            at=stamp(found.at),
            worker=found.worker,
            kind=found.kind,
            code=found.code,
            message=found.message,
        )
