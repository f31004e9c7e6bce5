"""``imgflow watch``: what a recipe makes, kept up to date while its files are edited."""

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
    Inputs,
    Out,
    RecipeName,
    Sets,
    State,
    parse_sets,
    read_inputs,
    repeat_options,
)
from imgflow.cli.run import Jobs

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print what is wrong only.")]


def watch(  # noqa: PLR0913 - the options of a command
    recipe: RecipeName,
    inputs: Inputs = None,
    *,
    out: Out = None,
    sets: Sets = None,
    state: State = None,
    jobs: Jobs = None,
    quiet: Quiet = False,
    max_megapixels: MaxMegapixels = None,
    max_total_megapixels: MaxTotalMegapixels = None,
    max_megabytes: MaxMegabytes = None,
    timeout: Timeout = None,
    memory: Memory = None,
    allow_loader: AllowLoader = None,
) -> None:
    """Run a recipe, and again whatever changes, until Ctrl-C.

    Watched are the recipe with all files that it is made of or reads, the inputs, and the files
    beside them. A recipe that is wrong, or an image, is told of and waited for.

    Exit code: 130 after Ctrl-C, 2 the recipe is not there or the command is wrong, 3 nothing
    can be watched.
    """
    from imgflow.cli.watching import Screen
    from imgflow.machine import this_machine
    from imgflow.recipe import find_recipe, load_recipe
    from imgflow.watch import Task, Watcher

    bounds = Bounds(
        max_megapixels,
        max_total_megapixels,
        max_megabytes,
        timeout,
        memory,
        tuple(allow_loader or ()),
    )
    machine, variables = this_machine(bounds.limits(), jobs), parse_sets(sets)
    placed = repeat_options(out, sets, state)
    task = Task(
        lambda: load_recipe(recipe, sets=variables, out=out),
        find_recipe(recipe),
        read_inputs(inputs),
        machine.storage(),
        state,
    )
    screen = Screen(recipe, placed, list(bounds.arguments()), quiet=quiet)
    Watcher(task, machine.work, screen).run()
