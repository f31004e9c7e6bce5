"""The atomic steps of a queue: Lua scripts, loaded once, run by digest."""

from __future__ import annotations

import functools
import hashlib
import importlib.resources
import re
from typing import TYPE_CHECKING, Any

from imgflow.queue.failures import reported

if TYPE_CHECKING:
    from imgflow.queue.connection import Client

#: Commands and the spaces around them that a script does without.
_COMMENT = re.compile(r"^\s*--.*\n|^\s+", re.MULTILINE)


class Scripts:
    """The scripts of one queue, whose keys all begin with ``root``.

    Every script may be repeated when its reply was lost: the client retries by itself.
    """

    def __init__(self, client: Client, root: str, fsync_timeout: float | None = None) -> None:
        """Take the client; with a time-out in seconds, ``durable`` waits for the disk."""
        self._client = client
        self._root = root
        self._fsync_timeout = fsync_timeout

    def run(self, name: str, *arguments: str | bytes | int, durable: bool = False) -> Any:  # noqa: ANN401
        """Run a script; raises QueueError if the server is away, full or refuses.

        ``durable`` marks a promise to somebody outside: if the queue was asked to, it waits
        until what was written is on disk.
        """
        from redis.exceptions import NoScriptError

        text, digest = load_script(name)
        with reported():
            try:
                return self._evaluate("EVALSHA", digest, arguments, durable=durable)
            except NoScriptError:
                return self._evaluate("EVAL", text, arguments, durable=durable)

    def _evaluate(
        self, command: str, script: str, arguments: tuple[str | bytes | int, ...], *, durable: bool
    ) -> Any:  # noqa: ANN401
        words = (command, script, 1, self._root, *arguments)
        if not durable or self._fsync_timeout is None:
            return self._client.execute_command(*words)
        with self._client.pipeline(transaction=False) as pipeline:
            pipeline.execute_command(*words)
            pipeline.execute_command("WAITAOF", 1, 0, int(self._fsync_timeout * 1000))
            reply, (synced, _) = pipeline.execute()
        if not synced:
            message = f"not on disk after {self._fsync_timeout:g} s"
            raise TimeoutError(message)
        return reply


@functools.cache
def load_script(name: str) -> tuple[str, str]:
    """Return the text of a script, what all scripts share before its own part, and its digest."""
    folder = importlib.resources.files(__package__) / "lua"
    shebang, _, body = (folder / f"{name}.lua").read_text().partition("\n")
    shared = (folder / "prelude.lua").read_text()
    text = shebang + "\n" + _COMMENT.sub("", shared + body)
    return text, hashlib.sha1(text.encode()).hexdigest()  # noqa: S324 - the digest Redis uses
