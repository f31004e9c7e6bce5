"""Anything in any order: the queue against a model of it, with each reply lost now and then."""

from __future__ import annotations

from typing import Any, cast

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import precondition, rule, run_state_machine_as_test
from queue_machine import QueueMachine


def _run(url: str, examples: int, steps: int) -> None:
    run_state_machine_as_test(
        cast("Any", lambda: QueueMachine(url)),
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
        ),
    )


def test_the_queue_is_as_its_model(redis_url: str) -> None:
    _run(redis_url, 20, 30)


@pytest.mark.slow
def test_the_queue_is_as_its_model_for_long(redis_url: str) -> None:
    _run(redis_url, 60, 50)


@pytest.mark.slow
def test_the_model_tells_a_wrong_queue(one_redis_url: str) -> None:
    """A machine that finds nothing may look at nothing: here it has something to find."""

    class Forgetful(QueueMachine):
        def __init__(self) -> None:
            super().__init__(one_redis_url)

        @precondition(lambda self: self.tickets)
        @rule()
        def drop_leases(self) -> None:
            self.bench.raw.delete(self.queue.key("leases"))

    with pytest.raises(AssertionError):
        run_state_machine_as_test(
            Forgetful,
            settings=settings(
                max_examples=500,
                derandomize=True,
                database=None,
                deadline=None,
                report_multiple_bugs=False,
                suppress_health_check=list(HealthCheck),
                phases=[Phase.generate],
            ),
        )
