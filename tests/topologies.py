"""Servers that work together: replicas, sentinels, clusters; and servers that speak TLS."""

from __future__ import annotations

import functools
import subprocess
from typing import TYPE_CHECKING, Any

from command import wait_for
from servers import RedisServer, free_port

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import ExitStack
    from pathlib import Path

    from servers import Options

_SLOTS = 16384


class Sentinel(RedisServer):
    """A sentinel that watches ``master`` as ``main``, and fails over in a second."""

    arguments = ("--sentinel",)

    def __init__(self, binary: str, folder: Path, master: RedisServer, quorum: int = 1) -> None:
        super().__init__(binary, folder)
        self.options = {
            "bind": "127.0.0.1",
            "port": self.port,
            "pidfile": "redis.pid",
            "sentinel": [
                f"monitor main 127.0.0.1 {master.port} {quorum}",
                "down-after-milliseconds main 500",
                "failover-timeout main 2000",
            ],
        }

    @property
    def url(self) -> str:
        return f"redis+sentinel://127.0.0.1:{self.port}/main"


def start_replica(binary: str, folder: Path, master: RedisServer, stack: ExitStack) -> RedisServer:
    """Start a replica of ``master``, and wait until it has all its data."""
    options: Options = {"replicaof": f"127.0.0.1 {master.port}", "repl-diskless-sync-delay": 0}
    replica = stack.enter_context(RedisServer(binary, folder, options=options))
    with replica.client() as client:
        wait_for(lambda: client.info("replication")["master_link_status"] == "up", 60)
    return replica


def start_sentinel(binary: str, folder: Path, master: RedisServer, stack: ExitStack) -> Sentinel:
    """Start a sentinel, and wait until it knows the replicas that are there."""
    with master.client() as client:
        replicas = client.info("replication")["connected_slaves"]
    sentinel = stack.enter_context(Sentinel(binary, folder, master))
    with _plain_client(sentinel) as client:
        wait_for(lambda: len(client.sentinel_slaves("main")) == replicas, 60)
    return sentinel


def start_cluster(
    binary: str, folder: Path, stack: ExitStack, *, masters: int = 3
) -> list[RedisServer]:
    """Start a cluster of masters that share the slots evenly, and wait until it is one."""
    nodes = [
        stack.enter_context(RedisServer(binary, folder / str(number), options=_node_options()))
        for number in range(masters)
    ]
    for number, node in enumerate(nodes):
        first, end = (_SLOTS * number // masters, _SLOTS * (number + 1) // masters)
        with node.client() as client:
            client.execute_command("CLUSTER", "ADDSLOTSRANGE", first, end - 1)
            if number:
                peer = nodes[0]
                bus = peer.options["cluster-port"]
                client.execute_command("CLUSTER", "MEET", "127.0.0.1", peer.port, bus)
    for node in nodes:
        with node.client() as client:
            wait_for(functools.partial(_is_whole, client, masters), 60)
    return nodes


def cluster_url(nodes: Iterable[RedisServer]) -> str:
    return "redis+cluster://" + ",".join(f"127.0.0.1:{node.port}" for node in nodes)


def write_certificates(folder: Path) -> None:
    """Write an authority (``ca.pem``) and a certificate of 127.0.0.1 and localhost by it."""
    folder.mkdir(parents=True, exist_ok=True)
    names = "subjectAltName=IP:127.0.0.1,DNS:localhost"
    new = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2")
    authority = ("-subj", "/CN=authority", "-keyout", "ca.key", "-out", "ca.pem")
    _openssl(folder, *new, *authority)
    server = ("-subj", "/CN=server", "-addext", names, "-keyout", "server.key")
    signed = ("-CA", "ca.pem", "-CAkey", "ca.key", "-out", "server.pem")
    _openssl(folder, *new, *server, *signed)


def tls_options() -> Options:
    """Return the options of a server that speaks TLS only, its certificates in its folder."""
    return {
        "port": 0,
        "tls-port": free_port(),
        "tls-ca-cert-file": "ca.pem",
        "tls-cert-file": "server.pem",
        "tls-key-file": "server.key",
        "tls-auth-clients": "no",
    }


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def _node_options() -> Options:
    return {
        "cluster-enabled": "yes",
        "cluster-port": free_port(),
        "cluster-node-timeout": 2000,
    }


def _is_whole(client: Any, masters: int) -> bool:
    info = client.execute_command("CLUSTER INFO")
    return bool(info["cluster_state"] == "ok" and int(info["cluster_known_nodes"]) == masters)


def _plain_client(server: RedisServer) -> Any:
    from redis import Redis

    return Redis(port=server.port, decode_responses=True)
