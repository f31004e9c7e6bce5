"""``imgflow check``: whether everything is up to date and within budget."""

from typing import Annotated

import typer

from imgflow.cli.bounds import (
    Bounds,
    MaxMegabytes,
    MaxMegapixels,
    MaxTotalMegapixels,
    Memory,
    Timeout,
)
from imgflow.cli.options import (
    AllowLoader,
    AsJson,
    Inputs,
    Out,
    RecipeName,
    Sets,
    State,
    repeat_options,
)
from imgflow.cli.run import Jobs

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print what is wrong, and no counts.")]
Junit = Annotated[
    str | None, typer.Option("--junit", metavar="FILE", help="Write JUnit XML to this .xml file.")
]
Sarif = Annotated[
    str | None, typer.Option("--sarif", metavar="FILE", help="Write SARIF to this .sarif file.")
]


def check(  # noqa: PLR0913 - the options of a command
    recipe: RecipeName,
    inputs: Inputs = None,
    *,
    out: Out = None,
    sets: Sets = None,
    state: State = None,
    jobs: Jobs = None,
    junit: Junit = None,
    sarif: Sarif = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
    max_megapixels: MaxMegapixels = None,
    max_total_megapixels: MaxTotalMegapixels = None,
    max_megabytes: MaxMegabytes = None,
    timeout: Timeout = None,
    memory: Memory = None,
    allow_loader: AllowLoader = None,
) -> int:
    """Tell whether all is up to date and within budget; write nothing.

    What is not up to date is decoded, to see whether it can be made. In GitHub Actions, findings
    become annotations and a summary of the step.

    Exit code: 0 fresh and within budget, 1 stale or over budget, 2 the recipe or the command is
    wrong, 3 some images cannot be processed.
    """
    from imgflow.cli.checking import Check
    from imgflow.cli.drawn import check_drawn
    from imgflow.cli.opening import Asked, opened

    bounds = Bounds(
        max_megapixels,
        max_total_megapixels,
        max_megabytes,
        timeout,
        memory,
        tuple(allow_loader or ()),
    )
    check_drawn("--junit", junit, (".xml",), ())
    check_drawn("--sarif", sarif, (".sarif", ".json"), ())
    quietly = quiet or as_json
    asked = Asked(recipe, inputs, out, sets, state)
    with opened(asked, limits=bounds.limits(), workers=jobs, hidden=quietly) as found:
        own = found.project.recipe.inputs.sources
        words = [recipe, *([] if own else inputs or []), *repeat_options(out, sets, state)]
        words += bounds.arguments()
        shown = Check(found.machine, found.storage, words, as_json=as_json, quiet=quiet)
        return shown.run(found.project, junit=junit, sarif=sarif)
