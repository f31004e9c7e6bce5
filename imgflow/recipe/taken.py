"""Which paths are taken: exact, whatever their number, in little memory."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

    from imgflow.recipe.sources import Found

#: Paths that are kept in memory with their sources; of more, a digest is kept on the disk.
MOST_IN_MEMORY = 100_000


class Taken:
    """The paths of one output. Nothing is left behind: the system drops the file."""

    def __init__(self) -> None:
        """Start with none."""
        self._known: dict[str, Found] = {}
        self._digests: sqlite3.Connection | None = None

    def claim(self, path: str, source: Found) -> Found | str | None:
        """Take a path; return who has it already.

        That is a source, or only some words for one of very many; None if the path was free.
        """
        if (first := self._known.get(path)) is not None:
            return first
        if len(self._known) < MOST_IN_MEMORY:
            self._known[path] = source
            return None
        if self._digests is None:
            self._digests = _open()
        digest = hashlib.blake2b(path.encode(errors="surrogateescape"), digest_size=16).digest()
        added = self._digests.execute("INSERT OR IGNORE INTO taken VALUES (?)", (digest,))
        return None if added.rowcount else "another source"

    def close(self) -> None:
        """Forget all."""
        if self._digests is not None:
            self._digests.close()


def _open() -> sqlite3.Connection:
    """Return a table in a temporary file without a name."""
    import sqlite3

    table = sqlite3.connect("", isolation_level=None)
    table.execute("PRAGMA journal_mode = OFF")
    table.execute("CREATE TABLE taken (digest BLOB PRIMARY KEY) WITHOUT ROWID")
    table.execute("BEGIN")
    return table
