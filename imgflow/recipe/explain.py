"""A resolved recipe, value by value, with where each comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from imgflow.encoders import FORMATS
from imgflow.operations import OPERATIONS
from imgflow.recipe.declarations import flat_encoder
from imgflow.recipe.keys import OutputKeys
from imgflow.recipe.object_keys import object_fields
from imgflow.recipe.places import Keys, path_text, place_of
from imgflow.recipe.sources import DEFAULT_INCLUDE
from imgflow.storage import IMMUTABLE
from imgflow.target import ORIGINAL
from imgflow.template import parse_template
from imgflow.uris import is_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgflow.job import Output
    from imgflow.recipe.outputs import Variant
    from imgflow.recipe.recipe import Recipe

BUILT_IN = "built-in"
#: Keys of an output that are shown as they are; formats and options come one by one.
_PLAIN = ("path", "name", "widths", "metadata", "profile")


class Origin(NamedTuple):
    """One value: where it stands in the recipe, what it is, and where it was said.

    ``origin`` is ``file:line``, ``built-in``, ``--set`` or ``--out``.
    """

    path: str
    value: Any
    origin: str


def explain(recipe: Recipe) -> list[Origin]:
    """Return all values that a recipe runs with, in the order in which they are used."""
    return [
        *_header(recipe),
        *_steps(recipe, recipe.steps, ()),
        *_outputs(recipe),
        *_overrides(recipe),
        *_whole(recipe),
    ]


def _header(recipe: Recipe) -> Iterator[Origin]:
    yield _origin(recipe, ("name",), recipe.name)
    if recipe.description:
        yield _origin(recipe, ("description",), recipe.description)
    for name, value in recipe.vars.items():
        yield _origin(recipe, ("vars", name), value)
    inputs = recipe.inputs
    for key, texts in (
        ("from", inputs.sources),
        ("include", inputs.include or DEFAULT_INCLUDE),
        ("exclude", inputs.exclude),
    ):
        if texts:
            yield _origin(recipe, ("inputs", key), list(texts))
    if "alt" in recipe.resolved.data:
        yield _origin(recipe, ("alt",), recipe.resolved.data["alt"])
    yield _origin(recipe, ("orient",), recipe.orient)


def _steps(recipe: Recipe, steps: tuple[dict[str, Any], ...], prefix: Keys) -> Iterator[Origin]:
    for at, step in enumerate(steps):
        keys: Keys = (*prefix, "steps", at)
        for key, value in step.items():
            yield _origin(recipe, (*keys, key), value)
        for key, value in _unsaid(OPERATIONS[step["op"]], step):
            yield Origin(path_text((*keys, key)), value, BUILT_IN)


def _outputs(recipe: Recipe) -> Iterator[Origin]:
    first: dict[int, list[Variant]] = {}
    for variant in recipe.variants:
        first.setdefault(variant.at, []).append(variant)
    defaults = recipe.resolved.data.get("defaults", {})
    for at, variants in first.items():
        keys: Keys = ("outputs", at)
        fields = recipe.resolved.data["outputs"][at]
        output = variants[0].output
        yield _origin(recipe, (*keys, "path"), output.path)
        for key in _PLAIN[1:]:
            if key in fields:
                yield _origin(recipe, (*keys, key), fields[key])
            elif key in defaults:
                yield _origin(recipe, ("defaults", key), defaults[key], shown=(*keys, key))
            elif (value := _default(OutputKeys, key)) is not None:
                yield Origin(path_text((*keys, key)), value, BUILT_IN)
        yield from _objects(recipe, at, output)
        own = output.steps[: len(fields.get("steps", ()))]
        yield from _steps(recipe, own, keys)
        for name in dict.fromkeys(id(variant.format) for variant in variants):
            chosen = next(variant.format for variant in variants if id(variant.format) == name)
            yield from _format(recipe, keys, chosen)


def _overrides(recipe: Recipe) -> Iterator[Origin]:
    for override in recipe.overrides:
        keys = override.said.keys
        yield _origin(recipe, (*keys, "match"), list(override.patterns))
        for key, value in override.said.layer.data.items():
            yield _origin(recipe, (*keys, key), value)


def _whole(recipe: Recipe) -> Iterator[Origin]:
    """Yield what is said of all files together."""
    if recipe.manifest:
        yield _origin(recipe, ("manifest",), recipe.manifest)
    for key, value in recipe.resolved.data.get("budgets", {}).items():
        yield _origin(recipe, ("budgets", key), value)


def _objects(recipe: Recipe, at: int, output: Output) -> Iterator[Origin]:
    """Yield what is said about the objects of an output, if it makes any or says something."""
    prefix: Keys = ("outputs", at)
    said = list(object_fields(recipe.resolved, at))
    for name, value, keys in said:
        shown = (*prefix, name) if name == "cache_control" else (*prefix, "object", name)
        yield _origin(recipe, keys, value, shown=shown)
    silent = all(name != "cache_control" for name, _, _ in said)
    if silent and is_object(output.path) and "hash" in parse_template(output.path).fields:
        yield Origin(path_text((*prefix, "cache_control")), IMMUTABLE, BUILT_IN)


def _format(recipe: Recipe, keys: Keys, chosen: Any) -> Iterator[Origin]:  # noqa: ANN401
    shown = (*keys, "formats", chosen.name)
    said = chosen.keys in recipe.resolved.places and chosen.keys[-1] != "path"
    if said or chosen.name != ORIGINAL:
        yield _origin(recipe, chosen.keys, chosen.name, shown=shown)
    else:
        yield Origin(path_text(shown), chosen.name, BUILT_IN)
    for option, value in chosen.options.items():
        yield _origin(recipe, chosen.origins[option], value, shown=(*shown, option))
    if chosen.name != ORIGINAL:
        for option, value in _unsaid(FORMATS[chosen.name], chosen.options):
            yield Origin(path_text((*shown, option)), value, BUILT_IN)


def _unsaid(cls: type[msgspec.Struct], said: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the defaults of parameters that are not said, but for those that mean: none."""
    for field in msgspec.structs.fields(cls):
        if field.encode_name not in said and field.name != flat_encoder(cls):
            value = field.default
            if value is not msgspec.NODEFAULT and value is not None:
                yield field.encode_name, msgspec.to_builtins(value)


def _default(cls: type[msgspec.Struct], key: str) -> Any:  # noqa: ANN401
    found = {field.encode_name: field.default for field in msgspec.structs.fields(cls)}
    return None if found[key] is msgspec.NODEFAULT else found[key]


def _origin(recipe: Recipe, keys: Keys, value: Any, shown: Keys | None = None) -> Origin:  # noqa: ANN401
    path = path_text(keys if shown is None else shown)
    if keys not in recipe.resolved.places:
        return Origin(path, value, BUILT_IN)
    place = place_of(recipe.resolved.places, keys)
    return Origin(path, value, f"{place.file}:{place.line}" if place.line else place.file)
