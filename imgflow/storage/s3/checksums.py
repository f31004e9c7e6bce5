"""Checksums: sent with what is written, and compared with what is there."""

from __future__ import annotations

import base64
import hashlib
import zlib
from typing import TYPE_CHECKING, Any, Self

from imgflow.errors import StorageError

if TYPE_CHECKING:
    from imgflow.storage.storage import Data

    Bytes = Data | memoryview

_COMPOSITE = "COMPOSITE"
_MD5_DIGITS = 32


def sha256(data: Bytes) -> str:
    """Return the SHA-256 of data as S3 writes it."""
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


def md5(data: Bytes) -> str:
    """Return the MD5 of data as S3 writes it; it is a checksum here, and no proof."""
    return base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()


def crc32(data: Bytes) -> str:
    """Return the CRC-32 of data as S3 writes it."""
    return _written(zlib.crc32(data))


class Expected:
    """What the bytes of an object must add up to, as far as the service told."""

    def __init__(self, sha: str = "", crc: str = "") -> None:
        """Expect a checksum of the whole, if there is any."""
        self._sha, self._crc = sha, crc
        self._digest, self._sum = hashlib.sha256(), 0

    @classmethod
    def told(cls, response: dict[str, Any]) -> Self:
        """Take the checksums of an answer; one of parts says nothing about the whole."""
        sha, crc = (response.get(f"Checksum{name}", "") for name in ("SHA256", "CRC32"))
        if response.get("ChecksumType") == _COMPOSITE or "-" in sha + crc:
            return cls()
        return cls(sha, crc)

    @property
    def known(self) -> bool:
        """Whether there is anything to compare with."""
        return bool(self._sha or self._crc)

    def add(self, data: Bytes) -> None:
        """Take the next bytes."""
        if self._sha:
            self._digest.update(data)
        elif self._crc:
            self._sum = zlib.crc32(data, self._sum)

    @property
    def met(self) -> bool:
        """Whether the bytes so far are all of them, and the right ones."""
        if self._sha:
            return base64.b64encode(self._digest.digest()).decode() == self._sha
        return not self._crc or _written(self._sum) == self._crc

    def check(self, uri: str) -> None:
        """Raise StorageError unless the checksum is met."""
        if not self.met:
            message = f"{uri}: expected the bytes of its checksum, found others; try again"
            raise StorageError(message, code="checksum-mismatch")


def is_same(data: Data, head: dict[str, Any]) -> bool | None:
    """Tell from the answer to a HEAD if an object is ``data``; None if it does not say."""
    if head["ContentLength"] != len(data):
        return False
    expected = Expected.told(head)
    if expected.known:
        expected.add(data)
        return expected.met
    etag = head.get("ETag", "").strip('"')
    if len(etag) == _MD5_DIGITS and "aws:kms" not in head.get("ServerSideEncryption", ""):
        return bool(etag == hashlib.md5(data, usedforsecurity=False).hexdigest())
    return None


def _written(crc: int) -> str:
    return base64.b64encode(crc.to_bytes(4, "big")).decode()
