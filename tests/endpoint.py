"""The HTTP endpoint on a real socket, in a thread, and a worker that does what a test says."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx

from imgflow.guard import Allowed
from imgflow.job import Failure, Result, Written
from imgflow.queue import Claims, Outcome, Queue, connect
from imgflow.request import Permissions
from imgflow.server import Admission, Listener, bind, build_service, open_depot
from imgflow.storage import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

NOBODY = Admission()


class Endpoint:
    """A service that listens, a client of it, and its queue."""

    def __init__(self, queue: Queue, client: httpx.Client, port: int) -> None:
        self.queue = queue
        self.client = client
        self.port = port
        self.claims = Claims(queue, "host-1-abcdef", 4)

    def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        """Post a value as JSON, or bytes as they are."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"Content-Type": "application/json", **headers}
        return self.client.post(path, content=data, headers=sent)

    def submit(self, request: dict[str, Any]) -> str:
        """Submit one job, and return its id."""
        reply = self.post("/jobs", request)
        assert reply.status_code == 202, reply.text
        return str(reply.json()["job_id"])

    def run(self, *outputs: Written, error: Failure | None = None) -> str:
        """Do the next job as a worker does, and return its id."""
        self.claims.wait(0.2)
        (ticket,) = self.claims.take(1)
        result = Result(
            status="failed" if error else "completed",
            input=ticket.job.input,
            outputs=outputs,
            error=error,
        )
        assert self.claims.settle([Outcome(ticket=ticket, result=result)]) == [True]
        return ticket.id


@contextmanager
def serving(
    redis_url: str,
    *allowed: str,
    admission: Admission = NOBODY,
    max_depth: int | None = None,
    stores: dict[str, Store] | None = None,
    uploads: str = "",
) -> Iterator[Endpoint]:
    """Run the endpoint of a queue until the end of the block."""
    queue = Queue(connect(redis_url))
    permissions = Permissions(Allowed(allowed), Allowed(["https://"], setting="WEBHOOKS").check)
    depot = open_depot(stores or {}, uploads, permissions.allowed)
    service = build_service(queue, permissions, admission, max_depth=max_depth, depot=depot)
    started = threading.Event()
    bound = bind("127.0.0.1", 0)
    port = bound.getsockname()[1]
    listener = Listener(service, bound, started.set)
    thread = threading.Thread(target=listener.listen)
    thread.start()
    try:
        assert started.wait(30)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            yield Endpoint(queue, client, port)
    finally:
        listener.stop()
        thread.join(30)
        queue.client.close()
    assert not thread.is_alive()
