"""The ledger: what was made, of what, and what the files looked like then."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple, Self, TypeVar

import msgspec

from imgflow.job import Result
from imgflow.state.home import Home
from imgflow.state.records import JobRecord, OutputRecord, SourceRecord
from imgflow.state.rows import Rows
from imgflow.state.stamp import (
    TICK,
    Fingerprint,
    Stamp,
    is_settled,
    read_stamp,
    take_fingerprint,
)
from imgflow.state.terms import Terms, TermsReader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgflow.job import Job
    from imgflow.state.rows import Key

    Record = TypeVar("Record")

#: Seconds that what was recorded may stay in memory alone.
_LAG = 0.25
_JOB, _SOURCE, _LEFT, _TERMS = "job", "source", "left", "terms"
_FAILED, _SHARED = "failed", "shared"


class Glimpse(NamedTuple):
    """What a source, and the terms of its job, looked like when the job was judged.

    The digest of the source is there where its stamp is not enough to tell.
    """

    stamp: Stamp
    terms: str
    digest: str = ""


class Ledger:
    """What one recipe made; to be closed, and not to be handed to other processes.

    All rows are read at once, and nothing is locked after that. What another process records
    meanwhile is not seen; it stays, unless this one records the same job. A ledger never
    speaks for a file without a look at it: see :func:`imgflow.state.judge`.
    """

    def __init__(self, folder: str, home: str, scope: str, *, writable: bool = True) -> None:
        """Read what is in ``folder``; ``home`` is what paths are relative to.

        ``scope`` tells the recipes apart that share a folder. What is not ``writable`` is
        never written to, not even made. Raises StorageError with the code ``state-unusable``.
        """
        self.home = Home(home)
        self.scope = scope
        self._writable = writable
        self._rows = Rows(folder)
        self._known = self._rows.load()
        self._puts: dict[Key, bytes] = {}
        self._gone: set[Key] = set()
        self._terms = TermsReader(self.home)
        self._glimpses: dict[str, Glimpse] = {}
        self._unsettled: deque[tuple[float, str]] = deque()
        self._written_at = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def lookup(self, source: str) -> JobRecord | None:
        """Return what was made of a source, by its path."""
        return self._get((_JOB, self.scope, self.home.name(source)), JobRecord)

    def all(self) -> Iterator[JobRecord]:
        """Yield everything that was made by this recipe."""
        for kind, scope, name in list(self._known):
            record = self._get((kind, scope, name), JobRecord) if kind == _JOB else None
            if record and scope == self.scope:
                yield record

    def left(self) -> Iterator[OutputRecord]:
        """Yield the files that this recipe made of what it has made something else of since."""
        for key in list(self._known):
            record = self._get(key, OutputRecord) if key[:2] == (_LEFT, self.scope) else None
            if record:
                yield record

    def claimed(self) -> set[str]:
        """Return the names of all files that other recipes have made."""
        records = (
            self._get(key, JobRecord)
            for key in self._known
            if key[0] == _JOB and key[1] != self.scope
        )
        return {output.path for record in records if record for output in record.outputs}

    def record(self, made: JobRecord, terms: Terms | None = None) -> None:
        """Remember what was made of a source, in the place of what was.

        Outputs that are no longer made are remembered as left. Outputs without a stamp get one
        as soon as it can be trusted, if they still are what was recorded.
        """
        before = self._get((_JOB, self.scope, made.source), JobRecord)
        now = {output.path for output in made.outputs}
        for output in before.outputs if before else ():
            if output.path not in now:
                self._put((_LEFT, self.scope, output.path), output)
        for path in now:
            self._drop((_LEFT, self.scope, path))
        self._put((_JOB, self.scope, made.source), made)
        self._drop((_FAILED, self.scope, made.source))
        if terms:
            self._put((_TERMS, "", terms.digest), terms.body)
        if self._writable and any(output.stamp is None for output in made.outputs):
            self._unsettled.append((time.monotonic() + TICK * 2 / 1e9, made.source))
        self._keep_up()

    def fail(self, source: str, result: Result) -> None:
        """Remember that a source failed, beside what was made of it before."""
        name = self.home.name(source)
        failed = msgspec.structs.replace(result, input=name, outputs=(), seconds=0.0)
        if _is_text(name):
            self._put((_FAILED, self.scope, name), failed)
            self._keep_up()

    def failure(self, source: str) -> Result | None:
        """Return what became of a source that failed when it was last tried."""
        found = self._get((_FAILED, self.scope, self.home.name(source)), Result)
        return found and msgspec.structs.replace(found, input=source)

    def failures(self) -> Iterator[Result]:
        """Yield what became of all that failed when it was last tried."""
        for key in list(self._known):
            found = self._get(key, Result) if key[:2] == (_FAILED, self.scope) else None
            if found:
                yield msgspec.structs.replace(found, input=self.home.path(found.input))

    def forget_failure(self, source: str) -> None:
        """Forget that a source failed."""
        self._drop((_FAILED, self.scope, self.home.name(source)))

    def is_shared(self, made: JobRecord, vault: str) -> bool:
        """Tell whether what was made is known to be in a vault."""
        return self._get((_SHARED, self.scope, made.source), list[str]) == [vault, made.key]

    def share(self, made: JobRecord, vault: str) -> None:
        """Remember that what was made is in a vault."""
        self._put((_SHARED, self.scope, made.source), [vault, made.key])
        self._keep_up()

    def forget(self, source: str) -> None:
        """Forget what was made of a source."""
        self._drop((_SHARED, self.scope, self.home.name(source)))
        self._drop((_JOB, self.scope, self.home.name(source)))

    def forget_output(self, path: str) -> None:
        """Forget a file that was left."""
        self._drop((_LEFT, self.scope, self.home.name(path)))

    def terms(self, job: Job) -> Terms:
        """Return the terms of a job as they are now."""
        return self._terms.read(job)

    def old_terms(self, digest: str) -> dict[str, Any] | None:
        """Return terms that were recorded."""
        body = self._known.get((_TERMS, "", digest))
        return msgspec.json.decode(body) if body else None

    def look_at(self, job: Job) -> Glimpse | None:
        """Remember what a job starts from before it is done; None if its source is missing."""
        name, terms = self.home.name(job.input), self.terms(job).digest
        stamp = read_stamp(job.input)
        if stamp is None:
            self._glimpses.pop(name, None)
            return None
        digest = "" if is_settled(stamp) else self.digest(job.input, stamp)
        found = self._glimpses[name] = Glimpse(stamp, terms, digest)
        return found

    def glimpse(self, source: str) -> Glimpse | None:
        """Return what a source looked like when it was judged."""
        return self._glimpses.get(self.home.name(source))

    def digest(self, path: str, stamp: Stamp | None = None) -> str:
        """Return the SHA-256 of a file; it is read only if it may have changed, "" if missing."""
        key = (_SOURCE, "", self.home.name(path))
        stamp = stamp or read_stamp(path)
        known = self._get(key, SourceRecord)
        if known and known.stamp == stamp:
            return known.digest
        found = take_fingerprint(path)
        if found is None:
            return ""
        self.vouch(path, found)
        return found.digest

    def vouch(self, path: str, found: Fingerprint) -> None:
        """Remember the digest of a file, if its stamp can tell that it is still the same."""
        name = self.home.name(path)
        if found.stamp and _is_text(name):
            self._put((_SOURCE, "", name), SourceRecord(name, found.stamp, found.digest))

    def close(self) -> None:
        """Write what is not written yet."""
        while self._unsettled:
            time.sleep(max(0.0, self._unsettled[-1][0] - time.monotonic()))
            self._settle()
        self.flush()
        self._rows.close()

    def flush(self) -> None:
        """Write what was recorded; raises StorageError with the code ``state-unusable``."""
        if self._writable and (self._puts or self._gone):
            self._rows.write(self._puts, self._gone)
        self._puts, self._gone = {}, set()
        self._written_at = time.monotonic()

    def _keep_up(self) -> None:
        self._settle()
        if time.monotonic() - self._written_at > _LAG:
            self.flush()

    def _settle(self) -> None:
        while self._unsettled and self._unsettled[0][0] <= time.monotonic():
            key = (_JOB, self.scope, self._unsettled.popleft()[1])
            if made := self._get(key, JobRecord):
                outputs = tuple(map(self._stamped, made.outputs))
                self._put(key, msgspec.structs.replace(made, outputs=outputs))

    def _stamped(self, output: OutputRecord) -> OutputRecord:
        found = None if output.stamp else take_fingerprint(self.home.path(output.path))
        if found is None or found.digest != output.sha256:
            return output
        return msgspec.structs.replace(output, stamp=found.stamp)

    def _get(self, key: Key, kind: type[Record]) -> Record | None:
        body = self._known.get(key)
        try:
            return msgspec.json.decode(body, type=kind) if body is not None else None
        except msgspec.DecodeError:  # written by a version that knew more, or other, fields
            return None

    def _put(self, key: Key, record: Any) -> None:  # noqa: ANN401
        body = msgspec.json.encode(record)
        if self._known.get(key) != body:
            self._known[key] = self._puts[key] = body
            self._gone.discard(key)

    def _drop(self, key: Key) -> None:
        if self._known.pop(key, None) is not None:
            self._puts.pop(key, None)
            self._gone.add(key)


def _is_text(name: str) -> bool:
    """Tell whether a name is made of characters, and not of other bytes."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
