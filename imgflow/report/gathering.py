"""What a project has made so far, for its report: from what is remembered, not made again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

    from imgflow.job import Result
    from imgflow.project import Project
    from imgflow.report.builder import ReportBuilder


def gather(project: Project, builder: ReportBuilder, tell: Callable[[str], None]) -> None:
    """Add all sources of a project to a report: what is up to date, and what is not, and why.

    ``tell`` is called with the name of each. Raises what :meth:`Project.steps` does.
    """
    for step in project.steps():
        source = step.job.input
        tell(source)
        if result := project.kept(step):
            builder.add(timed(result, project))
        elif failure := project.ledger.failure(source):
            builder.add(failure)
        else:
            builder.add_stale(source, step.verdict.reasons)


def timed(result: Result, project: Project) -> Result:
    """Return a result with the time that its work took in an earlier run, if it was done then."""
    if result.status == "failed" or result.seconds:
        return result
    made = project.ledger.lookup(result.input)
    return msgspec.structs.replace(result, seconds=made.result.seconds) if made else result
