"""Connect to Redis or Valkey: one server, Sentinel, Cluster, a socket, with or without TLS."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from imgflow.errors import QueueError
from imgflow.queue.failures import reported

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


#: The clients of one server and of a cluster have the same methods, and no common type.
Client = Any
#: Scripts with flags need these: what is full or evicts cannot be drained without them.
OLDEST_REDIS, OLDEST_VALKEY = (7, 0), (7, 2)
#: WAITAOF came with this version of both.
OLDEST_FSYNC = (7, 2)
_SCHEMES = (
    "redis",
    "rediss",
    "unix",
    "redis+sentinel",
    "rediss+sentinel",
    "redis+cluster",
    "rediss+cluster",
)
_SPELLINGS = {"valkey": "redis", "valkeys": "rediss"}
#: Seconds for a connection, and for a reply: longer than any wait for new jobs.
_CONNECT_SECONDS, _REPLY_SECONDS = 5.0, 5.0


def connect(url: str, *, evicting_ok: bool = False) -> Client:
    """Return a client for a server that a queue can rely on.

    ``redis://[user:password@]host[:port][/db]``, ``rediss://`` with TLS, ``unix://path``,
    ``redis+sentinel://host:port,host:port/service[/db]``, ``redis+cluster://host:port,...``;
    ``valkey`` may stand for ``redis``. Raises QueueError if the URL is wrong, the server is
    away, refuses the user, is older than Redis 7.0 or Valkey 7.2, or evicts keys when it is
    full (unless ``evicting_ok``).
    """
    where = concealed(url)
    with reported(where):
        try:
            client = _client(url)
        except ValueError as error:
            message = f"{where}: expected the URL of a Redis server: {error}"
            raise QueueError(message, code="bad-queue-url", retryable=False) from error
        check_server(client, where, evicting_ok=evicting_ok)
    return client


def concealed(url: str) -> str:
    """Return a URL without its password."""
    url = re.sub(r"(://[^/:@]*:)[^/]*@", r"\1***@", url)
    return re.sub(r"(password=)[^&]*", r"\1***", url)


def check_server(client: Client, where: str, *, evicting_ok: bool = False) -> None:
    """Raise QueueError if a queue on this server could lose jobs."""
    for server in _infos(client, "server"):
        name, version, oldest = _identity(server)
        if version < oldest:
            wanted = ".".join(map(str, oldest))
            found = ".".join(map(str, version))
            message = f"{where}: expected Redis 7.0 or Valkey 7.2 or newer, found {name} {found}"
            hint = f"; scripts that work on a full server need {name} {wanted}"
            raise QueueError(message + hint, code="queue-unsupported", retryable=False)
    policies = [str(each.get("maxmemory_policy", "")) for each in _infos(client, "memory")]
    policy = next((each for each in policies if each not in ("", "noeviction")), "")
    if policy and not evicting_ok:
        message = (
            f"{where}: expected maxmemory-policy noeviction, found {policy}: a full server would "
            "silently drop jobs; set noeviction, or pass --evicting-ok to run the risk"
        )
        raise QueueError(message, code="queue-evicts", retryable=False)


def check_fsync(client: Client) -> None:
    """Raise QueueError if the server cannot say when a write is on its disk."""
    from redis.cluster import RedisCluster

    message = "durability 'fsync' needs one Redis or Valkey of version 7.2 or newer with AOF"
    if isinstance(client, RedisCluster):
        raise QueueError(f"{message}, found a cluster", code="queue-unsupported", retryable=False)
    with reported():
        name, version, _ = _identity(_infos(client, "server")[0])
        appending = _infos(client, "persistence")[0].get("aof_enabled")
    if version < OLDEST_FSYNC or not appending:
        found = f"{name} {'.'.join(map(str, version))}, AOF {'on' if appending else 'off'}"
        raise QueueError(f"{message}, found {found}", code="queue-unsupported", retryable=False)


def _infos(client: Client, section: str) -> Sequence[Mapping[str, Any]]:
    """Return a section of what the server says of itself; in a cluster, what each leader says."""
    from redis.cluster import RedisCluster

    if not isinstance(client, RedisCluster):
        return [client.info(section)]
    found: Any = client.info(section, target_nodes=RedisCluster.PRIMARIES)
    several = all(isinstance(value, dict) for value in found.values())
    return list(found.values()) if several else [found]


def _identity(server: Mapping[str, Any]) -> tuple[str, tuple[int, ...], tuple[int, ...]]:
    """Return the name of the server, its version and the oldest that will do."""
    if valkey := server.get("valkey_version"):
        return "Valkey", _numbers(str(valkey)), OLDEST_VALKEY
    return "Redis", _numbers(str(server.get("redis_version", "0"))), OLDEST_REDIS


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:2])


def _client(url: str) -> Client:
    scheme, _, rest = url.partition("://")
    for spelling, meant in _SPELLINGS.items():
        if scheme.partition("+")[0] == spelling:
            scheme = scheme.replace(spelling, meant, 1)
    if scheme not in _SCHEMES or not rest:
        message = "it begins with one of " + ", ".join(f"{name}://" for name in _SCHEMES)
        raise ValueError(message)
    secure, _, topology = scheme.partition("+")
    if topology == "sentinel":
        return _sentinel_client(secure, rest)
    if topology == "cluster":
        return _cluster_client(secure, rest)
    from redis import Redis

    options = _options()
    if scheme == "unix":
        del options["socket_keepalive"]
    return Redis.from_url(f"{scheme}://{rest}", **options)


def _options() -> dict[str, Any]:
    """Return what every connection has: bounded waits, and retries, as all scripts allow."""
    from redis.backoff import ExponentialBackoff
    from redis.exceptions import BusyLoadingError, ReadOnlyError
    from redis.retry import Retry

    return {
        "socket_connect_timeout": _CONNECT_SECONDS,
        "socket_timeout": _REPLY_SECONDS,
        "socket_keepalive": True,
        "health_check_interval": 30,
        "retry": Retry(ExponentialBackoff(cap=0.5, base=0.02), 4),
        "retry_on_error": [BusyLoadingError, ReadOnlyError],
    }


def _sentinel_client(secure: str, rest: str) -> Client:
    from redis.backoff import NoBackoff
    from redis.retry import Retry
    from redis.sentinel import Sentinel

    hosts, user, password, path, extra = _split(rest, 26379)
    service, _, database = path.strip("/").partition("/")
    if not service:
        message = "after the sentinels comes the name of the service, /mymaster say"
        raise ValueError(message)
    sentinel_options = {
        name.removeprefix("sentinel_"): extra.pop(name)
        for name in list(extra)
        if name.startswith("sentinel_")
    }
    # Each of them is asked once: who asks them tries again.
    once = {"socket_timeout": _CONNECT_SECONDS, "retry": Retry(NoBackoff(), 0)}
    sentinel = Sentinel(hosts, sentinel_kwargs={**once, **sentinel_options})
    tls = {"ssl": True} if secure == "rediss" else {}
    return sentinel.master_for(
        service,
        db=int(database or 0),
        username=user,
        password=password,
        **tls,
        **extra,
        **_options(),
    )


def _cluster_client(secure: str, rest: str) -> Client:
    from redis.cluster import ClusterNode, RedisCluster

    hosts, user, password, _, extra = _split(rest, 6379)
    options = _options()
    del options["retry_on_error"]
    return RedisCluster(
        startup_nodes=[ClusterNode(host, port) for host, port in hosts],
        username=user,
        password=password,
        ssl=secure == "rediss",
        **extra,
        **options,
    )


def _split(
    rest: str, port: int
) -> tuple[list[tuple[str, int]], str | None, str | None, str, dict[str, Any]]:
    """Return hosts, user, password, path and query of a URL with several hosts."""
    parts = urlsplit(f"//{rest}")
    account, _, places = parts.netloc.rpartition("@")
    user, _, password = account.partition(":")
    hosts = []
    for place in places.split(","):
        host, _, number = place.rpartition(":") if re.search(r":\d+$", place) else (place, "", "")
        if not host:
            message = f"a host is missing in {places!r}"
            raise ValueError(message)
        hosts.append((host.strip("[]"), int(number or port)))
    extra: dict[str, Any] = dict(parse_qsl(parts.query))
    return hosts, unquote(user) or None, unquote(password) or None, parts.path, extra
