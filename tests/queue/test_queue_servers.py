"""A queue on servers of all shapes: users with few rights, TLS, clusters, sentinels."""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest
from queue_crowd import check_use, reach
from queues import Bench, a_submission, crashed, done, failed
from servers import RedisServer, free_port

from imgflow.errors import QueueError
from imgflow.queue import Queue, connect

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from servers import StartServer

#: What a user of a queue needs, and nothing else.
COMMANDS = (
    "+@connection +info +eval +evalsha +time +exists +get +set +del +persist +pexpire +pttl "
    "+hget +hset +hsetnx +hdel +hexists +hincrby +hmget +hgetall +hvals "
    "+lindex +llen +lpush +lrange +lrem +ltrim +rpush +rpoplpush +brpoplpush +blpop "
    "+zadd +zcard +zrange +zrangebyscore +zrem +zremrangebyscore +zrevrange +zscore"
)


def test_a_user_with_no_more_rights_than_needed(start_server: StartServer) -> None:
    """For the docs: what a user of a queue has to be allowed."""
    server = start_server(
        {"user": [f"flow on >secret ~{{imgflow:*}}:* resetchannels -@all {COMMANDS}"]}
    )
    check_use(server, f"redis://flow:secret@127.0.0.1:{server.port}/0")


def test_every_right_in_the_docs_is_needed(start_server: StartServer) -> None:
    names = [name[1:] for name in COMMANDS.split() if name[1] != "@"]
    server = start_server()
    with Bench(server.url) as bench:
        bench.raw.config_resetstat()
        bench.raw.script_flush()
        check_use(server, server.url)
        used = {name.removeprefix("cmdstat_") for name in bench.raw.info("commandstats")}
    assert set(names) <= used


@pytest.mark.parametrize(
    "rights",
    ["~other:* +@all", "~* +@all -info", "~* +@all -evalsha"],
)
def test_a_user_with_fewer_rights_is_told(start_server: StartServer, rights: str) -> None:
    server = start_server({"user": [f"flow on >secret {rights}"]})
    url = f"redis://flow:secret@127.0.0.1:{server.port}/0"
    with pytest.raises(QueueError) as caught:
        Queue(connect(url)).submit([a_submission()])
    assert (caught.value.code, caught.value.retryable) == ("queue-denied", False)


def test_tls(start_server: StartServer, tmp_path: Path) -> None:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*command.split(), *subject, *files], check=True, capture_output=True)
    port = free_port()
    options: dict[str, str | int] = {
        "tls-port": port,
        "tls-cert-file": str(certificate),
        "tls-key-file": str(key),
        "tls-auth-clients": "no",
    }
    try:
        server = start_server(options)
    except AssertionError as error:
        if "tls" not in str(error).lower():
            raise
        pytest.skip("this server was built without TLS")
    check_use(server, f"rediss://127.0.0.1:{port}/0?ssl_ca_certs={certificate}")
    with pytest.raises(QueueError) as caught:
        connect(f"rediss://127.0.0.1:{port}/0")
    assert caught.value.code == "queue-unreachable"


def cluster_options() -> dict[str, str | int]:
    return {"cluster-enabled": "yes", "cluster-port": free_port()}


def test_a_cluster(start_server: StartServer) -> None:
    """All keys of a queue lie in one slot, bullmq#4151, taskiq-redis#130."""
    server = start_server(cluster_options())
    with server.client() as raw:
        raw.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
        wait_for_cluster(raw)
    check_use(server, f"redis+cluster://127.0.0.1:{server.port}")
    with pytest.raises(QueueError) as caught:
        Queue(connect(f"redis+cluster://127.0.0.1:{server.port}"), fsync=True)
    assert caught.value.code == "queue-unsupported"


def wait_for_cluster(raw: Any) -> None:
    wait_until(lambda: b"cluster_state:ok" in raw.execute_command("CLUSTER", "INFO"))


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def wait_for_replica(raw: Any) -> None:
    """Wait until the replica has all that the leader was told by anybody."""

    def is_level() -> bool:
        found = raw.info("replication")
        return int(found["slave0"]["offset"]) >= int(found["master_repl_offset"])

    wait_until(is_level)


@pytest.mark.slow
def test_queues_of_a_cluster_of_three(start_server: StartServer) -> None:
    servers = [start_server(cluster_options()) for _ in range(3)]
    clients: list[Any] = [server.client() for server in servers]
    bounds = [0, 5461, 10923, 16384]
    for index, client in enumerate(clients):
        client.execute_command("CLUSTER", "ADDSLOTSRANGE", bounds[index], bounds[index + 1] - 1)
        client.execute_command("CLUSTER", "SET-CONFIG-EPOCH", index + 1)
    for server in servers[1:]:
        clients[0].execute_command(
            "CLUSTER", "MEET", "127.0.0.1", server.port, server.options["cluster-port"]
        )
    for client in clients:
        wait_for_cluster(client)
    flow = connect(f"redis+cluster://127.0.0.1:{servers[2].port},127.0.0.1:{servers[0].port}")
    for number in range(6):
        queue = Queue(flow, f"queue-{number}")
        (receipt,) = queue.submit([a_submission()])
        (status,) = queue.status([receipt.job_id])
        assert status is not None
    assert sum(int(client.dbsize()) > 0 for client in clients) >= 2
    flow.close()
    clients[1].config_set("maxmemory-policy", "allkeys-lru")
    with pytest.raises(QueueError) as caught:
        connect(f"redis+cluster://127.0.0.1:{servers[0].port}")
    assert caught.value.code == "queue-evicts"
    for client in clients:
        client.close()


@pytest.mark.slow
def test_a_failover_by_sentinel(
    start_server: StartServer, server_binary: str, tmp_path: Path
) -> None:
    """bullmq#4384: the queue goes on with what was replicated."""
    leader, follower = (start_server({"repl-diskless-sync-delay": 0}) for _ in range(2))
    with follower.client() as raw:
        raw.replicaof("127.0.0.1", str(leader.port))
        wait_until(lambda: raw.info("replication")["master_link_status"] == "up")
    rules = (
        f"monitor flow 127.0.0.1 {leader.port} 1",
        "down-after-milliseconds flow 500",
        "failover-timeout flow 2000",
    )
    sentinel = RedisServer(server_binary, tmp_path, options={"sentinel": rules})
    sentinel.arguments = ("--sentinel",)
    with sentinel:
        check_failover(leader, follower, f"redis+sentinel://127.0.0.1:{sentinel.port}/flow")


def check_failover(leader: RedisServer, follower: RedisServer, url: str) -> None:
    client = connect(url)
    queue = Queue(client)
    first = a_submission()
    queue.submit([first])
    with leader.client() as raw:
        wait_for_replica(raw)
    leader.kill()
    second = a_submission()
    reach(lambda: queue.submit([second]))
    found = queue.status([first.id, second.id])
    assert [status.status for status in found if status] == ["queued", "queued"]
    with follower.client() as raw:
        assert raw.info("replication")["role"] == "master"
        assert raw.exists(queue.key("job:" + second.id))
    client.close()


def test_a_full_server_hands_jobs_out_and_takes_them_back(start_server: StartServer) -> None:
    """LMOVE and RPOPLPUSH are refused by a full server: its queue could never drain."""
    server = start_server()
    with Bench(server.url) as bench:
        ids = bench.submit(*[f"{index}.jpg" for index in range(20)])
        bench.queue.cancel(ids[19])
        bench.raw.config_set("maxmemory", 1)
        for call in (bench.submit, lambda: bench.queue.retry([ids[19]])):
            with pytest.raises(QueueError) as caught:
                call()
            assert (caught.value.code, caught.value.retryable) == ("queue-full", True)
        worker = bench.worker()
        worker.wait(1)
        worker.wait(1)
        tickets = worker.take(5)
        assert len(tickets) == 5
        assert worker.beat({ticket.id: (ticket.run, 5) for ticket in tickets}) == {}
        outcomes = [done(tickets[0]), failed(tickets[1]), crashed(tickets[2])]
        assert worker.settle([*outcomes, failed(tickets[3], retryable=False)]) == [True] * 4
        assert worker.release(tickets[4:]) == 1
        bench.queue.cancel(ids[18])
        bench.queue.status(ids)
        bench.queue.stats()
        bench.queue.due_events()
        bench.raw.config_set("maxmemory", 0)
        bench.pass_time(30)
        bench.raw.config_set("maxmemory", 1)
        bench.queue.tend()
        bench.drain()
        stats = bench.queue.stats()
        assert sum(stats.depth.values()) == stats.processing == stats.delayed == 0
        assert bench.counts()["completed"] == 17
        bench.raw.config_set("maxmemory", 0)
        assert bench.queue.retry([ids[19]])[0].status == "queued"
        bench.audit()
