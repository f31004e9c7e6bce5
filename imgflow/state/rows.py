"""Rows of JSON in one SQLite file that several processes may write, and may die writing.

The file has a rollback journal: a write-ahead log needs memory that processes share, which
network file systems do not have, and leaves files beside the one that is carried away.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import zlib
from typing import TYPE_CHECKING

from imgflow.errors import StorageError
from imgflow.storage import LocalStorage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    #: What a row is about, whose it is, and its name.
    Key = tuple[str, str, str]

#: The number changes with the form of the rows: another version of imgflow keeps its own.
NAME = "ledger-1.sqlite"
#: Seconds that another process may take to write.
PATIENCE = 30.0
_TABLE = """
CREATE TABLE IF NOT EXISTS rows (
    kind TEXT NOT NULL, scope TEXT NOT NULL, name TEXT NOT NULL,
    body BLOB NOT NULL, checksum INTEGER NOT NULL,
    PRIMARY KEY (kind, scope, name)
)
"""
_SELECT = "SELECT kind, scope, name, body, checksum FROM rows"
#: What goes wrong inside the file; all else goes wrong around it.
_RUINED = {
    sqlite3.SQLITE_CONSTRAINT,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_ERROR,
    sqlite3.SQLITE_FORMAT,
    sqlite3.SQLITE_MISMATCH,
    sqlite3.SQLITE_NOTADB,
    sqlite3.SQLITE_SCHEMA,
}
_PRIMARY = 0xFF


def is_writable(folder: str) -> bool:
    """Tell whether a folder for rows may be written to, or be made."""
    place = folder
    while not os.path.lexists(place) and os.path.dirname(place) != place:
        place = os.path.dirname(place)
    path = os.path.join(folder, NAME)
    may_write = not os.path.lexists(path) or os.access(path, os.W_OK)
    return may_write and os.path.isdir(place) and os.access(place, os.W_OK | os.X_OK)


class Rows:
    """The rows of one folder; nothing is written before :meth:`write`.

    A file that is damaged counts as empty, and a row that is damaged as none: what they say
    can be found out again.
    """

    def __init__(self, folder: str) -> None:
        """Take a folder, which need not be there."""
        self._folder = folder
        self._path = os.path.join(folder, NAME)
        self._connection: sqlite3.Connection | None = None

    def load(self) -> dict[Key, bytes]:
        """Return all sound rows; raises StorageError if the file cannot be read."""
        if not os.path.isfile(self._path):
            return {}
        try:
            with contextlib.closing(self._connect()) as connection:
                rows = connection.execute(_SELECT).fetchall()
        except (sqlite3.Error, UnicodeDecodeError) as error:
            if self._is_ruined(error):
                return {}
            raise self._unusable(error) from error
        return {
            (kind, scope, name): body
            for kind, scope, name, body, checksum in rows
            if isinstance(body, bytes) and checksum == _checksum(kind, scope, name, body)
        }

    def write(self, puts: Mapping[Key, bytes], gone: Iterable[Key] = ()) -> None:
        """Put rows and drop others, all at once or not at all; raises StorageError."""
        try:
            try:
                self._write(puts, gone)
            except (sqlite3.Error, UnicodeDecodeError) as error:
                if not self._is_ruined(error):
                    raise
                self._begin_again()
                self._write(puts, gone)
        except (sqlite3.Error, UnicodeDecodeError, OSError) as error:
            raise self._unusable(error) from error

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _write(self, puts: Mapping[Key, bytes], gone: Iterable[Key]) -> None:
        if self._connection is None:
            self._prepare()
            self._connection = self._connect()
            self._connection.execute(_TABLE)
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.executemany(
                "DELETE FROM rows WHERE kind = ? AND scope = ? AND name = ?", list(gone)
            )
            connection.executemany(
                "INSERT OR REPLACE INTO rows VALUES (?, ?, ?, ?, ?)",
                [(*key, body, _checksum(*key, body)) for key, body in puts.items()],
            )
            connection.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            raise

    def _prepare(self) -> None:
        """Make the folder, which git is told to leave alone."""
        os.makedirs(self._folder, exist_ok=True)
        ignore = os.path.join(self._folder, ".gitignore")
        if not os.path.exists(ignore):
            LocalStorage().write(ignore, b"*\n")

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=PATIENCE, isolation_level=None)
        connection.text_factory = _text
        return connection

    def _begin_again(self) -> None:
        """Remove a damaged file, its journal first: it must not be played into the new one."""
        self.close()
        for path in (f"{self._path}-journal", self._path):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)

    def _is_ruined(self, error: Exception) -> bool:
        """Tell damage from what is wrong with the disk or the rights to it.

        A file whose header names a format of the future is read-only to SQLite.
        """
        if isinstance(error, UnicodeDecodeError):  # in a name of SQLite's own
            return True
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_MISUSE) & _PRIMARY
        if code == sqlite3.SQLITE_READONLY:
            return os.access(self._path, os.W_OK) and os.access(self._folder, os.W_OK)
        return code in _RUINED

    def _unusable(self, error: Exception) -> StorageError:
        message = (
            f"{self._path}: expected a state that can be read and written, found: {error}; "
            "name another folder, or remove this one"
        )
        return StorageError(message, code="state-unusable")


def _text(data: bytes) -> str:
    """Decode a name; one that is damaged fails its checksum."""
    return data.decode(errors="replace")


def _checksum(kind: str, scope: str, name: str, body: bytes) -> int:
    return zlib.crc32(body, zlib.crc32(f"{kind}\0{scope}\0{name}".encode()))
