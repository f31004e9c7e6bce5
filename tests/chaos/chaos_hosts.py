"""Hosts of a network: namespaces on one bridge, whose cables can be pulled."""

from __future__ import annotations

import os
import random
import subprocess
from typing import Self


class Network:
    """A bridge with ``hosts``, the server's address on it, and a cable to each host."""

    def __init__(self, hosts: int) -> None:
        tag = f"ic{random.SystemRandom().randrange(10**6):06d}"
        subnet = random.SystemRandom().randrange(256)
        self.bridge = f"{tag}br"
        self.address = f"10.213.{subnet}.1"
        self.hosts = [f"{tag}h{number}" for number in range(hosts)]
        self._subnet = f"10.213.{subnet}"

    def __enter__(self) -> Self:
        """Set it up; raises CalledProcessError where that is not permitted."""
        try:
            _ip("link", "add", self.bridge, "type", "bridge")
            _ip("address", "add", f"{self.address}/24", "dev", self.bridge)
            _ip("link", "set", self.bridge, "up")
            for number, host in enumerate(self.hosts):
                self._connect(host, f"{self._subnet}.{number + 2}/24")
        except BaseException:
            self._take_down()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._take_down()

    def inside(self, host: str) -> list[str]:
        """Return the words that run a command on a host."""
        return ["ip", "netns", "exec", host]

    def cut(self, host: str) -> None:
        """Pull the cable: nothing comes or goes, and nobody is told."""
        _ip("link", "set", _cable(host), "down")

    def heal(self, host: str) -> None:
        _ip("link", "set", _cable(host), "up")

    def _connect(self, host: str, address: str) -> None:
        _ip("netns", "add", host)
        _ip("link", "add", _cable(host), "type", "veth", "peer", "name", "eth0", "netns", host)
        _ip("link", "set", _cable(host), "master", self.bridge, "up")
        for words in (["address", "add", address, "dev", "eth0"], ["link", "set", "eth0", "up"]):
            _ip("-n", host, *words)

    def _take_down(self) -> None:
        for host in self.hosts:
            subprocess.run(["ip", "link", "delete", _cable(host)], check=False, capture_output=True)
            subprocess.run(["ip", "netns", "delete", host], check=False, capture_output=True)
        subprocess.run(["ip", "link", "delete", self.bridge], check=False, capture_output=True)


def may_network() -> bool:
    """Tell whether this user may have namespaces: root may, unless something forbids it."""
    if os.geteuid() != 0:
        return False
    try:
        with Network(1):
            return True
    except (OSError, subprocess.CalledProcessError):
        return False


def _cable(host: str) -> str:
    return f"{host}c"


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)
