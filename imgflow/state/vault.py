"""Outputs kept by what they were made of, in a folder or bucket that machines share.

``records/<key>`` says what a job came to, ``objects/<sha256>`` are its files.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from imgflow.errors import SourceError, StorageError
from imgflow.state.records import JobRecord, OutputRecord
from imgflow.storage import Properties
from imgflow.uris import is_remote

if TYPE_CHECKING:
    from collections.abc import Callable

    from imgflow.state.home import Home
    from imgflow.storage import Storage

_ABSENT = Properties(if_absent=True, content_type="application/octet-stream")
_PLAIN = Properties(content_type="application/json")
#: Requests for one job at a time.
_AT_ONCE = 8


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
        self._root = root.rstrip("/")
        self.is_far = is_remote(self._root)

    def fetch(self, key: str) -> Parcel | None:
        """Return what is kept under a key, None if it is not there or not whole.

        Raises StorageError if the store cannot be reached.
        """
        body = self._read(f"records/{key}")
        made = _opened(body, key) if body is not None else None
        if made is None:
            return None
        files = self._each(self._object, made.outputs)
        whole = tuple(file for file in files if file is not None)
        return Parcel(made, whole) if len(whole) == len(made.outputs) else None

    def keep(self, made: JobRecord, home: Home) -> bool:
        """Keep what was made, files first; tell whether the files still were what was made."""

        def put(output: OutputRecord) -> bytes | None:
            with open(home.path(output.path), "rb") as file:
                data = file.read()
            if hashlib.sha256(data).hexdigest() != output.sha256:
                return None
            self._put(f"{self._root}/objects/{output.sha256}", data)
            return data

        try:
            if None in self._each(put, made.outputs):
                return False
        except OSError:
            return False
        plain = [msgspec.structs.replace(output, stamp=None) for output in made.outputs]
        text = msgspec.json.encode(msgspec.structs.replace(made, outputs=tuple(plain)))
        envelope = _Envelope(hashlib.sha256(text).hexdigest(), msgspec.Raw(text))
        self._storage.write(
            f"{self._root}/records/{made.key}", msgspec.json.encode(envelope), _PLAIN
        )
        return True

    def _object(self, output: OutputRecord) -> bytes | None:
        data = self._read(f"objects/{output.sha256}")
        same = data is not None and hashlib.sha256(data).hexdigest() == output.sha256
        return data if same else None

    def _read(self, name: str) -> bytes | None:
        try:
            return self._storage.read(f"{self._root}/{name}").read()
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

    def _each(
        self, work: Callable[[OutputRecord], bytes | None], outputs: tuple[OutputRecord, ...]
    ) -> list[bytes | None]:
        """Do something for each output: far away side by side."""
        if len(outputs) < 2 or not is_remote(self._root):  # noqa: PLR2004 - nothing to be had
            return list(map(work, outputs))
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(min(len(outputs), _AT_ONCE)) as pool:
            return list(pool.map(work, outputs))


def _opened(body: bytes, key: str) -> JobRecord | None:
    try:
        envelope = msgspec.json.decode(body, type=_Envelope)
        made = msgspec.json.decode(envelope.record, type=JobRecord)
    except msgspec.DecodeError:
        return None
    whole = hashlib.sha256(envelope.record).hexdigest() == envelope.sha256
    return made if whole and made.key == key else None
