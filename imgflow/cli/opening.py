"""A project as a command opens it that writes no image: recipe, warnings, state."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, NamedTuple

from imgflow.cli.failing import show_warnings
from imgflow.cli.options import parse_sets, read_inputs
from imgflow.limits import DEFAULT_LIMITS
from imgflow.machine import Machine, this_machine
from imgflow.project import Project, open_project
from imgflow.recipe import load_recipe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgflow.limits import Limits
    from imgflow.storage import Storage


class Asked(NamedTuple):
    """What the command line says of a project."""

    recipe: str
    inputs: list[str] | None
    out: str | None
    sets: list[str] | None
    state: str | None


class Opened(NamedTuple):
    """A project, and what it is looked at with."""

    project: Project
    machine: Machine
    storage: Storage


@contextlib.contextmanager
def opened(  # noqa: PLR0913 - what commands differ in
    asked: Asked,
    *,
    force: bool = False,
    writable: bool = False,
    limits: Limits = DEFAULT_LIMITS,
    workers: int | None = None,
    hidden: bool = False,
) -> Iterator[Opened]:
    """Open a project, and show the warnings of its recipe and sources unless they are ``hidden``.

    Raises RecipeInvalid, UsageError, StorageError.
    """
    loaded = load_recipe(asked.recipe, sets=parse_sets(asked.sets), out=asked.out)
    show_warnings(loaded, hidden=hidden)
    machine = this_machine(limits, workers)
    storage = machine.storage()
    inputs = read_inputs(asked.inputs)
    with open_project(
        loaded, inputs, storage, state=asked.state, force=force, writable=writable
    ) as project:
        show_warnings(project, hidden=hidden)
        yield Opened(project, machine, storage)
