"""A command that runs as long as this process does, and never longer."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from typing import IO, TYPE_CHECKING

from imgflow.embedded import leash

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

#: Seconds that a command has for its own end, once the process that started it is gone.
GRACE = 5.0


class Child:
    """A command on a leash, in a session of its own: Ctrl-C in the terminal does not reach it.

    ``hear`` is called with every line that it writes, in a thread; or its output goes to the
    file ``output``. The descriptors ``holding`` stay open until the command has ended.
    """

    def __init__(  # noqa: PLR0913 - what a process is started with
        self,
        name: str,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        folder: str | None = None,
        hear: Callable[[str], None] | None = None,
        output: IO[bytes] | None = None,
        holding: Sequence[int] = (),
        umask: int = -1,
    ) -> None:
        """Start the command."""
        self.name = name
        self._process = subprocess.Popen(  # noqa: S603 - our own commands
            [sys.executable, "-I", "-S", os.path.abspath(leash.__file__), str(GRACE), *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE if hear else output,
            stderr=subprocess.STDOUT if hear or output else None,
            env=environment,
            cwd=folder,
            pass_fds=holding,
            start_new_session=True,
            umask=umask,
        )
        self._listener: threading.Thread | None = None
        if hear:
            self._listener = threading.Thread(target=self._listen, args=(hear,), daemon=True)
            self._listener.start()

    @property
    def exit_code(self) -> int | None:
        """The exit code, 128 and the number for a signal; None while it runs."""
        return self._process.poll()

    def ask_to_end(self) -> None:
        """Send SIGTERM."""
        self._process.send_signal(signal.SIGTERM)

    def stop(self, seconds: float) -> bool:
        """Ask it to end, wait, and after that time end it; whether it ended by itself."""
        self.ask_to_end()
        return self.wait(seconds)

    def wait(self, seconds: float) -> bool:
        """Wait for the end, and after that time end it; whether it ended by itself."""
        willing = True
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            willing = False
            self._cut()
        if self._process.stdin:
            self._process.stdin.close()
        if self._listener:
            self._listener.join(GRACE)
        return willing

    def _cut(self) -> None:
        """Let go of the leash, which has the command killed, and all that it started."""
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(2 * GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _listen(self, hear: Callable[[str], None]) -> None:
        if self._process.stdout:
            with self._process.stdout as lines:
                for line in lines:
                    hear(line.decode(errors="replace").rstrip("\r\n"))
