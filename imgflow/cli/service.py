"""The parts of ``imgflow up``: what they are started with, and how they end."""

from __future__ import annotations

import dataclasses
import functools
import os
import signal
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from imgflow.cli import exits
from imgflow.cli.printing import print_error, visible
from imgflow.cli.service_access import allowed_places, check_free, choose_tokens, is_ready
from imgflow.embedded import Child, Crew, PrivateServer
from imgflow.errors import QueueError
from imgflow.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

#: This program again; -P, for the current folder is not where its modules are.
COMMAND = (sys.executable, "-P", "-m", "imgflow")
#: Seconds that a part may take to end: the server's last replies, the workers' last images.
_LIMITS = {"server": 15.0, "worker": 60.0, "redis": 60.0}
#: Seconds that the service may take until it is ready.
_START = 60.0


class Requests(list[int]):
    """The signals that asked for the end: the first is a request, the second is in a hurry."""

    @property
    def hurried(self) -> bool:
        """Whether there was more than one."""
        return len(self) > 1


@dataclasses.dataclass(frozen=True)
class Service:
    """What the command was asked for; ``workers`` None is one a core."""

    port: int
    host: str
    data: str
    workers: int | None
    allow: tuple[str, ...]

    def run(self, *, as_json: bool) -> int:
        """Run all parts until a signal comes, and return the exit code.

        Raises UsageError before anything is started, QueueError when a part ends by itself.
        """
        allow = allowed_places(self.allow, read_settings(os.environ).allow)
        check_free(self.host, self.port)
        with PrivateServer(self.data) as redis:
            tokens = choose_tokens(self.host, redis.folder, read_settings(os.environ).tokens)
            environment = {
                **os.environ,
                "IMGFLOW_REDIS_URL": redis.url,
                "IMGFLOW_ALLOW": ",".join(allow),
                "IMGFLOW_TOKENS": ",".join(tokens),
                "PYTHONUNBUFFERED": "1",
            }
            crew = Crew()
            crew.join(redis.child, _LIMITS["redis"])
            with _requests() as requests:
                try:
                    self._start(crew, environment)
                    if self._wait_ready(crew, requests):
                        from imgflow.cli.welcome import welcome

                        welcome(self, redis, allow, tokens, as_json=as_json)
                    _watch(crew, requests)
                finally:
                    _stop(crew, requests)
        return exits.OK

    def _start(self, crew: Crew, environment: dict[str, str]) -> None:
        for name, arguments in self._commands():
            command = [*COMMAND, *arguments]
            hear = functools.partial(_pass_on, name)
            child = Child(name, command, environment=environment, hear=hear)
            crew.join(child, _LIMITS[name])

    def _commands(self) -> Iterator[tuple[str, list[str]]]:
        number = [] if self.workers is None else ["--concurrency", str(self.workers)]
        yield "worker", ["worker", *number]
        yield "server", ["serve", "--host", self.host, "--port", str(self.port)]

    def _wait_ready(self, crew: Crew, requests: Requests) -> bool:
        """Wait until the service is ready; tell whether it is, and not asked to end."""
        deadline = time.monotonic() + _START
        while not requests and crew.fallen() is None:
            if is_ready(self.host, self.port):
                return True
            if time.monotonic() > deadline:
                message = f"server: expected it to be ready within {_START:.0f} s, found it is not"
                raise QueueError(message, code="service-down")
            time.sleep(0.05)
        return False


def _watch(crew: Crew, requests: Requests) -> None:
    """Wait for a request to end; raises QueueError if a part ends before."""
    while not requests:
        fallen = crew.fallen()
        if fallen is not None:
            message = f"{fallen.name}: ended by itself {_exit_text(fallen.exit_code or 0)}"
            message += "; everything else is stopped"
            raise QueueError(message, code="service-down")
        time.sleep(0.05)


def _stop(crew: Crew, requests: Requests) -> None:
    for name in crew.stop(lambda: requests.hurried):
        print_error(f"{name}: did not end in time, and was killed")


def _exit_text(code: int) -> str:
    if code > exits.signal_code(0):
        return f"(by signal {code - exits.signal_code(0)})"
    return f"(exit code {code})"


@contextmanager
def _requests() -> Iterator[Requests]:
    """Collect the signals that ask for the end, instead of being interrupted by them."""
    requests = Requests()

    def note(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        requests.append(number)

    before = {
        number: signal.signal(number, note)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield requests
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _pass_on(name: str, line: str) -> None:
    """Print a line of a part; when nobody reads any more, the part goes on all the same."""
    try:
        sys.stderr.write(f"{name:6} | {visible(line)}\n")
    except (OSError, ValueError):
        return
