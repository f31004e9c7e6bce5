"""What a ledger remembers; all paths are names below its home."""

from __future__ import annotations

import msgspec

from imgflow.job import Result, Written
from imgflow.state.stamp import Stamp


class SourceRecord(msgspec.Struct, frozen=True):
    """The SHA-256 that a file had while it had this stamp."""

    path: str
    stamp: Stamp
    digest: str


class OutputRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """A file that was made; without a ``stamp`` only its bytes can tell that it is still there."""

    written: Written
    stamp: Stamp | None = None

    @property
    def path(self) -> str:
        """The name of the file."""
        return self.written.path

    @property
    def sha256(self) -> str:
        """The digest of its bytes, in hex."""
        return self.written.sha256


class JobRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was made of a source, and of what: the digests of its bytes and of the terms.

    ``names`` are what the paths of its outputs took from the name and the number of the
    source. ``result`` is what the job came to, without its outputs; its ``seconds`` are those
    that the work took, 0 if it was done elsewhere.
    """

    source: str
    key: str
    digest: str
    terms: str
    names: dict[str, str] = {}
    outputs: tuple[OutputRecord, ...]
    result: Result
