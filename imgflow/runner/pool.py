"""Worker processes, and the batches of jobs that are with them."""

from __future__ import annotations

import queue
import signal
from concurrent.futures import CancelledError
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING, Any, Self

import msgspec
from pebble import ProcessExpired, ProcessPool

from imgflow.errors import ImgflowError
from imgflow.job import Result
from imgflow.runner import child
from imgflow.runner.attempt import lost, outgrown, timed_out
from imgflow.runner.spawning import CleanContext

if TYPE_CHECKING:
    from concurrent.futures import Future

    from imgflow.job import Job
    from imgflow.limits import Limits

    Batch = tuple[Job, ...]

#: How often the processes may all be gone, with no job done in between, before we give up.
MOST_RESTARTS = 3
#: Seconds beyond the time limit of a job after which a silent pool counts as broken.
_GRACE = 10.0
#: Seconds that a batch of several jobs may take before they are tried one by one.
_BATCH_SECONDS = 5.0


class WorkerPool:
    """Pebble's pool, made to lose nothing: a job comes back as a result in any case.

    Jobs and results cross as JSON. A worker that dies, hangs or outgrows its memory costs
    that job, and is replaced.
    """

    def __init__(self, workers: int, limits: Limits) -> None:
        """Prepare ``workers`` processes; they start with the first job."""
        self._workers = workers
        self._limits = limits
        self._packed_limits = msgspec.json.encode(limits)
        self._batches: dict[Future[bytes], Batch] = {}
        self._restarts = 0
        self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def __len__(self) -> int:
        """Return the number of batches that have not come back."""
        return len(self._batches)

    def submit(self, batch: Batch) -> None:
        """Hand some jobs to the next free worker, which does one after the other."""
        while True:
            try:
                future = self._pool.schedule(
                    child.work,
                    (msgspec.json.encode(batch), self._packed_limits),
                    timeout=self._seconds(batch),
                )
            except (BrokenProcessPool, RuntimeError) as error:
                self._restart(error)
            else:
                self._batches[future] = batch
                future.add_done_callback(self._done.put)
                return

    def next_results(self) -> list[Result]:
        """Wait for the next batch to come back.

        The list is empty if a batch was lost: then its jobs are tried again one by one, and
        only the one that is to blame fails.
        """
        try:
            future = self._done.get(timeout=self._limits.seconds + _GRACE)
            results = self._results(future)
        except (BrokenProcessPool, CancelledError, queue.Empty) as error:
            self._restart(error)
            return []
        batch = self._batches.pop(future)
        self._restarts = 0
        if results is None:
            for job in batch:
                self.submit((job,))
        return results or []

    def _seconds(self, batch: Batch) -> float:
        """Return how long a batch may take: only quick jobs go together."""
        limit = self._limits.seconds
        return limit if len(batch) == 1 else min(limit, _BATCH_SECONDS)

    def _results(self, future: Future[bytes]) -> list[Result] | None:
        job, *others = self._batches[future]
        try:
            return msgspec.json.decode(future.result(), type=list[Result])
        except (TimeoutError, ProcessExpired) as error:
            return None if others else [self._failure(job, error)]

    def _failure(self, job: Job, error: TimeoutError | ProcessExpired) -> Result:
        if isinstance(error, TimeoutError):
            return timed_out(job, self._limits)
        if error.exitcode == child.EXIT_MEMORY:
            return outgrown(job, self._limits)
        message = f"{job.input}: the worker process died of {_cause(error.exitcode)}"
        return lost(job, "worker-crashed", message)

    def _open(self) -> None:
        self._done: queue.SimpleQueue[Future[bytes]] = queue.SimpleQueue()
        self._pool = ProcessPool(
            self._workers,
            initializer=child.start,
            initargs=(self._packed_limits,),
            context=CleanContext(),
        )

    def _close(self) -> None:
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()

    def _restart(self, cause: Exception) -> None:
        """Start over with new processes, and with all that has not come back.

        This happens if a worker is killed while it has no job, which breaks the pool.
        """
        self._restarts += 1
        if self._restarts > MOST_RESTARTS:
            message = "the worker processes die as soon as they start; see their messages above"
            raise ImgflowError(message, code="workers-broken") from cause
        self._close()
        batches, self._batches = self._batches, {}
        self._open()
        for batch in batches.values():
            self.submit(batch)


def _cause(exitcode: Any) -> str:  # noqa: ANN401
    """Name the signal or the exit code that ended a process."""
    if exitcode >= 0:
        return f"exit code {exitcode}"
    name = signal.Signals(-exitcode).name
    hint = " (out of memory?)" if name == "SIGKILL" else ""
    return f"signal {name}{hint}"
