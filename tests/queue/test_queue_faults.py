"""Replies that get lost, scripts that are forgotten, servers that freeze, die, fill up."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from queue_crowd import Crowd, check_ends, jobs_of, reach, scenario
from queues import PATIENT, Bench, done

from imgflow.errors import QueueError
from imgflow.queue import Policy, Submission, connect
from imgflow.queue.scripts import load_script

if TYPE_CHECKING:
    from collections.abc import Callable

    from fault_proxy import FaultProxy
    from servers import RedisServer, StartServer

QUICK = Policy(lease=PATIENT.lease, delays=(0.01, 0.01, 0.01))
SCRIPTS = (
    "enqueue",
    "claim",
    "beat",
    "settle",
    "release",
    "tend",
    "redrive",
    "cancel",
    "look",
    "open_batch",
    "seal",
    "stats",
    "events",
    "event_done",
)


@pytest.mark.parametrize("script", SCRIPTS)
def test_reply_lost_at_any_step_changes_nothing(fault_proxy: FaultProxy, script: str) -> None:
    """redis-py#261, go-redis#697, lettuce#2394: the server had done it, the client repeats."""
    clean = {"submitted": 4, "failed": 1, "completed": 3, "cancelled": 1, "redriven": 1}
    with Bench(fault_proxy.url()) as bench:
        bench.queue.tend()
        for name in SCRIPTS:
            bench.raw.script_load(load_script(name)[0])
        fault_proxy.drop_replies(1, only=load_script(script)[1].encode())
        assert scenario(bench) == clean
        assert fault_proxy.dropped == 1
        bench.audit()


def test_scripts_are_known_by_their_digests(bench: Bench) -> None:
    for name in SCRIPTS:
        text, digest = load_script(name)
        assert bench.raw.script_load(text) == digest


def test_scripts_that_the_server_forgot_are_sent_again(bench: Bench) -> None:
    clean = scenario(bench)
    real = bench.queue.client.execute_command

    def forgetful(*arguments: Any, **options: Any) -> Any:
        bench.raw.script_flush()
        return real(*arguments, **options)

    bench.raw.flushdb()
    bench.queue.client.execute_command = forgetful
    assert scenario(bench) == clean


@pytest.mark.parametrize(
    "seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 6))]
)
def test_a_network_that_loses_one_reply_in_ten(
    fault_proxy: FaultProxy, shared_server: RedisServer, seed: int
) -> None:
    with Bench(shared_server.url, QUICK) as bench, Bench(fault_proxy.url(), QUICK) as lossy:
        batch = bench.queue.open_batch()
        submissions = jobs_of(seed, 60, batch=batch)
        fault_proxy.drop_replies(1 << 30, chance=0.1, seed=seed, only=b"EVALSHA")
        crowd = Crowd(lambda: lossy.another(QUICK))
        for start in range(0, 60, 10):
            reach(lambda start=start: lossy.queue.submit(submissions[start : start + 10]))  # type: ignore[misc]
        reach(lambda: lossy.queue.seal_batch(batch))
        crowd.finish(bench.queue, 60)
        fault_proxy.drop_replies(0)
        assert fault_proxy.dropped > 5
        check_ends(bench, crowd, submissions)
        status = bench.batch(batch)
        assert (status.status, status.total) == ("completed", 60)
        assert sorted(bench.queue.batch_ended(batch, 0)) == sorted(each.id for each in submissions)


@pytest.mark.parametrize("rounds", [3, pytest.param(8, marks=pytest.mark.slow)])
def test_acknowledged_jobs_survive_kills_of_the_server(
    start_server: StartServer, rounds: int
) -> None:
    """With an append-only file that is written before the answer.

    With appendfsync everysec the answer comes first while the disk is slow to sync, and a
    kill then takes up to two seconds with it.
    """
    server = start_server({"appendfsync": "always"})
    with Bench(server.url, QUICK) as bench:
        acknowledged: list[Submission] = []
        submissions = jobs_of(0, 20000)
        killed = threading.Event()

        def submit() -> None:
            while not killed.is_set():
                chunk = submissions[len(acknowledged) : len(acknowledged) + 10]
                with contextlib.suppress(QueueError):
                    bench.queue.submit(chunk)
                    acknowledged.extend(chunk)

        for number in range(rounds):
            killed.clear()
            thread = threading.Thread(target=submit)
            before = len(acknowledged)
            thread.start()
            while len(acknowledged) < before + 30 * (number + 1):
                time.sleep(0.001)
            server.kill()
            killed.set()
            server.start()
            thread.join(60)
            assert not thread.is_alive()
            found = bench.queue.status([each.id for each in acknowledged])
            states = Counter(status.status if status else "lost" for status in found)
            assert states == {"queued": len(acknowledged)}
            bench.audit()
        unknown = submissions[len(acknowledged) : len(acknowledged) + 10]
        bench.queue.submit(unknown)
        jobs = [*acknowledged, *unknown]
        crowd = Crowd(lambda: bench.another(QUICK), 2)
        crowd.finish(bench.queue, len(jobs))
        check_ends(bench, crowd, jobs)


def test_workers_go_on_when_the_server_is_back(start_server: StartServer) -> None:
    """celery#8030, #8384, #9054, bullmq#4479: deaf after a reconnection."""
    server = start_server()
    with Bench(server.url, QUICK) as bench:
        submissions = jobs_of(7, 200)
        bench.queue.submit(submissions)
        crowd = Crowd(lambda: bench.another(QUICK), 2)
        while sum(reach(bench.queue.stats).counts.values()) < 240:
            time.sleep(0.005)
        server.restart()
        crowd.finish(bench.queue, 200)
        stats = bench.queue.stats()
        assert stats.counts["submitted"] == 200
        assert stats.counts["completed"] + stats.counts["failed"] == 200
        assert set(crowd.ended.values()) <= {0, 1}
        assert crowd.ended.total() == 200
        bench.audit()


@pytest.mark.parametrize("seconds", [1.0, pytest.param(6.5, marks=pytest.mark.slow)])
def test_a_frozen_server_costs_nobody_a_job(start_server: StartServer, seconds: float) -> None:
    """For longer than clients wait for a reply, and longer than a lease."""
    server = start_server()
    policy = Policy(lease=0.5, delays=QUICK.delays)
    with Bench(server.url, policy) as bench:
        submissions = jobs_of(3, 300)
        bench.queue.submit(submissions)
        holder = bench.worker("holder")
        held = holder.take(2)
        crowd = Crowd(lambda: bench.another(policy), 2)
        server.pause()
        time.sleep(seconds)
        server.resume()
        assert reach(lambda: holder.beat({each.id: (each.run, 1) for each in held})) == {}
        assert reach(lambda: holder.settle([done(ticket) for ticket in held])) == [True, True]
        crowd.finish(bench.queue, 300)
        counts = bench.queue.stats().counts
        assert (counts["submitted"], counts["completed"] + counts["failed"]) == (300, 300)
        bench.audit()


def fill(bench: Bench, submissions: list[Submission]) -> tuple[int, QueueError]:
    """Submit until the server refuses; return how many it took, and the refusal."""
    for start in range(0, len(submissions), 100):
        try:
            bench.queue.submit(submissions[start : start + 100])
        except QueueError as refusal:
            return start, refusal
    pytest.fail("it never filled up")


def test_a_server_that_fills_up_drains(start_server: StartServer) -> None:
    """No producer is lied to, no worker is stuck."""
    server = start_server()
    with Bench(server.url, QUICK) as bench:
        used = int(bench.raw.info("memory")["used_memory"])
        bench.raw.config_set("maxmemory", used + 1_000_000)
        submissions = jobs_of(9, 20000)
        accepted, refusal = fill(bench, submissions)
        assert (refusal.code, refusal.retryable) == ("queue-full", True)
        assert accepted >= 500
        bench.audit()
        with pytest.raises(QueueError) as caught:
            bench.queue.remember("t", "k", "d")
        assert caught.value.code == "queue-full"
        crowd = Crowd(lambda: bench.another(QUICK), 2)
        crowd.finish(bench.queue, accepted)
        bench.raw.config_set("maxmemory", 0)
        check_ends(bench, crowd, submissions[:accepted])
        bench.queue.submit(submissions[accepted : accepted + 1])


def test_a_server_that_cannot_write_says_so(start_server: StartServer) -> None:
    """MISCONF, NOREPLICAS: refused for now, and said in a way that a program can tell."""
    server = start_server()
    with Bench(server.url) as bench:
        bench.submit()
        bench.raw.config_set("min-replicas-to-write", 1)
        with pytest.raises(QueueError) as caught:
            bench.submit()
        assert caught.value.retryable
        bench.raw.config_set("min-replicas-to-write", 0)
        assert len(bench.worker().take(2)) == 1


def test_a_replica_refuses_until_it_leads(start_server: StartServer) -> None:
    """bullmq#4384: READONLY after a failover, for ever."""
    leader, follower = (start_server({"repl-diskless-sync-delay": 0}) for _ in range(2))
    with Bench(leader.url) as bench, Bench(follower.url) as other:
        ids = bench.submit("a", "b")
        other.raw.replicaof(*map(str, leader.address))
        while other.raw.info("replication")["master_link_status"] != "up":
            time.sleep(0.02)
        assert bench.raw.wait(1, 60000) == 1
        with pytest.raises(QueueError) as caught:
            other.worker().take(1)
        assert caught.value.retryable
        leader.kill()
        other.raw.replicaof("NO", "ONE")
        assert [ticket.id for ticket in other.worker().take(5)] == ids
        other.audit()


def test_nobody_there_is_a_typed_error(start_server: StartServer) -> None:
    server = start_server()
    url = server.url
    with Bench(url) as bench:
        server.kill()
        calls: list[Callable[[], Any]] = [
            bench.submit,
            lambda: bench.queue.status(["a"]),
            lambda: bench.worker().wait(),
            lambda: connect(url),
        ]
        for call in calls:
            with pytest.raises(QueueError) as caught:
                call()
            assert caught.value.code == "queue-unreachable"
            assert caught.value.retryable
        server.start()
        bench.submit()
