"""Files on this machine, written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from imgflow.errors import SourceError, StorageError
from imgflow.source import Source
from imgflow.storage.properties import PLAIN, Properties
from imgflow.storage.spool import LARGEST_IN_MEMORY
from imgflow.storage.storage import EXPIRES, Entry
from imgflow.storage.temporary import SUFFIX, clear_stale, temporary_name
from imgflow.storage.wording import different, missing, unsupported

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from imgflow.storage.storage import Data, Method, Presigned

#: A pipe or a device that takes the place of a file must not keep us waiting for a writer.
_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


class LocalStorage:
    """Paths, absolute or relative to the working directory.

    The temporary files of processes that were killed are cleared from a folder before
    the first file is written to it.
    """

    def __init__(self) -> None:
        """Start with no folder known."""
        self._cleared: set[str] = set()
        self._writing = threading.Lock()
        self._closed = False

    def read(self, uri: str) -> Source:
        """Read a file, or point at it if it is large; says clearly why it cannot."""
        return _open(uri, LARGEST_IN_MEMORY)

    def locate(self, uri: str) -> Source:
        """Point at a file of any size, for who needs its header only."""
        return _open(uri, -1)

    def write(self, uri: str, data: Data, properties: Properties = PLAIN) -> Entry:
        """Write to a temporary file in the same folder, then rename it over the target.

        A file that is replaced leaves its permissions to the new one, and its owner where that
        is allowed; else the umask says. A link at ``uri`` is replaced by the file: nothing is
        ever written through it. Of ``properties``, only
        ``if_absent`` means anything here.
        """

        def fill(path: str) -> None:
            with open(path, "xb") as file:
                file.write(data)

        return self._publish(uri, fill, if_absent=properties.if_absent)

    def copy(self, source: str, target: str) -> Entry:
        """Copy a file inside the system, whole or not at all."""
        from shutil import copyfile

        place = self.locate(source).path or source

        def fill(path: str) -> None:
            copyfile(place, path)

        return self._publish(target, fill, if_absent=False)

    def presign(
        self,
        uri: str,
        *,
        method: Method = "GET",  # noqa: ARG002
        expires: int = EXPIRES,  # noqa: ARG002
        content_type: str = "",  # noqa: ARG002
        content_length: int | None = None,  # noqa: ARG002
    ) -> Presigned:
        """Refuse: nobody else can reach a file here."""
        raise unsupported(uri, "presigned URLs")

    def _publish(self, uri: str, fill: Callable[[str], None], *, if_absent: bool) -> Entry:
        """Have a temporary file filled, and give it its name; raises StorageError."""
        with self._writing:
            if self._closed:
                message = f"{uri}: not written, the run was stopped"
                raise StorageError(message, code="storage-closed", retryable=False)
            try:
                kept = self._write(uri, fill, if_absent=if_absent)
                info = os.stat(uri)
            except (OSError, ValueError) as error:
                message = f"{uri}: cannot be written: {_reason(error)}"
                raise StorageError(message, code="write-failed") from error
        return _entry(uri, info)._replace(kept=kept)

    def stat(self, uri: str) -> Entry | None:
        """Return size and time of a file, or None if there is none."""
        try:
            info = os.stat(uri)
        except (OSError, ValueError):
            return None
        return _entry(uri, info) if stat.S_ISREG(info.st_mode) else None

    def list(self, uri: str, prefix: str = "") -> Iterator[Entry]:
        """Walk a folder in the order of names; temporary files are left out."""
        start = os.path.join(uri, "") + prefix
        for folder, folders, names in os.walk(uri):
            folders.sort()
            for name in sorted(names):
                path = os.path.join(folder, name)
                if name.endswith(SUFFIX) or not path.startswith(start):
                    continue
                if entry := self.stat(path):
                    yield entry

    def delete(self, uri: str) -> None:
        """Remove a file if it is there."""
        try:
            os.unlink(uri)
        except FileNotFoundError:
            return
        except OSError as error:
            message = f"{uri}: cannot be deleted: {_reason(error)}"
            raise StorageError(message, code="delete-failed") from error

    def close(self) -> None:
        """Finish the file that is being written by another thread, and refuse all others."""
        with self._writing:
            self._closed = True

    def _write(self, uri: str, fill: Callable[[str], None], *, if_absent: bool) -> bool:
        """Have a file filled and given its name; tell whether the same one was there."""
        folder = os.path.dirname(uri)
        if folder not in self._cleared:
            os.makedirs(folder or ".", exist_ok=True)
            clear_stale(folder or ".")
            self._cleared.add(folder)
        temporary = os.path.join(folder, temporary_name())
        try:
            fill(temporary)
            if if_absent:
                return _settle(temporary, uri)
            _take_over(temporary, uri)
            os.replace(temporary, uri)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise
        return False


def _take_over(temporary: str, uri: str) -> None:
    """Give a temporary file the permissions and the owner of the file that it replaces."""
    try:
        info = os.stat(uri, follow_symlinks=False)
    except OSError:
        return
    if not stat.S_ISREG(info.st_mode):
        return
    own = os.stat(temporary)
    if (own.st_uid, own.st_gid) != (info.st_uid, info.st_gid):
        with contextlib.suppress(OSError):
            os.chown(temporary, info.st_uid, info.st_gid)
    os.chmod(temporary, stat.S_IMODE(info.st_mode))


def _settle(temporary: str, uri: str) -> bool:
    """Give a temporary file its name unless there is a file; tell whether the same one was."""
    from filecmp import cmp

    found = False
    try:
        os.link(temporary, uri)
    except OSError:  # there is a file, or the file system has no links
        if not os.path.lexists(uri):
            os.replace(temporary, uri)
            return False
        if not cmp(temporary, uri, shallow=False):
            sizes = os.stat(temporary).st_size, os.stat(uri).st_size
            raise different(uri, *sizes) from None
        found = True
    os.unlink(temporary)
    return found


def _entry(uri: str, info: os.stat_result) -> Entry:
    return Entry(uri, info.st_size, modified=datetime.fromtimestamp(info.st_mtime, UTC))


def _open(uri: str, most: int) -> Source:
    """Check that a path is a readable file; read it unless it is longer than ``most``."""
    try:
        uri.encode()
        _check_is_file(uri, os.stat(uri))
        with open(uri, "rb", opener=lambda path, _: os.open(path, _READ)) as file:
            info = os.fstat(file.fileno())
            _check_is_file(uri, info)
            if info.st_size > most:
                return Source(uri, path=uri)
            return Source(uri, data=file.read())
    except FileNotFoundError as error:
        message = missing(uri)
        if os.path.islink(uri):
            message = f"{uri}: expected an image file, found a link to nothing"
        raise SourceError(message, code="source-missing") from error
    except UnicodeEncodeError as error:
        name = os.fsencode(uri).decode(errors="backslashreplace")
        message = f"{name}: expected a file name in UTF-8, found other bytes; rename the file"
        raise SourceError(message, code="source-bad-name") from error
    except (OSError, ValueError) as error:
        message = f"{uri}: expected a readable file, found: {_reason(error)}"
        raise SourceError(message, code="source-unreadable") from error


def _check_is_file(uri: str, info: os.stat_result) -> None:
    if not stat.S_ISREG(info.st_mode):
        found = "something that is no file"
        if stat.S_ISDIR(info.st_mode):
            readable = os.access(uri, os.R_OK | os.X_OK)
            found = "a folder" if readable else "a folder that may not be read"
        message = f"{uri}: expected an image file, found {found}"
        raise SourceError(message, code="source-not-a-file")


def _reason(error: OSError | ValueError) -> str:
    """Return the words of the system for what went wrong, without the path."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
