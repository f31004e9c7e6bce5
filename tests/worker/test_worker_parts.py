"""The parts of a worker, each alone."""

from __future__ import annotations

import json
import logging
import threading
from typing import TYPE_CHECKING, Any

import pytest
from command import wait_for

from imgflow.errors import QueueError
from imgflow.job import Job, Result
from imgflow.logs import JsonLines, TextLines
from imgflow.queue import Claims, Queue, Ticket
from imgflow.runner.board import Board, read_clock
from imgflow.worker.gate import Gate
from imgflow.worker.journal import Journal, about
from imgflow.worker.ledger import Ledger
from imgflow.worker.line import Line, pause_after

if TYPE_CHECKING:
    from collections.abc import Iterator


class Shelf(logging.Handler):
    """Keeps what is written down."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    @property
    def events(self) -> list[str]:
        return [record.getMessage() for record in self.records]


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    logger = logging.getLogger("imgflow.worker")
    shelf = Shelf()
    logger.addHandler(shelf)
    logger.setLevel(logging.INFO)
    yield shelf
    logger.removeHandler(shelf)
    logger.setLevel(logging.NOTSET)


@pytest.fixture
def claims() -> Claims:
    return Claims(Queue(None), "somebody", 1)


def ticket(job_id: str, run: int = 1, **more: Any) -> Ticket:
    return Ticket(id=job_id, run=run, job=Job(input=f"{job_id}.jpg", outputs=()), **more)


def test_gate_lets_in_as_many_as_there_is_room_for() -> None:
    gate = Gate(lambda: 5)
    assert gate.enter() == 5
    gate.leave(3)
    assert gate.enter() == 3
    gate.close()
    assert gate.enter() == 0


def test_gate_is_closed_for_those_who_wait() -> None:
    gate = Gate(lambda: 1)
    gate.enter()
    got: list[int] = []
    waiting = threading.Thread(target=lambda: got.append(gate.enter()), daemon=True)
    waiting.start()
    gate.close()
    waiting.join()
    assert got == [0]


def test_gate_serves_everybody_in_turn() -> None:
    gate = Gate(lambda: 1)
    served: list[int] = []

    def queue_up(number: int) -> None:
        while gate.enter():
            served.append(number)

    gate.enter()
    threads = [
        threading.Thread(target=queue_up, args=(number,), daemon=True) for number in range(3)
    ]
    for thread in threads:
        thread.start()
    wait_for(lambda: len(gate._line) == 3)  # noqa: SLF001
    for count in range(1, 31):
        gate.leave()
        wait_for(lambda count=count: len(served) == count and len(gate._line) == 3)  # type: ignore[misc] # noqa: SLF001
    gate.close()
    for thread in threads:
        thread.join()
    assert served == served[:3] * 10
    assert sorted(served[:3]) == [0, 1, 2]


def test_ledger_knows_who_waits_for_a_result(claims: Claims) -> None:
    ledger = Ledger(Board(4))
    first, second = ledger.admit(claims, [ticket("a"), ticket("b")], read_clock() + 60)
    assert ledger.finish(first.errand) is first
    assert ledger.finish(first.errand) is None
    assert ledger.drop(second)
    assert not ledger.drop(second)
    assert ledger.finish(second.errand) is None
    assert ledger.at_work() == []
    assert ledger.of(claims) == [first, second]
    ledger.close([first, second])
    assert ledger.of(claims) == []


def test_newer_run_takes_the_older_ones_place(claims: Claims) -> None:
    board = Board(4)
    ledger = Ledger(board)
    (old,) = ledger.admit(claims, [ticket("a", 1)], read_clock() + 60)
    (new,) = ledger.admit(claims, [ticket("a", 2)], read_clock() + 60)
    assert not board.is_good(old.berth)
    assert board.is_good(new.berth)
    assert ledger.finish(old.errand) is None
    ledger.close([old])
    assert ledger.of(claims) == [new]


def test_ledger_never_runs_out_of_lines(claims: Claims) -> None:
    ledger = Ledger(Board(2))
    for number in range(10):
        held = ledger.admit(claims, [ticket(f"{number}"), ticket(f"{number}x")], 0.0)
        assert ledger.finish(held[0].errand)
        assert ledger.drop(held[1])


def test_only_what_is_at_work_is_renewed(claims: Claims) -> None:
    board = Board(2)
    ledger = Ledger(board)
    held = ledger.admit(claims, [ticket("a"), ticket("b")], 0.0)
    ledger.drop(held[1])
    ledger.renew(held, read_clock() + 60)
    assert [board.is_good(one.berth) for one in held] == [True, False]


def test_outage_is_told_once(shelf: Shelf) -> None:
    line = Line("default", Journal("somebody"))
    line.worked()
    for _ in range(3):
        line.failed(QueueError("away", code="queue-unreachable"))
    line.worked()
    line.worked()
    line.failed(QueueError("away again"))
    assert shelf.events == ["queue-down", "queue-back", "queue-down"]


def test_pauses_grow_to_a_bound() -> None:
    pauses = [pause_after(failures) for failures in range(100)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (0.1, 2.0)


def test_json_lines(shelf: Shelf) -> None:
    Journal("me").note("job-completed", **about("web", ticket("a", 3, batch="b")), seconds=0.5)
    line = json.loads(JsonLines().format(shelf.records[0]))
    assert line.pop("ts").endswith("Z")
    assert line == {
        "level": "info",
        "event": "job-completed",
        "job_id": "a",
        "queue": "web",
        "run": 3,
        "input": "a.jpg",
        "batch": "b",
        "seconds": 0.5,
        "worker": "me",
    }


def test_text_lines_stay_lines(shelf: Shelf) -> None:
    Journal("me").warn("job-failed", error='a "b"\nc', empty="", code="x")
    text = TextLines().format(shelf.records[0])
    assert "\n" not in text
    _, rest = text.split(" ", 1)
    assert rest == r'WARNING job-failed error="a \"b\"\nc" empty="" code=x worker=me'


def test_result_of_a_lost_lease_is_no_outcome() -> None:
    from imgflow.job import Failure
    from imgflow.queue import Outcome
    from imgflow.worker.workshop import Workshop

    class Pool:
        def next_results(self) -> list[Any]:
            return [(one.errand, result) for one, result in zip(held, results, strict=True)]

    ledger = Ledger(Board(3))
    codes = ("", "lease-lost", "worker-crashed")
    claims = Claims(Queue(None), "somebody", 1)
    held = ledger.admit(claims, [ticket(code or "fine") for code in codes], read_clock() + 60)
    results = [
        Result(
            status="failed" if code else "completed",
            input="a",
            error=Failure(code=code, message="") if code else None,
        )
        for code in codes
    ]
    workshop = Workshop(Pool(), 1, ledger)  # type: ignore[arg-type]
    done = workshop.collect()
    assert [one for one, _ in done] == held
    outcomes = [outcome for _, outcome in done]
    assert isinstance(outcomes[0], Outcome)
    assert not outcomes[0].killed
    assert outcomes[1] is None
    assert outcomes[2] is not None
    assert outcomes[2].killed
    assert workshop.collect() == []
