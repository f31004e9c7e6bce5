"""Replies that are remembered under a key of the client's, so that a repeat does nothing twice."""

from __future__ import annotations

import uuid
from typing import NamedTuple

from imgflow.queue.failures import reported
from imgflow.queue.keyspace import Keyspace
from imgflow.queue.times import milliseconds

#: Seconds after which a request that never got its reply may be begun anew.
_IN_FLIGHT_SECONDS = 30


class Remembered(NamedTuple):
    """What is known of a key: ``fresh`` if nothing was, ``same`` if the request was the same.

    ``reply`` is None while the first request is still at work.
    """

    fresh: bool
    same: bool
    reply: bytes | None


class Replies(Keyspace):
    """The memory behind the header ``Idempotency-Key``."""

    def remember(self, tenant: str, key: str, body_digest: str) -> Remembered:
        """Take a key for a request, or tell what became of the one that has it."""
        nonce = uuid.uuid4().hex
        with reported():
            found = self.client.set(
                self._memory(tenant, key),
                f"{body_digest}\n{nonce}\n",
                nx=True,
                get=True,
                px=milliseconds(_IN_FLIGHT_SECONDS),
            )
        digest, taker, reply = bytes(found).split(b"\n", 2) if found else (b"", b"", b"")
        if found is None or taker.decode() == nonce:
            # With its own nonce the client repeated itself, as it does when no reply came.
            return Remembered(fresh=True, same=True, reply=None)
        return Remembered(fresh=False, same=digest.decode() == body_digest, reply=reply or None)

    def keep_reply(self, tenant: str, key: str, body_digest: str, reply: bytes, ttl: float) -> None:
        """Keep the reply to a request for ``ttl`` seconds."""
        with reported():
            value = body_digest.encode() + b"\n\n" + reply
            self.client.set(self._memory(tenant, key), value, px=milliseconds(ttl))

    def forget(self, tenant: str, key: str) -> None:
        """Free a key whose request failed: it may be sent again."""
        with reported():
            self.client.delete(self._memory(tenant, key))

    def _memory(self, tenant: str, key: str) -> str:
        return self.key(f"idem:{tenant}:{key}")
