"""Jobs that are done but for the writing: what they would come to is known, nothing changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.delivery import withhold
from imgflow.execute import execute

if TYPE_CHECKING:
    from imgflow.job import Job, Result
    from imgflow.limits import Limits
    from imgflow.runner.attempt import Progress
    from imgflow.storage import Storage


def rehearse(
    job: Job, storage: Storage, limits: Limits, progress: Progress | None = None
) -> Result:
    """Do what :func:`imgflow.execute.execute` does, and write no file."""
    return execute(job, storage, limits, progress, withhold)
