"""The header ``Idempotency-Key``: a request that is repeated is done once."""

from __future__ import annotations

import hashlib
import re
import uuid
from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec

from imgflow.queue.policy import DAY
from imgflow.server.problems import Refused
from imgflow.server.replies import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from imgflow.server.desk import Call

    NewId = Callable[[int], str]

HEADER = "idempotency-key"
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_NAMESPACE = uuid.UUID("5f0c3a52-6d52-4f1c-9d8e-2f6a0a6f1c11")


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    """A reply as it is kept."""

    status: int
    body: bytes
    headers: dict[str, str]


def once(call: Call, work: Callable[[Call, NewId], Reply]) -> Reply:
    """Do a request's work, or give the reply again that the same request had under its key.

    The ids of its jobs follow from the key: should this process die before the reply is kept,
    the repeated request finds the jobs that were queued, and queues the others. Raises Refused
    if the key is at work, or was used for another request.
    """
    key = call.headers.get(HEADER)
    if key is None:
        return work(call, lambda _: str(uuid.uuid4()))
    key = _checked(key)
    name = hashlib.sha256(key.encode()).hexdigest()
    digest = hashlib.sha256(b"%s\n%s" % (call.path.encode(), call.body)).hexdigest()
    queue = call.desk.queue
    known = queue.remember(call.tenant, name, digest)
    if not known.same:
        message = "Idempotency-Key: expected a new key for a new request, found one that was used"
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "idempotency-key-reused", message)
    if known.reply is not None:
        kept = msgspec.json.decode(known.reply, type=_Kept)
        return Reply(kept.status, kept.body, {**kept.headers, "Idempotency-Replayed": "true"})
    if not known.fresh:
        message = "Idempotency-Key: the first request with this key is still at work"
        raise Refused(
            HTTPStatus.CONFLICT, "idempotency-key-in-flight", message, {"Retry-After": "1"}
        )

    def new_id(number: int) -> str:
        return str(uuid.uuid5(_NAMESPACE, f"{call.tenant}\n{name}\n{digest}\n{number}"))

    try:
        reply = work(call, new_id)
    except Exception:
        queue.forget(call.tenant, name)
        raise
    kept = _Kept(reply.status, reply.body, dict(reply.headers))
    queue.keep_reply(call.tenant, name, digest, msgspec.json.encode(kept), DAY)
    return reply


def _checked(key: str) -> str:
    """Return a key without the quotes that the draft has around it."""
    bare = key[1:-1] if len(key) > 1 and key[0] == key[-1] == '"' else key
    if not _KEY.fullmatch(bare):
        message = "Idempotency-Key: expected 1 to 255 printable characters without spaces"
        raise Refused(HTTPStatus.BAD_REQUEST, "bad-idempotency-key", message)
    return bare
