"""The job queue on Redis: see ``docs/queue.md`` for its guarantees."""

from imgflow.queue.claims import Claims, Outcome, worker_name
from imgflow.queue.connection import concealed, connect
from imgflow.queue.entries import (
    FINAL,
    BatchStatus,
    JobStatus,
    Mishap,
    Receipt,
    State,
    Stats,
    Submission,
    Ticket,
    WorkerStatus,
)
from imgflow.queue.following import follow
from imgflow.queue.opening import open_queues, read_duration, read_fsync, read_policy
from imgflow.queue.outbox import Event
from imgflow.queue.policy import DEFAULT_POLICY, PRIORITIES, Policy, Priority
from imgflow.queue.queue import Queue
from imgflow.queue.replies import Remembered

__all__ = [
    "DEFAULT_POLICY",
    "FINAL",
    "PRIORITIES",
    "BatchStatus",
    "Claims",
    "Event",
    "JobStatus",
    "Mishap",
    "Outcome",
    "Policy",
    "Priority",
    "Queue",
    "Receipt",
    "Remembered",
    "State",
    "Stats",
    "Submission",
    "Ticket",
    "WorkerStatus",
    "concealed",
    "connect",
    "follow",
    "open_queues",
    "read_duration",
    "read_fsync",
    "read_policy",
    "worker_name",
]
