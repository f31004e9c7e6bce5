"""The worker: takes jobs from queues, has them done in processes, and gives account of them."""

from imgflow.worker.worker import Worker

__all__ = ["Worker"]
