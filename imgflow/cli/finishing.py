"""What follows the last image of a run: the manifest, and what is over budget."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.cli import exits
from imgflow.cli.printing import flush, print_error, print_json, print_line

if TYPE_CHECKING:
    from imgflow.project import Project


def finish(project: Project, *, as_json: bool, quiet: bool) -> int:
    """Write the manifest, print the budgets that are not kept, and return the exit code."""
    if project.write_manifest() and not (as_json or quiet):
        print_line(f"  manifest: {project.recipe.manifest}")
    breaches = project.breaches()
    for breach in breaches:
        if as_json:
            print_json({"over_budget": breach, "message": breach.message})
        else:
            print_error(f"over budget: {breach.message}")
    flush()
    return exits.STALE if breaches else exits.OK
