"""How long a worker that is not heard of counts as there."""

#: Seconds.
WORKER_SECONDS = 60.0
