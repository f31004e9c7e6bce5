"""What a request asks for: its recipe, with every place that jobs would touch checked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from imgflow.errors import StorageError
from imgflow.recipe.paths import check_path
from imgflow.request.access import output_as_asked
from imgflow.request.lens import NAMED, lens_of
from imgflow.request.recipes import compile_recipe
from imgflow.request.steps import StepCheck, files_of, own_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgflow.job import Output
    from imgflow.recipe.document import Document
    from imgflow.recipe.findings import Findings
    from imgflow.recipe.outputs import Variant
    from imgflow.recipe.places import Keys
    from imgflow.recipe.recipe import Recipe
    from imgflow.request.access import Access

#: A path that is a sound template, whatever it is of.
_PLAIN_PATH = re.compile(r"[A-Za-z0-9:/_-]+(?:\.[A-Za-z0-9:/_-]+)*")


class Work(NamedTuple):
    """What to make of an image: places are in their normal form, and allowed.

    ``outputs`` are those of the variants, as they were asked for: ``file://`` where that was
    said. ``files`` are those that steps read; ``recipe`` is empty if none was named.
    """

    recipe: str
    orient: bool
    steps: tuple[dict[str, Any], ...]
    variants: tuple[Variant, ...]
    outputs: tuple[Output, ...]
    files: tuple[str, ...]


class Workshop:
    """Makes the work of many requests, and what they have in common only once."""

    def __init__(self, access: Access) -> None:
        """Know no work yet."""
        self._access = access
        self._known: dict[bytes, Work] = {}

    def work(self, request: Document, prefix: str = "") -> Work | None:
        """Return the work of a request, or None after reporting what it must not touch.

        Raises RecipeInvalid if its recipe is not sound.
        """
        key = _likeness(request.data)
        known = self._known.get(key)
        moving = "output" in request.data
        if known is not None and not (moving and known.variants[1:]):
            return self._moved(known, request) if moving else known
        made = self._make(request, prefix)
        if made is not None:
            self._known[key] = made
        return made

    def _make(self, request: Document, prefix: str) -> Work | None:
        out = request.data.get("out")
        if out is not None:
            out = self._access.checked(out, ("out",), request.findings)
        if request.findings.errors:
            return None
        recipe = compile_recipe(request, out, prefix)
        lens = lens_of(request.data)
        own = own_files(recipe) if lens is NAMED else frozenset()
        check = StepCheck(self._access, lens, request.findings, own)
        steps = check.checked(recipe.steps, ("steps",))
        variants = tuple(self._placed(recipe, request, check))
        if request.findings.errors:
            return None
        files = files_of(steps) + tuple(
            path for variant in variants for path in files_of(variant.output.steps)
        )
        name = _name(recipe, request.data)
        outputs = tuple(
            output_as_asked(request.data.get("out", asked.output.path), placed.output)
            for asked, placed in zip(recipe.variants, variants, strict=True)
        )
        return Work(name, recipe.orient, steps, variants, outputs, tuple(dict.fromkeys(files)))

    def _placed(self, recipe: Recipe, request: Document, check: StepCheck) -> Iterator[Variant]:
        lens = lens_of(request.data)
        for variant in recipe.variants:
            keys = lens.to_request(("outputs", variant.at, "path"))
            if lens is NAMED and "out" in request.data:
                keys = ("out",)
            placed = self._at(variant, variant.output.path, keys, request.findings)
            if placed is not None:
                steps = check.checked(placed.output.steps, ("outputs", variant.at, "steps"))
                yield placed._replace(output=msgspec.structs.replace(placed.output, steps=steps))

    def _at(self, variant: Variant, path: str, keys: Keys, findings: Findings) -> Variant | None:
        """Return a variant that goes to the normal form of a path, if it may."""
        try:
            path, root = self._access.check_template(path)
        except StorageError as error:
            hint = "name the folder to write into under 'out'" if keys == ("recipe",) else ""
            findings.report(error.code, keys, error.message, hint=hint)
            return None
        return variant._replace(
            output=msgspec.structs.replace(variant.output, path=path, root=root)
        )

    def _moved(self, known: Work, request: Document) -> Work | None:
        """Return work that differs from another one in the path of its one output."""
        findings, keys, path = request.findings, ("output",), request.data["output"]
        if not _PLAIN_PATH.fullmatch(path) and check_path(path, {}, keys, findings) is None:
            return None
        variant = self._at(known.variants[0], path, keys, findings)
        if variant is None:
            return None
        outputs = (output_as_asked(path, variant.output),)
        return known._replace(variants=(variant,), outputs=outputs)


def _likeness(data: dict[str, Any]) -> bytes:
    """Return what decides about the work of a request, but for where its one output goes.

    Of that, only the extension counts: it is what the format may come from.
    """
    names = ("operations", "outputs", "defaults", "orient", "recipe", "vars", "out")
    output = data.get("output", "")
    extension = output.rpartition(".")[2]
    known = extension if extension.isalnum() else output
    return msgspec.json.encode(([data.get(name) for name in names], known))


def _name(recipe: Recipe, data: dict[str, Any]) -> str:
    """Return the name of a recipe that has one."""
    if "recipe" not in data:
        return ""
    named = isinstance(data["recipe"], str)
    return recipe.name if named else str(recipe.resolved.data.get("name", ""))
