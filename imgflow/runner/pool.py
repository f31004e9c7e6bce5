"""Worker processes, and the batches of jobs that are with them."""

from __future__ import annotations

import queue
import threading
import time
from concurrent.futures import CancelledError
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING, Self

import msgspec
from pebble import ProcessExpired, ProcessPool

from imgflow.errors import ImgflowError
from imgflow.job import Result
from imgflow.runner import child
from imgflow.runner.attempt import describe_end, lost, outgrown, timed_out
from imgflow.runner.spawning import CleanContext

if TYPE_CHECKING:
    from concurrent.futures import Future

    from imgflow.runner.board import Board
    from imgflow.runner.errand import Errand, Setup

    Batch = tuple[Errand, ...]

#: How often the processes may all be gone, with no job done in between, before we give up: at
#: the start, where the cause is with us, and later, where they were killed from outside.
MOST_RESTARTS, MOST_LATER = 3, 20
#: Seconds beyond the time limit of a job after which a silent pool counts as broken; and
#: without it if jobs wait while a process is free. A process that is killed while it takes a
#: job or gives a result may keep the lock that all of them need.
_GRACE = 10.0
#: Seconds between two looks at a silent pool.
_LOOK = 1.0
#: Seconds that a batch of several jobs may take before they are tried one by one.
_BATCH_SECONDS = 5.0


class WorkerPool:
    """Pebble's pool, made to lose nothing: a job comes back as a result in any case.

    Jobs and results cross as JSON. A worker that dies, hangs or outgrows its memory costs
    that job, and is replaced; after ``recycle`` batches one makes room for a fresh one.
    Safe for threads, of which one at a time may wait for results.
    """

    def __init__(
        self, workers: int, setup: Setup, *, board: Board | None = None, recycle: int = 0
    ) -> None:
        """Prepare ``workers`` processes; they start with the first job."""
        self._workers = workers
        self._limits = setup.limits
        self._setup = msgspec.json.encode(setup)
        self._board = board
        self._recycle = recycle
        self._batches: dict[Future[bytes], Batch] = {}
        self._done: queue.SimpleQueue[Future[bytes] | None] = queue.SimpleQueue()
        self._heard = time.monotonic()
        self._restarts = 0
        self._worked = False
        self._closed = False
        self._changing = threading.RLock()
        self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __len__(self) -> int:
        """Return the number of batches that have not come back."""
        return len(self._batches)

    def submit(self, batch: Batch) -> None:
        """Hand some jobs to the next free worker, which does one after the other.

        A pool that is closed does not take them.
        """
        packed = msgspec.json.encode(batch)
        with self._changing:
            self._heard = time.monotonic()
            while not self._closed:
                try:
                    future = self._pool.schedule(
                        child.work, (packed, self._setup), timeout=self._seconds(batch)
                    )
                except (BrokenProcessPool, RuntimeError) as error:
                    self._restart(error)
                else:
                    self._batches[future] = batch
                    future.add_done_callback(self._done.put)
                    return

    def next_results(self) -> list[tuple[Errand, Result]]:
        """Wait for the next batch to come back, and return what was submitted with its result.

        The list is empty if a batch was lost: then its jobs are tried again one by one, and
        only the one that is to blame fails. It is also empty when the pool is closed, and
        now and then when there is nothing yet.
        """
        try:
            future = self._done.get(timeout=_LOOK)
        except queue.Empty as error:
            self._check_alive(error)
            return []
        return self._settle(future) if future else []

    def cancel(self, errand: Errand) -> bool:
        """Drop a job, and kill the process that is at it; a new one takes its place.

        Returns False for a job whose result comes in any case: it is done, or one of
        several quick ones that were handed out together.
        """
        with self._changing:
            for future, batch in self._batches.items():
                if len(batch) == 1 and batch[0] is errand:
                    if dropped := future.cancel():
                        del self._batches[future]
                    return dropped
        return False

    def warm_up(self) -> None:
        """Start the processes, so that the first job need not wait for them."""
        with self._changing:
            if not self._pool.active:
                self._restart(RuntimeError("the pool did not start"))

    def close(self) -> None:
        """Stop all work: when this returns, no process is left.

        Results that are there already can still be had from :meth:`next_results`.
        """
        with self._changing:
            self._closed = True
            self._stop_processes()
            self._done.put(None)

    @property
    def is_done(self) -> bool:
        """Whether the pool is closed, and all results that came before were had."""
        return self._closed and self._done.empty()

    def _settle(self, future: Future[bytes]) -> list[tuple[Errand, Result]]:
        with self._changing:
            if future not in self._batches:
                return []
            try:
                results = self._results(future)
            except (BrokenProcessPool, CancelledError) as error:
                self._restart(error)
                return []
            batch = self._batches.pop(future)
            self._restarts = 0
            self._proven = self._worked = True
            self._heard = time.monotonic()
            if results is None:
                for errand in batch:
                    self.submit((errand,))
            return list(zip(batch, results or [], strict=False))

    def _seconds(self, batch: Batch) -> float:
        """Return how long a batch may take: only quick jobs go together."""
        limit = self._limits.seconds
        return limit if len(batch) == 1 else min(limit, _BATCH_SECONDS)

    def _results(self, future: Future[bytes]) -> list[Result] | None:
        errand, *others = self._batches[future]
        try:
            return msgspec.json.decode(future.result(), type=list[Result])
        except (TimeoutError, ProcessExpired) as error:
            return None if others else [self._failure(errand, error)]

    def _failure(self, errand: Errand, error: TimeoutError | ProcessExpired) -> Result:
        if isinstance(error, TimeoutError):
            return timed_out(errand.job, self._limits)
        if error.exitcode == child.EXIT_MEMORY:
            return outgrown(errand.job, self._limits)
        cause = describe_end(error.exitcode)
        message = f"{errand.job.input}: the worker process died of {cause}"
        return lost(errand.job, "worker-crashed", message)

    def _open(self) -> None:
        self._proven = False
        self._context = CleanContext()
        self._pool = ProcessPool(
            self._workers,
            max_tasks=self._recycle,
            initializer=child.start,
            initargs=(self._setup, self._board),
            context=self._context,
        )

    def _stop_processes(self) -> None:
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()
        self._context.drop_locks()

    def _check_alive(self, cause: Exception) -> None:
        """Start over if nothing happened for longer than it may take."""
        with self._changing:
            running = sum(future.running() for future in self._batches)
            stuck = self._proven and running < min(self._workers, len(self._batches))
            patience = _GRACE + (0 if stuck else self._limits.seconds)
            if self._batches and time.monotonic() - self._heard >= patience:
                self._restart(cause)

    def _restart(self, cause: Exception) -> None:
        """Start over with new processes, and with all that has not come back.

        This happens if a worker is killed while it has no job, which breaks the pool.
        """
        if self._closed:
            return
        self._restarts += 1
        if self._restarts > (MOST_LATER if self._worked else MOST_RESTARTS):
            message = "the worker processes die as soon as they start; see their messages above"
            raise ImgflowError(message, code="workers-broken") from cause
        self._stop_processes()
        batches, self._batches = self._batches, {}
        self._open()
        for batch in batches.values():
            self.submit(batch)
