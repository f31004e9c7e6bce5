"""Servers for tests, by name: Debian's Redis and the Valkey of a wheel.

Where a server is missing its tests are skipped on a laptop, and fail where CI is set.
"""

from __future__ import annotations

import os
import shutil
import signal
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NoReturn

import hypothesis
import pytest
from fault_proxy import FaultProxy
from s3_ground import Ground, break_ground
from s3_server import S3Server
from servers import RedisServer, find_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from servers import Options, StartServer

_PRODUCTS = ("redis", "valkey")
#: The server of the fast tier, the first that is here; the slow one has the other, too.
_FIRST = next((product for product in _PRODUCTS if find_server(product)), _PRODUCTS[0])
#: What is lost there once is lost.
_NEVER_AGAIN = {"chaos", "queue"}


def pytest_configure() -> None:
    """Have commands that are started hear SIGHUP, under nohup too; and no test be timed."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    hypothesis.settings.register_profile("untimed", deadline=None)
    hypothesis.settings.load_profile("untimed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run a slow test that fails once more: it waits for real processes, on a busy machine.

    Not so those of the queue.
    """
    for item in items:
        if item.get_closest_marker("slow") and _NEVER_AGAIN.isdisjoint(item.path.parts):
            item.add_marker(pytest.mark.flaky(reruns=1))


def require(product: str) -> str:
    """Return the path of the server's program."""
    return find_server(product) or _miss(f"no {product} server here")


def _miss(message: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(
    scope="session",
    params=[
        pytest.param(product, marks=() if product == _FIRST else pytest.mark.slow)
        for product in _PRODUCTS
    ],
)
def server_binary(request: pytest.FixtureRequest) -> str:
    """The program of each server in turn."""
    return require(request.param)


@pytest.fixture(scope="session")
def redis_binary() -> str:
    """Debian's server alone, for tests to which it makes no difference."""
    return require("redis")


@pytest.fixture
def openssl() -> str:
    """The program that makes certificates."""
    return shutil.which("openssl") or _miss("no openssl here")


@pytest.fixture(scope="session")
def shared_server(server_binary: str) -> Iterator[RedisServer]:
    """One server for all tests: not to be stopped, frozen or configured by any of them."""
    with _folder() as folder, RedisServer(server_binary, folder) as server:
        yield server


@pytest.fixture
def redis_url(shared_server: RedisServer) -> str:
    """The URL of an empty database, on each server in turn."""
    return _emptied(shared_server)


@pytest.fixture(scope="session")
def single_server(redis_binary: str) -> Iterator[RedisServer]:
    """As ``shared_server``, Debian's alone."""
    with _folder() as folder, RedisServer(redis_binary, folder) as server:
        yield server


@pytest.fixture
def one_redis_url(single_server: RedisServer) -> str:
    """The URL of an empty database on Debian's server, for tests that need not run twice."""
    return _emptied(single_server)


@pytest.fixture
def start_server(server_binary: str) -> Iterator[StartServer]:
    """A function that starts a server of the test's own, to kill, freeze and configure."""
    with ExitStack() as stack:

        def start(options: Options | None = None) -> RedisServer:
            folder = stack.enter_context(_folder())
            return stack.enter_context(RedisServer(server_binary, folder, options=options))

        yield start


@pytest.fixture
def fault_proxy(shared_server: RedisServer) -> Iterator[FaultProxy]:
    """A proxy to an empty database."""
    _emptied(shared_server)
    with FaultProxy(shared_server.address) as proxy:
        yield proxy


@pytest.fixture(scope="session")
def object_server() -> Iterator[S3Server]:
    """One S3 server for all tests: moto."""
    with _folder() as folder, S3Server("moto", folder) as server:
        yield server


@pytest.fixture
def ground(
    object_server: S3Server,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Ground:
    """A new bucket, and the environment set up for it."""
    found = break_ground(object_server.url, tmp_path_factory.mktemp("ground"))
    for name, value in found.settings.items():
        monkeypatch.setenv(name, value)
    return found


def _emptied(server: RedisServer) -> str:
    client = server.client()
    try:
        client.flushall()
    finally:
        client.close()
    return server.url


@contextmanager
def _folder() -> Iterator[Path]:
    """Make a folder whose path is short enough for a socket."""
    with TemporaryDirectory(prefix="s", ignore_cleanup_errors=True) as folder:
        yield Path(folder)
