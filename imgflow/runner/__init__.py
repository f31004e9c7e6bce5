"""The local runner: many jobs on the cores of this machine."""

from imgflow.runner.cores import default_workers
from imgflow.runner.run import processes_for, run_jobs

__all__ = ["default_workers", "processes_for", "run_jobs"]
