"""``imgflow report``: a page of what was made so far."""

from typing import TYPE_CHECKING, Annotated

import typer

from imgflow.cli.bounds import Bounds, MaxMegapixels, MaxTotalMegapixels
from imgflow.cli.options import (
    AllowLoader,
    AsJson,
    Inputs,
    Out,
    RecipeName,
    Sets,
    State,
)

if TYPE_CHECKING:
    from imgflow.report.totals import Totals

Page = Annotated[str, typer.Option("--page", metavar="FILE.html", help="The page to write.")]


def report(  # noqa: PLR0913 - the options of a command
    recipe: RecipeName,
    inputs: Inputs = None,
    *,
    page: Page = "report.html",
    out: Out = None,
    sets: Sets = None,
    state: State = None,
    max_megapixels: MaxMegapixels = None,
    max_total_megapixels: MaxTotalMegapixels = None,
    allow_loader: AllowLoader = None,
    as_json: AsJson = False,
) -> None:
    """Write a page of what was made: sizes, scores, failures.

    What is not up to date is listed with the reasons, what failed with its own. Nothing is
    made, and nothing but the page is written: 'imgflow run --report' makes what there is to
    make first.
    """
    from imgflow.cli.counting import counted
    from imgflow.cli.drawn import check_drawn
    from imgflow.cli.opening import Asked, opened

    bounds = Bounds(
        max_megapixels=max_megapixels,
        max_total_megapixels=max_total_megapixels,
        allow_loader=tuple(allow_loader or ()),
    )
    asked = Asked(recipe, inputs, out, sets, state)
    with opened(asked, limits=bounds.limits(), hidden=as_json) as (project, machine, storage):
        from imgflow.report import ReportBuilder, gather

        check_drawn("--page", page, (".html",), [project.recipe.file])
        title = project.recipe.name
        builder = ReportBuilder(storage, page, title=title, limits=machine.limits)
        with builder, counted(project.jobs.total, hidden=as_json) as tell:
            gather(project, builder, tell)
            builder.write(orphans=len(project.orphans()), breaches=project.breaches())
    _tell(page, builder.totals, as_json=as_json)


def _tell(page: str, totals: "Totals", *, as_json: bool) -> None:
    from imgflow.cli.printing import print_json, print_line
    from imgflow.report import standing_text

    if as_json:
        counts = {
            "done": totals.summary.completed,
            "failed": len(totals.summary.failures),
            "stale": totals.undone,
            "orphaned": totals.orphans,
            "over_budget": len(totals.breaches),
        }
        print_json({"page": page} | counts)
    else:
        print_line(f"{page}: {standing_text(totals)}")
