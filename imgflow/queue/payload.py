"""How jobs travel: what they share is stored once, what is their own goes into the entry."""

from __future__ import annotations

import base64
import functools
import hashlib
import os
from typing import NamedTuple

import msgspec

from imgflow.encoders import parse_encoder
from imgflow.errors import QueueError
from imgflow.job import Job, Output
from imgflow.operations import parse_steps
from imgflow.target import ORIGINAL
from imgflow.template import parse_template


class Own(msgspec.Struct, frozen=True, array_like=True):
    """What is a job's own. ``places`` are paths and roots of outputs that are no templates."""

    input: str
    relative: str
    index: int
    places: tuple[tuple[str, str], ...] = ()


class Packed(NamedTuple):
    """A job in two parts: ``shared`` is JSON that other jobs have too, and its ``digest``."""

    digest: str
    shared: bytes
    own: bytes


def pack(job: Job) -> Packed:
    """Take a job apart; raises RecipeError or EncodeError if a step or a format is not valid."""
    places = _literal_places(job)
    outputs = tuple(_placed(output, "", "") for output in job.outputs) if places else job.outputs
    shared = msgspec.json.encode(
        msgspec.structs.replace(job, input="", relative="", index=0, outputs=outputs),
        order="deterministic",
    )
    relative = "" if job.relative == os.path.basename(job.input) else job.relative
    try:
        mine = (job.input, relative, job.index)
        own = msgspec.json.encode((*mine, places) if places else mine)
    except UnicodeEncodeError as error:
        name = os.fsencode(job.input).decode(errors="backslashreplace")
        message = f"{name}: expected a name in UTF-8, as it travels as JSON; rename the file"
        raise QueueError(message, code="bad-input-name", retryable=False) from error
    return Packed(_check(shared), shared, own)


def unpack(shared: bytes, own: bytes) -> Job:
    """Put a job together again; raises QueueError if another version wrote it otherwise."""
    try:
        mine = msgspec.json.decode(own, type=Own)
        job = _parse(shared)
    except msgspec.MsgspecError as error:
        message = f"expected a job that this version can read, found another: {error}"
        raise QueueError(message, code="job-unreadable", retryable=False) from error
    outputs = job.outputs
    if mine.places:
        pairs = zip(job.outputs, mine.places, strict=True)
        outputs = tuple(_placed(output, *place) for output, place in pairs)
    return msgspec.structs.replace(
        job,
        input=mine.input,
        relative=mine.relative or os.path.basename(mine.input),
        index=mine.index,
        outputs=outputs,
    )


def fingerprint(job: Job, shared: bytes, version: str) -> str:
    """Return the digest by which two submissions are known to ask for the same thing.

    That is the input, the version of its content if that is known, and what is made of it,
    in normal form: defaults spelled out, and the day or the number of the source only if a
    path depends on them.
    """
    normal, numbered = _normalise(shared)
    number = job.index if numbered else 0
    mine = (job.input, version, job.relative, number, _literal_places(job))
    return digest_of(msgspec.json.encode(mine) + normal.encode())


def digest_of(data: bytes) -> str:
    """Return a SHA-256 in base64, 43 characters: short enough for a compact entry."""
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")


@functools.lru_cache(maxsize=256)
def _parse(shared: bytes) -> Job:
    return msgspec.json.decode(shared, type=Job)


@functools.lru_cache(maxsize=256)
def _check(shared: bytes) -> str:
    """Return the digest of a job's shared part, once all of it is known to be valid."""
    _normalise(shared)
    return digest_of(shared)


@functools.lru_cache(maxsize=256)
def _normalise(shared: bytes) -> tuple[str, bool]:
    """Return the digest of the normal form, and whether paths hold the number of the source."""
    job = _parse(shared)
    used: set[str] = set()
    outputs = []
    for output in job.outputs:
        used |= parse_template(output.path).fields
        outputs.append(
            (
                output.path,
                output.root,
                [step.fields() for step in parse_steps(output.steps)],
                _encoder_fields(output.encoder),
                output.metadata,
                output.profile,
            )
        )
    normal = (
        [step.fields() for step in parse_steps(job.steps)],
        sorted(map(msgspec.json.encode, outputs)),
        job.orient,
        job.recipe if "recipe" in used else "",
        job.date if "date" in used else "",
    )
    return digest_of(msgspec.json.encode(normal, order="deterministic")), "index" in used


def _literal_places(job: Job) -> tuple[tuple[str, str], ...]:
    """Return the places of all outputs, if none of them is a template.

    Such places are a job's own, so that jobs that differ in nothing else share the rest.
    """
    if any(parse_template(output.path).fields for output in job.outputs):
        return ()
    return tuple((output.path, output.root) for output in job.outputs)


def _placed(output: Output, path: str, root: str) -> Output:
    return msgspec.structs.replace(output, path=path, root=root)


def _encoder_fields(encoder: dict[str, object] | None) -> object:
    if encoder is None or encoder.get("format") == ORIGINAL:
        return encoder
    return parse_encoder(encoder).fields()
