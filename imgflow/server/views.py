"""What streams tell: jobs one by one, and the whole queue at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from imgflow.errors import QueueError
from imgflow.queue import FINAL
from imgflow.server.problems import explain
from imgflow.server.replies import show_status
from imgflow.server.streams import Event, event

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from imgflow.queue import Queue

OVERVIEW = "overview"
_LISTED = 20


class Views:
    """Looks at one queue."""

    def __init__(self, queue: Queue) -> None:
        """Keep the queue."""
        self._queue = queue

    def jobs(self, ids: Sequence[str]) -> Mapping[str, Event]:
        """Return the state of jobs; of one that is forgotten by now, that it is gone."""
        found = {}
        for job_id, status in zip(ids, self._queue.status(ids), strict=True):
            if status is None:
                found[job_id] = event("gone", b"{}", last=True)
            else:
                data = msgspec.json.encode(show_status(status))
                found[job_id] = event("status", data, last=status.status in FINAL)
        return found

    def overview(self, subjects: Sequence[str]) -> Mapping[str, Event]:
        """Return figures and the newest jobs, or the trouble there is with the queue."""
        try:
            shown = {
                "stats": self._queue.stats(),
                "running": [show_status(one) for one in self._queue.running(_LISTED)],
                "recent": [show_status(one) for one in self._queue.recent(_LISTED)],
                "failed": [show_status(one) for one in self._queue.failed(0, _LISTED)],
            }
        except QueueError as error:
            heard = event("trouble", explain(error).body)
        else:
            heard = event(OVERVIEW, msgspec.json.encode(shown))
        return dict.fromkeys(subjects, heard)
