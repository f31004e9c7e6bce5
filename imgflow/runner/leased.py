"""A storage that writes only while the lease of its job holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.errors import StorageError
from imgflow.runner.watched import WatchedStorage

if TYPE_CHECKING:
    from imgflow.runner.board import Berth, Board
    from imgflow.storage import Storage

#: The code of the error: the job was not done, and nothing is wrong with it.
LEASE_LOST = "lease-lost"


class LeasedStorage(WatchedStorage):
    """Passes everything on, but changes nothing for a job that may be somebody else's by now.

    The lease is looked at right before each write, copy or deletion, not while it goes on.
    What remains is the time from that look to the moment at which the storage below makes the
    data visible (for files: the write of a temporary file and its renaming). A process that
    is halted within it, for longer than the margin by which deadlines are earlier than the
    end of the lease, still publishes when it goes on: a whole file, made from the
    same source by the same steps as that of its successor. It can publish this one file
    only, as it looks again before the next.
    """

    def __init__(self, storage: Storage, board: Board, berth: Berth) -> None:
        """Change ``storage`` as long as ``berth`` is good."""
        super().__init__(storage)
        self._board = board
        self._berth = berth

    def check_change(self, uri: str) -> None:
        """Raise StorageError with the code ``lease-lost`` if the lease does not hold."""
        if not self._board.is_good(self._berth):
            message = (
                f"{uri}: not written, the lease of the job ran out or was taken back; "
                "another worker takes it over"
            )
            raise StorageError(message, code=LEASE_LOST, retryable=True)
