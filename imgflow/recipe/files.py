"""Are the files there that steps read, overlays and fonts? Checked before the first image."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from imgflow.operations import parse_steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgflow.recipe.findings import Findings
    from imgflow.recipe.places import Keys
    from imgflow.recipe.recipe import Recipe


def check_files(recipe: Recipe, findings: Findings) -> None:
    """Report each parameter that names a file which is not there."""
    for keys, fields in _steps(recipe):
        (step,) = parse_steps([fields])
        for path in step.files():
            name = next(key for key, value in fields.items() if value == path)
            if not os.path.isfile(path):
                message = f"expected a file, found none at '{path}'"
                hint = "paths are relative to the folder you run in"
                findings.report("missing-file", (*keys, name), message, hint=hint)


def _steps(recipe: Recipe) -> Iterator[tuple[Keys, dict[str, Any]]]:
    for index, fields in enumerate(recipe.steps):
        yield ("steps", index), fields
    for variant in recipe.variants:
        for index, fields in enumerate(variant.output.steps):
            yield ("outputs", variant.at, "steps", index), fields
