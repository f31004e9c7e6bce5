"""A worker with a fault: killed at one point of its way, or with work that takes a while.

    python chaos_worker.py '{"url": ..., "queues": [...], "slots": 2, "lease": 2.0, ...}'

It is the product's own ``Worker``. Only the calls that lead out of it are wrapped: ``Scripts.run``
here, and in its child processes, through the work function, the storage (``chaos_work.py``).
"""

from __future__ import annotations

import functools
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path += [str(HERE), str(HERE.parent)]

from chaos_point import Point, here  # noqa: E402

from imgflow.limits import DEFAULT_LIMITS  # noqa: E402
from imgflow.logs import set_up_logging  # noqa: E402
from imgflow.queue import Policy, Queue, connect  # noqa: E402
from imgflow.queue.scripts import Scripts  # noqa: E402
from imgflow.runner.errand import Setup  # noqa: E402
from imgflow.worker import Worker  # noqa: E402


def main(order: dict[str, Any]) -> None:
    """Run it until SIGTERM."""
    if point := here():
        rig(point)
    policy = Policy(lease=order["lease"], delays=tuple(order["delays"]))
    client = connect(order["url"])
    set_up_logging("json")
    worker = Worker(
        [Queue(client, name, policy) for name in order.get("queues", ["default"])],
        slots=order.get("slots", 2),
        setup=Setup(limits=DEFAULT_LIMITS, work="chaos_work:execute"),
        drain=order.get("drain", 25.0),
    )
    signal.signal(signal.SIGTERM, lambda *_: worker.stop())
    worker.run()


def rig(point: Point) -> None:
    """Have this process die before or after a script."""
    inner = Scripts.run

    @functools.wraps(inner)
    def run(scripts: Scripts, name: str, *arguments: Any, **options: Any) -> Any:
        point.strike(f"before {name}", os.getpid())
        reply = inner(scripts, name, *arguments, **options)
        # A claim that got nothing is not what is meant.
        if reply or name != "claim":
            point.strike(f"after {name}", os.getpid())
        return reply

    Scripts.run = run  # type: ignore[method-assign,assignment]


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
