"""What does jobs here: the cores, the limits of a job, the storage that is within reach."""

from __future__ import annotations

import dataclasses
import os
from typing import TYPE_CHECKING

from imgflow.runner import run_jobs
from imgflow.runner.errand import EXECUTE
from imgflow.settings import Settings, read_settings
from imgflow.storage.opening import open_settled

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from imgflow.job import Job, Result
    from imgflow.limits import Limits
    from imgflow.storage import Storage


@dataclasses.dataclass(frozen=True)
class Machine:
    """How jobs are done here: ``workers`` processes, None for as many as suit the cores."""

    settings: Settings
    limits: Limits
    workers: int | None = None

    def storage(self) -> Storage:
        """Return where sources and outputs are, as the settings name it."""
        return open_settled(self.settings.stores, self.limits, hosts=self.settings.allow)

    def work(
        self, jobs: Iterable[Job], *, fail_fast: bool = False, how: str = EXECUTE
    ) -> Generator[Result]:
        """Do jobs as ``run_jobs`` does; ``how`` names the function that does one."""
        return run_jobs(
            jobs,
            workers=self.workers,
            limits=self.limits,
            stores=self.settings.stores,
            hosts=self.settings.allow,
            fail_fast=fail_fast,
            work=how,
        )


def this_machine(limits: Limits, workers: int | None = None) -> Machine:
    """Return this machine, as the environment has it; raises UsageError for a wrong setting."""
    settings = read_settings(os.environ)
    return Machine(settings, limits, workers or settings.jobs)
