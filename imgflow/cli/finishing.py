"""A run on this machine from its first image on to what follows the last one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.cli import exits
from imgflow.cli.printing import flush, print_error, print_json, print_line
from imgflow.cli.reporting import followed

if TYPE_CHECKING:
    from imgflow.cli.batch import Batch
    from imgflow.cli.opening import Opened
    from imgflow.cli.reporting import Page
    from imgflow.project import Project

#: Budgets that are not kept are told in words up to so many; those come first that are worst.
_MOST_BREACHES = 20


def run_here(  # noqa: PLR0913 - how to run, and how to tell of it
    found: Opened,
    batch: Batch,
    page: Page | None,
    *,
    fail_fast: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    """Bring a project up to date, write its manifest and report, and return the exit code."""
    project, machine, _ = found
    with followed(page, hidden=as_json or quiet) as watch:
        code = batch.show(
            lambda progress: watch(
                project.bring_up(
                    lambda todo: machine.work(progress.watch(todo), fail_fast=fail_fast)
                )
            ),
            as_json=as_json,
            quiet=quiet,
        )
    if code and fail_fast:
        return code
    if project.write_manifest() and not (as_json or quiet):
        print_line(f"  manifest: {project.recipe.manifest}")
    over = _show_breaches(project, as_json=as_json)
    return code or over


def _show_breaches(project: Project, *, as_json: bool) -> int:
    breaches = project.breaches()
    for breach in breaches if as_json else breaches[:_MOST_BREACHES]:
        if as_json:
            print_json({"over_budget": breach, "message": breach.message})
        else:
            print_error(f"over budget: {breach.message}")
    if not as_json and (more := len(breaches) - _MOST_BREACHES) > 0:
        print_error(f"over budget: {more:,} more, which --json tells")
    flush()
    return exits.STALE if breaches else exits.OK
