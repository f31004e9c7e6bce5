"""Open queues as the environment describes them: the same for every process of a queue."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from imgflow.errors import UsageError
from imgflow.queue.connection import connect
from imgflow.queue.policy import DAY, HOUR, Policy
from imgflow.queue.queue import Queue

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": HOUR, "d": DAY}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)([smhd]?)")
#: Below this, a slow heartbeat would cost the job; above, a lost worker is found too late.
_SHORTEST_LEASE = 1.0


def open_queues(
    url: str,
    names: Sequence[str],
    environment: Mapping[str, str],
    *,
    evicting_ok: bool = False,
    retry_permanent: bool = False,
) -> list[Queue]:
    """Connect to a server, and return its queues with the policy that the environment sets.

    ``url`` may end in ``#name``, which stands for no names. Raises UsageError if there is no
    server or a setting is wrong, QueueError if the server is of no use.
    """
    address, _, name = url.partition("#")
    if not address:
        message = "expected the URL of a Redis server in --redis or IMGFLOW_REDIS_URL"
        raise UsageError(f"{message}, found none", code="no-queue")
    policy = read_policy(environment, retry_permanent=retry_permanent)
    fsync = read_fsync(environment)
    client = connect(address, evicting_ok=evicting_ok)
    return [Queue(client, one, policy, fsync=fsync) for one in names or (name or "default",)]


def read_policy(environment: Mapping[str, str], *, retry_permanent: bool = False) -> Policy:
    """Return the rules of a queue; raises UsageError naming the variable that is wrong."""
    given: dict[str, Any] = {
        field: read(environment, variable)
        for variable, (field, read) in _VARIABLES.items()
        if environment.get(variable, "").strip()
    }
    if retry_permanent:
        given["retry_permanent"] = True
    return Policy(**given)


def read_fsync(environment: Mapping[str, str]) -> bool:
    """Tell whether a job counts as accepted only once it is on the disk of the server."""
    return _read_switch(environment, "IMGFLOW_FSYNC")


def read_duration(text: str, where: str) -> float:
    """Return a duration in seconds: ``90``, ``15s``, ``5m``, ``24h``, ``30d``."""
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        message = f"{where}: expected a duration like 90, 15s, 5m, 24h or 30d, found {text!r}"
        raise UsageError(message, code="bad-setting")
    return float(match[1]) * _UNITS[match[2]]


def _read_delays(environment: Mapping[str, str], name: str) -> tuple[float, ...]:
    parts = environment[name].strip()
    if parts == "none":
        return ()
    return tuple(read_duration(part, name) for part in parts.split(","))


def _read_duration(environment: Mapping[str, str], name: str) -> float:
    return read_duration(environment[name], name)


def _read_lease(environment: Mapping[str, str], name: str) -> float:
    seconds = read_duration(environment[name], name)
    if seconds < _SHORTEST_LEASE:
        message = f"{name}: expected at least 1 s, found {environment[name]!r}"
        raise UsageError(message, code="bad-setting")
    return seconds


def _read_share(environment: Mapping[str, str], name: str) -> float:
    text = environment[name].strip()
    if not re.fullmatch(r"0(\.\d+)?|1(\.0+)?", text):
        message = f"{name}: expected a share from 0 to 1, found {text!r}"
        raise UsageError(message, code="bad-setting")
    return float(text)


def _read_switch(environment: Mapping[str, str], name: str) -> bool:
    text = environment.get(name, "").strip().lower()
    if text not in ("", "0", "1", "false", "no", "off", "on", "true", "yes"):
        message = f"{name}: expected 1 or 0, found {text!r}"
        raise UsageError(message, code="bad-setting")
    return text in ("1", "true", "yes", "on")


_VARIABLES: dict[str, tuple[str, Callable[[Mapping[str, str], str], Any]]] = {
    "IMGFLOW_RETRIES": ("delays", _read_delays),
    "IMGFLOW_RETRY_JITTER": ("jitter", _read_share),
    "IMGFLOW_RETRY_PERMANENT": ("retry_permanent", _read_switch),
    "IMGFLOW_LEASE": ("lease", _read_lease),
    "IMGFLOW_TTL": ("ttl", _read_duration),
    "IMGFLOW_DEDUPE_WINDOW": ("dedupe_window", _read_duration),
    "IMGFLOW_RESULTS_TTL": ("results_ttl", _read_duration),
    "IMGFLOW_DEAD_TTL": ("dead_ttl", _read_duration),
}
