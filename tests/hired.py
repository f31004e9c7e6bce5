"""A worker as a process of its own: ``hired.py OPTIONS``, which are a ``Terms`` in JSON."""

from __future__ import annotations

import signal
import sys

import msgspec

from imgflow.limits import Limits
from imgflow.logs import set_up_logging
from imgflow.queue import Policy, Queue, connect
from imgflow.runner.errand import Setup
from imgflow.worker import Worker


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker is hired for."""

    url: str
    policy: Policy
    queues: tuple[str, ...] = ("default",)
    slots: int = 2
    drain: float = 60.0
    limits: Limits = Limits()
    work: str = "duties:act"
    recycle: int = 0


def main(terms: Terms) -> None:
    """Work until a signal comes."""
    set_up_logging("json")
    client = connect(terms.url)
    worker = Worker(
        [Queue(client, name, terms.policy) for name in terms.queues],
        slots=terms.slots,
        setup=Setup(limits=terms.limits, work=terms.work),
        drain=terms.drain,
        recycle=terms.recycle,
    )
    signal.signal(signal.SIGTERM, lambda *_: worker.stop())
    worker.run()


if __name__ == "__main__":
    main(msgspec.json.decode(sys.argv[1], type=Terms))
