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
    parse_sets,
    read_inputs,
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
    from imgflow.cli.failing import show_warnings
    from imgflow.machine import this_machine
    from imgflow.project import open_project
    from imgflow.recipe import load_recipe

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
    loaded = load_recipe(recipe, sets=parse_sets(sets), out=out)
    show_warnings(loaded, hidden=quiet or as_json)
    machine = this_machine(bounds.limits(), jobs)
    storage = machine.storage()
    named = read_inputs(inputs)
    options = [*_options(out, sets or [], state), *bounds.arguments()]
    words = [recipe, *([] if loaded.inputs.sources else inputs or []), *options]
    with open_project(loaded, named, storage, state=state, writable=False) as project:
        show_warnings(project, hidden=quiet or as_json)
        shown = Check(machine, storage, words, as_json=as_json, quiet=quiet)
        return shown.run(project, junit=junit, sarif=sarif)


def _options(out: str | None, sets: list[str], state: str | None) -> list[str]:
    """Return what another command needs to mean the same files."""
    variables = [part for pair in sets for part in ("--set", pair)]
    return [
        *(["--out", out] if out else []),
        *variables,
        *(["--state", state] if state else []),
    ]
