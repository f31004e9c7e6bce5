"""Sources too large for memory, kept in files that go with the process, however it ends."""

from __future__ import annotations

import functools
import os
import weakref
from typing import TYPE_CHECKING, Any

from imgflow.errors import StorageError
from imgflow.source import Source
from imgflow.storage.temporary import SUFFIX, clear_stale, temporary_name

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import BinaryIO

#: Sources above this size are not kept in memory: libvips maps them.
LARGEST_IN_MEMORY = 32_000_000
#: Where Linux shows the open files of a process, those without a name too.
_DESCRIPTORS = "/proc/self/fd"


def spool(uri: str, chunks: Iterable[bytes]) -> Source:
    """Return a source of some chunks, kept in a file as long as the source is.

    On Linux that file has no name in any folder, so that nothing remains of it when the
    process is killed. Elsewhere, what killed processes left is cleared before the first one.
    """
    try:
        file, path = _open()
    except OSError as error:
        raise _full(uri, error) from error
    try:
        for chunk in chunks:
            _write(uri, file, chunk)
        file.flush()
    except BaseException:
        file.close()
        raise
    return Source(uri, path=path, keeper=_Keeper(file))


class _Keeper:
    """Keeps a file open as long as somebody keeps this."""

    def __init__(self, file: BinaryIO) -> None:
        weakref.finalize(self, file.close)


def _open() -> tuple[BinaryIO, str]:
    import tempfile

    if os.path.isdir(_DESCRIPTORS):
        unnamed: Any = tempfile.TemporaryFile()  # noqa: SIM115 -- the source closes it
        return unnamed, f"{_DESCRIPTORS}/{unnamed.fileno()}"
    _clear(tempfile.gettempdir())
    prefix = temporary_name().removesuffix(SUFFIX)
    named: Any = tempfile.NamedTemporaryFile(prefix=prefix, suffix=SUFFIX)  # noqa: SIM115
    return named, named.name


@functools.cache
def _clear(folder: str) -> None:
    clear_stale(folder)


def _write(uri: str, file: BinaryIO, chunk: bytes) -> None:
    try:
        file.write(chunk)
    except OSError as error:
        raise _full(uri, error) from error


def _full(uri: str, error: OSError) -> StorageError:
    from tempfile import gettempdir

    message = (
        f"{uri}: too large for memory, and cannot be kept in {gettempdir()}: "
        f"{error.strerror}; make space there, or set TMPDIR"
    )
    return StorageError(message, code="spool-failed")
