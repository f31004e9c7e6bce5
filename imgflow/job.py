"""Jobs and results: what the local runner, a queue and HTTP pass around, as plain JSON."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from imgflow.metadata import MetadataPolicy
from imgflow.notes import Note
from imgflow.placeholders import Placeholders
from imgflow.profiles import ProfilePolicy
from imgflow.storage import PLAIN, Properties

#: What became of a file: see :class:`Written`.
Status = Literal["written", "kept", "copied"]


class Output(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One file to make: a path template, extra steps, and one format with its options.

    ``encoder`` is flat, ``{"format": "webp", "quality": 80}``; without one the chain's last
    ``convert`` counts, and after that the format of the source. ``root`` is a folder that the
    path must stay in. ``metadata`` and ``profile`` are policies: see :mod:`imgflow.metadata`.
    ``properties`` are said of the object where it is one: its caching, its tags. ``widths`` are
    all those that the output is made in, this one by its last step: those close to the
    width of the picture or beyond it are left out, but for the largest.
    """

    path: str
    name: str = ""
    root: str = ""
    steps: tuple[dict[str, Any], ...] = ()
    encoder: dict[str, Any] | None = None
    metadata: MetadataPolicy = "copyright"
    profile: ProfilePolicy = "srgb"
    properties: Properties = PLAIN
    widths: tuple[int, ...] = ()


class Job(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One source image and what to make of it.

    ``relative`` is the path of the source below the folder that was searched: templates
    take ``{dir}`` and ``{stem}`` from it. ``date`` is the day of the
    run, YYYY-MM-DD in UTC. ``steps`` are shared by all outputs. ``facts`` asks for all that a
    manifest tells of the source; every output is then encoded, for its score and digest.
    """

    input: str
    outputs: tuple[Output, ...]
    relative: str = ""
    index: int = 0
    recipe: str = ""
    date: str = ""
    orient: bool = True
    force: bool = False
    facts: bool = False
    steps: tuple[dict[str, Any], ...] = ()
    alt: str = ""


class Written(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One file that a job made: sizes in pixels and bytes, SHA-256 in hex.

    ``status`` is ``written``, or ``kept`` for a file that was there (a content-addressed one, or
    of ``optimize`` one with these very bytes), or ``copied`` where the bytes of the source were
    better than a new encode. ``quality`` and ``chroma`` are those that were used; ``score`` is
    that of SSIMULACRA2 against the picture before it was encoded, where one was asked for, and
    ``encodes`` how many it took.
    """

    path: str
    format: str
    width: int
    height: int
    bytes: int
    sha256: str = ""
    frames: int = 1
    score: float | None = None
    quality: int | str = ""
    chroma: str = ""
    encodes: int = 1
    name: str = ""
    status: Status = "written"
    notes: tuple[Note, ...] = ()


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Why a job failed; ``code`` is stable, ``retryable`` says if trying again can help."""

    code: str
    message: str
    retryable: bool = False


class SourceFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What a source is: its size in pixels when upright, its format, its SHA-256 in hex.

    The placeholders are those of the picture that the shared steps of the job make.
    """

    width: int
    height: int
    format: str
    digest: str
    placeholders: Placeholders


class Result(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of a job; ``seconds`` is the time it took in its worker.

    ``source`` is there if the job asked for ``facts``.
    """

    status: Literal["completed", "failed"]
    input: str
    input_bytes: int = 0
    outputs: tuple[Written, ...] = ()
    notes: tuple[Note, ...] = ()
    error: Failure | None = None
    seconds: float = 0.0
    source: SourceFacts | None = None
