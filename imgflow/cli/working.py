"""A worker as the command line runs it: set up from options, stopped by signals."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from imgflow.cli import exits
from imgflow.errors import UsageError
from imgflow.logs import set_up_logging
from imgflow.queue import open_queues
from imgflow.runner import default_workers, processes_for
from imgflow.runner.errand import Setup
from imgflow.settings import Settings, read_settings
from imgflow.storage.opening import open_settled
from imgflow.uris import is_remote
from imgflow.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from imgflow.limits import Limits
    from imgflow.queue import Queue


def work(  # noqa: PLR0913 - what a command was asked for
    redis: str | None,
    queues: str | None,
    concurrency: int | None,
    limits: Limits,
    *,
    drain: float,
    log_format: Literal["text", "json"],
    retry_permanent: bool,
    evicting_ok: bool,
) -> int:
    """Run a worker until a signal comes, and return the exit code.

    Raises UsageError if no server or queue is named, QueueError if it is of no use.
    """
    settings = read_settings(os.environ)
    open_settled(settings.stores, limits).close()
    opened = open_queues(
        redis or settings.redis_url,
        _parse_names(queues) if queues is not None else (),
        os.environ,
        evicting_ok=evicting_ok,
        retry_permanent=retry_permanent,
    )
    set_up_logging(log_format)
    worker = Worker(
        opened,
        slots=concurrency or settings.jobs or _usual_slots(settings),
        setup=Setup(limits=limits, allow=settings.allow, stores=settings.stores),
        drain=drain,
    )
    with _signals(worker.stop), _couriers(opened, settings):
        worker.run()
    return exits.OK


@contextmanager
def _couriers(queues: list[Queue], settings: Settings) -> Iterator[None]:
    """Deliver the webhooks of all queues meanwhile, if there is a secret to sign them with."""
    if not settings.webhook_secret:
        yield
        return
    from imgflow.webhooks import Courier, read_secrets, receivers

    secrets, hosts = read_secrets(settings.webhook_secret), receivers(settings.webhooks)
    couriers = [Courier(queue, hosts, secrets) for queue in queues]
    for courier in couriers:
        threading.Thread(target=courier.run, name="imgflow-courier", daemon=True).start()
    try:
        yield
    finally:
        for courier in couriers:
            courier.stop()


def _usual_slots(settings: Settings) -> int:
    """Return how many images at once keep the cores at work, as far as settings tell.

    Who names stores, or allows places far away, has jobs that wait for the network.
    """
    remote = bool(settings.stores) or any(map(is_remote, settings.allow))
    return processes_for(default_workers(), remote=remote)


def _parse_names(text: str) -> list[str]:
    names = list(dict.fromkeys(part for one in text.split(",") if (part := one.strip())))
    if not names:
        message = f"--queues: expected names with commas between them, found {text!r}"
        raise UsageError(message)
    return names


@contextmanager
def _signals(stop: Callable[[], None]) -> Iterator[None]:
    """Call ``stop`` at each signal that asks for the end; those that are ignored stay so."""
    before = {
        number: signal.signal(number, lambda *_: stop())
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
