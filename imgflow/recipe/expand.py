"""From a recipe and its inputs to jobs: one for each source."""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
from typing import TYPE_CHECKING

from imgflow.errors import UsageError
from imgflow.job import Job
from imgflow.recipe.files import check_files
from imgflow.recipe.findings import Findings
from imgflow.recipe.placement import check_placement, check_sources
from imgflow.recipe.places import Place
from imgflow.recipe.problems import RecipeInvalid
from imgflow.recipe.sources import find_sources

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgflow.recipe.recipe import Recipe


def expand(
    recipe: Recipe, inputs: Sequence[str] | None = None, *, force: bool = False
) -> list[Job]:
    """Return one job for each source.

    ``inputs``, if not None, stand in for those of the recipe: files, folders and globs. A
    file that is not there becomes a job that fails, unless nothing is there at all.
    ``force`` makes outputs again that are there already.
    Raises RecipeInvalid if there is no source, if outputs would collide, or if a file that
    steps read is not there; UsageError for an empty name.
    """
    findings = Findings(recipe.resolved.places)
    chosen = recipe.inputs
    if inputs is not None:
        chosen = dataclasses.replace(chosen, sources=tuple(inputs))
    if "" in chosen.sources:
        message = "inputs: expected a file, a folder or a pattern, found an empty name"
        raise UsageError(message, code="bad-input")
    if inputs is not None:
        check_placement(recipe.variants, chosen, findings)
    sources = find_sources(chosen.sources, chosen.include, chosen.exclude)
    if all(_is_missing(source.path) for source in sources):
        _report_nothing(chosen.sources, findings, given=inputs is not None)
    check_sources(recipe.variants, sources, findings)
    check_files(recipe, findings)
    if findings.errors:
        raise RecipeInvalid(findings.problems, recipe.sources)
    outputs = recipe.outputs
    today = dt.datetime.now(dt.UTC).date().isoformat()
    return [
        Job(
            input=source.path,
            outputs=outputs,
            relative=source.relative,
            index=index,
            recipe=recipe.name,
            date=today,
            orient=recipe.orient,
            force=force,
            steps=recipe.steps,
        )
        for index, source in enumerate(sources)
    ]


def _report_nothing(names: Sequence[str], findings: Findings, *, given: bool) -> None:
    if given:
        findings = findings.at({(): Place("inputs")})
    if not names:
        message = "expected images to work on, found no inputs"
        hint = "name files or folders after the recipe, or under inputs.from in it"
        findings.report("no-inputs", ("inputs",), message, hint=hint, shown=())
        return
    shown = ", ".join(names[:3]) + (" ..." if names[3:] else "")
    found = "nothing there" if all(map(_is_missing, names)) else "none that the patterns take"
    message = f"expected images in {shown}, found {found}"
    findings.report("no-inputs", ("inputs", "from"), message, shown=())


def _is_missing(path: str) -> bool:
    """Tell that there is nothing; what may not be looked at counts as something."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError):
        return False
    return False
