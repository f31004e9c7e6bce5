"""Files on this machine, written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from imgflow.errors import SourceError, StorageError
from imgflow.source import Source
from imgflow.storage.storage import Entry

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Files above this size are mapped by libvips and never read into Python.
LARGEST_IN_MEMORY = 32_000_000
_SUFFIX = ".imgflow-tmp"


class LocalStorage:
    """Paths, absolute or relative to the working directory."""

    def read(self, uri: str) -> Source:
        """Read a file, or point at it if it is large; says clearly why it cannot."""
        try:
            info = os.stat(uri)
            if not stat.S_ISREG(info.st_mode):
                found = "a folder" if stat.S_ISDIR(info.st_mode) else "something that is no file"
                message = f"{uri}: expected an image file, found {found}"
                raise SourceError(message, code="source-not-a-file")
            with open(uri, "rb") as file:
                if info.st_size > LARGEST_IN_MEMORY:
                    return Source(uri, path=uri)
                return Source(uri, data=file.read())
        except FileNotFoundError as error:
            found = "a link to nothing" if Path(uri).is_symlink() else "nothing there"
            message = f"{uri}: expected an image file, found {found}"
            raise SourceError(message, code="source-missing") from error
        except OSError as error:
            message = f"{uri}: expected a readable file, found: {error.strerror}"
            raise SourceError(message, code="source-unreadable") from error

    def write(self, uri: str, data: bytes) -> None:
        """Write to a temporary file in the same folder, then rename it over the target."""
        folder, name = os.path.split(uri)
        temporary = os.path.join(folder, temporary_name(name))
        try:
            if folder:
                os.makedirs(folder, exist_ok=True)
            try:
                with open(temporary, "xb") as file:
                    file.write(data)
                os.replace(temporary, uri)
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(temporary)
                raise
        except OSError as error:
            message = f"{uri}: cannot be written: {error.strerror}"
            raise StorageError(message, code="write-failed") from error

    def stat(self, uri: str) -> Entry | None:
        """Return the size of a file, or None if there is none."""
        try:
            return Entry(uri, os.stat(uri).st_size)
        except OSError:
            return None

    def list(self, uri: str) -> Iterator[Entry]:
        """Walk a folder in the order of names; temporary files are left out."""
        for folder, folders, names in os.walk(uri):
            folders.sort()
            for name in sorted(names):
                path = os.path.join(folder, name)
                if not name.endswith(_SUFFIX) and (entry := self.stat(path)):
                    yield entry

    def delete(self, uri: str) -> None:
        """Remove a file if it is there."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(uri)


def temporary_name(name: str) -> str:
    """Return a hidden name that tells which process of which machine writes it."""
    return f".{name[:100]}.{socket.gethostname()}.{os.getpid()}.{secrets.token_hex(4)}{_SUFFIX}"
