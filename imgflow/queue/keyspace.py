"""The ground that all roles of a queue stand on: a client, a name, rules, scripts."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from imgflow.errors import QueueError, UsageError
from imgflow.queue.connection import check_fsync
from imgflow.queue.failures import reported
from imgflow.queue.policy import DEFAULT_POLICY, Policy
from imgflow.queue.records import texts
from imgflow.queue.scripts import Scripts
from imgflow.queue.times import retention

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgflow.queue.connection import Client

#: Jobs in one call of a script: the server does nothing else meanwhile (500: about 10 ms).
CHUNK = 500
#: Seconds that a reply may be put off for, which must come before the client loses patience.
LONGEST_WAIT = 4.0
#: Seconds to wait for the disk, where that is asked for.
_FSYNC_SECONDS = 3.0
_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Keyspace:
    """One queue on one server. Safe to share between threads."""

    def __init__(
        self,
        client: Client,
        name: str = "default",
        policy: Policy = DEFAULT_POLICY,
        *,
        fsync: bool = False,
    ) -> None:
        """Take a client from ``connect``; with ``fsync`` a receipt means: on disk.

        All processes of a queue are meant to have the same policy. Raises UsageError for a
        name other than letters, digits and ``. _ -``, QueueError if the server cannot fsync.
        """
        if not _NAME.fullmatch(name):
            message = f"queue: expected a name of letters, digits and . _ -, found {name!r}"
            raise UsageError(message, code="bad-queue-name")
        if fsync:
            check_fsync(client)
        self.name = name
        self.policy = policy
        self.client = client
        self.root = f"{{imgflow:{name}}}:"
        self.scripts = Scripts(client, self.root, _FSYNC_SECONDS if fsync else None)
        self.kept = retention(policy)
        self._recipe = functools.lru_cache(maxsize=256)(self._fetch_recipe)

    def key(self, name: str) -> str:
        """Return the full name of a key."""
        return self.root + name

    def shared_part(self, digest: str) -> bytes:
        """Return what jobs share, by its digest; raises QueueError if it is gone."""
        return self._recipe(digest)

    def look(self, ids: Sequence[str]) -> list[dict[str, bytes]]:
        """Return the entries of jobs; those of unknown ones are empty."""
        entries = []
        for start in range(0, len(ids), CHUNK):
            replies = self.scripts.run("look", *self.kept, *ids[start : start + CHUNK])
            entries += [texts(reply) for reply in replies]
        return entries

    def _fetch_recipe(self, digest: str) -> bytes:
        with reported():
            text = self.client.get(self.key("recipe:" + digest))
        if text is None:
            message = "expected the recipe of this job in the queue, found it gone"
            raise QueueError(message, code="recipe-lost", retryable=False)
        return bytes(text)
