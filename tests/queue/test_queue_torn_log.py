"""A server is killed in the midst of writing a step, and later once more.

Servers cut off the torn command only, and apply the commands before it when they load their file
the next time (see imgflow.embedded.mending). Clients have repeated the whole step by then.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import pytest
from queues import Bench, a_submission, crashed, done, failed, permanent, reap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from servers import RedisServer, StartServer

    from imgflow.queue import Outcome, Ticket

_STRING = re.compile(rb"\$(\d+)\r\n")
_BEGIN = b"*1\r\n$5\r\nMULTI\r\n"


class Scene:
    """A batch of five jobs and a worker that takes two at once."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.worker = bench.worker()
        self.batch = bench.queue.open_batch()
        priorities = ("normal", "normal", "high", "low", "normal")
        self.jobs = [a_submission(batch=self.batch, priority=each) for each in priorities]
        self.ids = [each.id for each in self.jobs]
        self.tickets: list[Ticket] = []
        #: How often each job was completed.
        self.completed: Counter[str] = Counter()

    def submit(self) -> None:
        self.bench.queue.submit(self.jobs)

    def seal(self) -> None:
        assert self.bench.queue.seal_batch(self.batch)

    def claim(self) -> None:
        self.tickets = self.worker.take(2)
        assert len(self.tickets) == 2

    def complete(self) -> None:
        self._settle(done)
        self.completed.update(ticket.id for ticket in self.tickets)

    def fail(self) -> None:
        self._settle(failed)

    def give_up(self) -> None:
        self._settle(permanent)

    def crash(self) -> None:
        self._settle(crashed)

    def release(self) -> None:
        self.worker.release(self.tickets)

    def lapse(self) -> None:
        """Have all leases lapse, and time to take them for lost."""
        self.bench.queue.tend()
        self.bench.pass_time(600)
        self.bench.queue.tend()
        self.bench.pass_time(600)

    def tend(self) -> None:
        self.bench.queue.tend()

    def cancel(self) -> None:
        self.bench.queue.cancel_all(self.ids[:2])

    def redrive(self) -> None:
        self.bench.queue.retry([ticket.id for ticket in self.tickets])

    def end(self) -> None:
        """Do what is left to do."""
        self.submit()
        self.seal()
        for _ in range(4):
            reap(self.bench)
            self.completed.update(self.bench.drain())

    def check(self) -> None:
        """All that was accepted has ended, once, and is counted."""
        found = self.bench.queue.status(self.ids)
        ends = Counter(status.status if status else "lost" for status in found)
        assert set(ends) <= {"completed", "cancelled", "failed"}
        completed = {status.job_id for status in found if status and status.status == "completed"}
        assert self.completed == Counter(completed)
        status = self.bench.batch(self.batch)
        assert (status.status, status.total, status.pending) == ("completed", 5, 0)
        counted = Counter(completed=status.completed, cancelled=status.cancelled)
        counted["failed"] = status.failed
        assert +counted == ends
        assert set(self.bench.queue.batch_ended(self.batch, 0)) == set(self.ids)
        stats = self.bench.queue.stats()
        assert (stats.processing, stats.delayed, sum(stats.depth.values())) == (0, 0, 0)
        raw, key = self.bench.raw, self.bench.queue.key
        assert raw.hgetall(key("recipes")) == {}
        for name in ("inprogress", "leases", "p:high", "p:normal", "p:low"):
            assert not raw.exists(key(name)), name

    def _settle(self, outcome: Callable[[Ticket], Outcome]) -> None:
        assert all(self.worker.settle([outcome(ticket) for ticket in self.tickets]))


class Step(NamedTuple):
    """What is torn and repeated, what comes before, and what after the second crash."""

    act: Callable[[Scene], None]
    before: tuple[Callable[[Scene], None], ...] = ()
    after: tuple[Callable[[Scene], None], ...] = ()


STEPS = {
    "submit": Step(Scene.submit),
    "seal": Step(Scene.seal, (Scene.submit,)),
    "claim": Step(Scene.claim, (Scene.submit,), (Scene.complete,)),
    "complete": Step(Scene.complete, (Scene.submit, Scene.seal, Scene.claim)),
    "fail": Step(Scene.fail, (Scene.submit, Scene.claim)),
    "give up": Step(Scene.give_up, (Scene.submit, Scene.claim)),
    "crash": Step(Scene.crash, (Scene.submit, Scene.claim)),
    "release": Step(Scene.release, (Scene.submit, Scene.claim)),
    "lose": Step(Scene.tend, (Scene.submit, Scene.claim, Scene.lapse)),
    "cancel": Step(Scene.cancel, (Scene.submit,)),
    "drop": Step(Scene.tend, (Scene.submit, Scene.cancel)),
    "redrive": Step(Scene.redrive, (Scene.submit, Scene.claim, Scene.give_up)),
}


#: The others are torn in the slow tier.
OFTEN = ("submit", "claim", "complete")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in OFTEN else pytest.mark.slow) for name in STEPS]
)
def test_a_step_torn_anywhere(start_server: StartServer, name: str) -> None:
    server = start_server({"appendfsync": "always"})
    with Bench(server.url) as bench:
        torn = 0
        while _survives(server, bench, STEPS[name], torn):
            torn += 1
        assert torn > 1


def _survives(server: RedisServer, bench: Bench, step: Step, torn: int) -> bool:
    """Tear a step after so many commands; tell whether it has as many.

    What the first crash leaves is made by hand: the state before the step, and a file that ends
    with an open beginning of it. Loading the file again stands for the second crash.
    """
    bench.raw.flushdb()
    scene = Scene(bench)
    for each in step.before:
        each(scene)
    completed = scene.completed.copy()
    step.act(scene)
    log = _log_of(server)
    written = log.read_bytes()
    begin = written.rindex(_BEGIN)
    ends = list(_commands(written, begin))
    if torn >= len(ends):
        return False
    with log.open("r+b") as file:
        file.truncate(begin)
    bench.raw.execute_command("DEBUG", "LOADAOF")
    with log.open("ab") as file:
        file.write(written[begin : ends[torn]])
    scene.completed = completed
    step.act(scene)
    bench.raw.execute_command("DEBUG", "LOADAOF")
    for each in step.after:
        each(scene)
    scene.end()
    scene.check()
    return True


def _log_of(server: RedisServer) -> Path:
    return max(server.folder.rglob("*.incr.aof"))


def _commands(log: bytes, at: int) -> Iterator[int]:
    """Yield where each command ends, but for the last one."""
    while at < len(log):
        words = int(log[at + 1 : (end := log.index(b"\r\n", at))])
        at = end + 2
        for _ in range(words):
            size = _STRING.match(log, at)
            assert size
            at = size.end() + int(size[1]) + 2
        if at < len(log):
            yield at
