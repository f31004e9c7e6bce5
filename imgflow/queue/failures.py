"""From the errors of the Redis client to ours."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from imgflow.errors import QueueError

if TYPE_CHECKING:
    from collections.abc import Iterator

#: First words of replies of the server that have no class of their own in the client.
_FULL, _DENIED, _BROKEN_DISK = "OOM", "NOPERM", "MISCONF"


@contextlib.contextmanager
def reported(what: str = "the queue") -> Iterator[None]:
    """Raise QueueError in place of an error of the client."""
    from redis import exceptions

    try:
        yield
    except (exceptions.AuthenticationError, exceptions.NoPermissionError) as error:
        message = f"{what}: expected a user who may do this, the server says: {error}"
        raise QueueError(message, code="queue-denied", retryable=False) from error
    except exceptions.OutOfMemoryError as error:
        message = f"{what} is full: expected memory to spare, found none; try again later"
        raise QueueError(message, code="queue-full") from error
    except (
        exceptions.ConnectionError,
        exceptions.TimeoutError,
        exceptions.RedisClusterException,
        exceptions.ClusterError,
        OSError,
    ) as error:
        message = f"{what}: expected a Redis server that answers, found: {error}"
        raise QueueError(message, code="queue-unreachable") from error
    except exceptions.ResponseError as error:
        raise _refusal(what, error) from error
    except exceptions.RedisError as error:
        message = f"{what}: the Redis client failed: {error}"
        raise QueueError(message, code="queue-failed") from error


def _refusal(what: str, error: Exception) -> QueueError:
    """Tell the server's refusals apart by their code, the first word of the reply."""
    word = str(error).partition(" ")[0]
    if word == _FULL:
        message = f"{what} is full: expected memory to spare, found none; try again later"
        return QueueError(message, code="queue-full")
    if word == _BROKEN_DISK:
        message = f"{what}: the server cannot write to its disk, and refuses to: {error}"
        return QueueError(message, code="queue-disk")
    if word == _DENIED:
        message = f"{what}: expected a user who may do this, the server says: {error}"
        return QueueError(message, code="queue-denied", retryable=False)
    return QueueError(f"{what}: the server refused: {error}", code="queue-failed")
