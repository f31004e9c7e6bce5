"""Outputs kept by what they were made of, in a folder or bucket that machines share.

``records/<key>`` says what a job came to, ``objects/<sha256>`` are its files.
"""

from __future__ import annotations

import hashlib
import threading
from typing import TYPE_CHECKING, NamedTuple, Self

import msgspec

from imgflow.errors import SourceError, StorageError
from imgflow.state.records import JobRecord, OutputRecord
from imgflow.storage import Properties
from imgflow.uris import is_remote

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

    from imgflow.state.home import Home
    from imgflow.storage import Storage

_ABSENT = Properties(if_absent=True, content_type="application/octet-stream")
_PLAIN = Properties(content_type="application/json")
#: Jobs that are kept at one time, and how many may wait for that.
_AT_ONCE, _WAITING = 4, 64


class Parcel(NamedTuple):
    """What a job came to, and the bytes of its outputs in their order."""

    made: JobRecord
    files: tuple[bytes, ...]


class _Envelope(msgspec.Struct, frozen=True):
    """A record and its own digest: what is damaged counts as missing."""

    sha256: str
    record: msgspec.Raw


class Vault:
    """A store of outputs below ``root``, by the keys of jobs; any storage will do.

    What comes out of it is checked against its digest. Nothing is ever taken away.
    """

    def __init__(self, storage: Storage, root: str) -> None:
        """Keep files below a folder or URI; nothing is asked of it yet."""
        self._storage = storage
        self.root = root.rstrip("/")
        self.is_far = is_remote(self.root)
        self._room = threading.Semaphore(_AT_ONCE + _WAITING)
        self._threads: ThreadPoolExecutor | None = None
        self._error: BaseException | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def fetch(self, key: str) -> Parcel | None:
        """Return what is kept under a key, None if it is not there or not whole.

        May be called by several threads. Raises StorageError if the store cannot be reached.
        """
        body = self._read(f"records/{key}")
        made = _opened(body, key) if body is not None else None
        if made is None:
            return None
        files = [data for output in made.outputs if (data := self._object(output)) is not None]
        return Parcel(made, tuple(files)) if len(files) == len(made.outputs) else None

    def keep(self, made: JobRecord, home: Home) -> None:
        """Keep what was made, files first, while the caller goes on.

        Waits only where a lot is to be kept already. Files that are not what was made by then
        are not kept. After something went wrong nothing more is kept: see :meth:`settle`.
        """
        if self._error is not None:
            return
        self._room.acquire()
        if self._threads is None:
            from concurrent.futures import ThreadPoolExecutor

            self._threads = ThreadPoolExecutor(_AT_ONCE, "imgflow-keep")
        self._threads.submit(self._keep, made, home).add_done_callback(self._ended)

    def settle(self) -> None:
        """Wait until all is kept; raises the first StorageError that came of it."""
        self._end(cancel=False)
        error, self._error = self._error, None
        if error is not None:
            raise error

    def close(self) -> None:
        """Finish what is on its way, and give up what is not: no thread is left."""
        self._end(cancel=True)

    def _end(self, *, cancel: bool) -> None:
        threads, self._threads = self._threads, None
        if threads is not None:
            threads.shutdown(cancel_futures=cancel)

    def _ended(self, future: Future[None]) -> None:
        self._room.release()
        if not future.cancelled() and self._error is None:
            self._error = future.exception()

    def _keep(self, made: JobRecord, home: Home) -> None:
        if self._error is not None:
            return
        for output in made.outputs:
            try:
                with open(home.path(output.path), "rb") as file:
                    data = file.read()
            except OSError:
                return
            if hashlib.sha256(data).hexdigest() != output.sha256:
                return
            self._put(f"{self.root}/objects/{output.sha256}", data)
        plain = [msgspec.structs.replace(output, stamp=None) for output in made.outputs]
        result = msgspec.structs.replace(made.result, seconds=0.0)
        kept = msgspec.structs.replace(made, outputs=tuple(plain), result=result)
        text = msgspec.json.encode(kept)
        envelope = _Envelope(hashlib.sha256(text).hexdigest(), msgspec.Raw(text))
        self._storage.write(
            f"{self.root}/records/{made.key}", msgspec.json.encode(envelope), _PLAIN
        )

    def _object(self, output: OutputRecord) -> bytes | None:
        data = self._read(f"objects/{output.sha256}")
        same = data is not None and hashlib.sha256(data).hexdigest() == output.sha256
        return data if same else None

    def _read(self, name: str) -> bytes | None:
        try:
            return self._storage.read(f"{self.root}/{name}").read()
        except SourceError:
            return None

    def _put(self, uri: str, data: bytes) -> None:
        """Write an object unless it is there; one that is damaged is replaced."""
        try:
            self._storage.write(uri, data, _ABSENT)
        except StorageError as error:
            if error.code != "object-differs":
                raise
            self._storage.write(uri, data)


def _opened(body: bytes, key: str) -> JobRecord | None:
    try:
        envelope = msgspec.json.decode(body, type=_Envelope)
        made = msgspec.json.decode(envelope.record, type=JobRecord)
    except msgspec.DecodeError:
        return None
    whole = hashlib.sha256(envelope.record).hexdigest() == envelope.sha256
    return made if whole and made.key == key else None
