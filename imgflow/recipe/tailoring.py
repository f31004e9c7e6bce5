"""A recipe as overrides and sidecars have it for some sources."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from imgflow.recipe.aiming import aim_recipe
from imgflow.recipe.collisions import check_outputs
from imgflow.recipe.findings import Findings
from imgflow.recipe.formats import format_names
from imgflow.recipe.misfits import report_idle, report_misfits
from imgflow.recipe.outputs import OutputBuilder
from imgflow.recipe.overrides import combine
from imgflow.recipe.places import Keys, below
from imgflow.recipe.resolve import Layer
from imgflow.recipe.schema import option_names, takers
from imgflow.recipe.variables import fill_steps
from imgflow.target import ORIGINAL, mend
from imgflow.template import parse_template

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from imgflow.recipe.overrides import Said
    from imgflow.recipe.recipe import Recipe

_PLAIN = ("metadata", "profile", "cache_control")
_FORMATS = ("format", "formats")


def tailor(recipe: Recipe, said: Sequence[Said], findings: Findings) -> Recipe:
    """Return a recipe with what was ``said`` for a source put over its outputs and steps.

    What does not fit is reported, where it was said.
    """
    layer = combine(one.layer for one in said)
    whole = Layer(dict(recipe.resolved.data), dict(recipe.resolved.places))
    own = Findings(whole.places)
    used = _override_outputs(recipe, whole, layer)
    aim_recipe(whole, layer)
    if "alt" in layer.data:
        _put(whole, whole.data, (), "alt", layer)
    resolved = dataclasses.replace(
        recipe.resolved, data=whole.data, places=whole.places, findings=own
    )
    steps = fill_steps(whole.data.get("steps", []), recipe.vars, ("steps",), own)
    variants = OutputBuilder(resolved, recipe.vars, recipe.out, steps).variants()
    check_outputs(variants, own)
    report_misfits(recipe, own.problems, said, findings)
    report_idle(said, layer.data.keys() - used, [one.format.name for one in variants], findings)
    return dataclasses.replace(
        recipe, steps=steps, variants=tuple(variants), resolved=resolved, overrides=()
    )


def _override_outputs(recipe: Recipe, whole: Layer, layer: Layer) -> set[str]:
    """Put a layer over the outputs, which are replaced; return those of its keys that were used."""
    used: set[str] = set()
    _strip_defaults(whole, layer)
    whole.data["outputs"] = [dict(output) for output in whole.data["outputs"]]
    for at, output in enumerate(whole.data["outputs"]):
        keys: Keys = ("outputs", at)
        said = next((key for key in _FORMATS if key in layer.data), None)
        if said and parse_template(output["path"]).fields & {"ext", "format"}:
            names = format_names(layer.data)
            for key in (*_FORMATS, *_unknown(output, names)):
                _drop(whole, output, keys, key)
            _put(whole, output, keys, said, layer)
            used.add(said)
        else:
            names = [one.format.name for one in recipe.variants if one.at == at]
            _strip(output, layer)
        used |= _override_output(whole, output, keys, layer, names)
    return used


def _override_output(
    whole: Layer, output: dict[str, Any], keys: Keys, layer: Layer, names: Sequence[str]
) -> set[str]:
    """Put all but formats over an output that is written in the formats of some names."""
    used = {key for key in layer.data if key in option_names() and _knows(names, key)}
    used |= {key for key in _PLAIN if key in layer.data}
    used |= {"widths"} & output.keys() & layer.data.keys()
    for key in (key for key in layer.data if key in used):
        _put(whole, output, keys, key, layer)
    for key in _beaten(output, names, layer):
        _drop(whole, output, keys, key)
    for key, value in layer.data.get("object", {}).items():
        output["object"] = {**output.get("object", {}), key: value}
        _place(whole, (*keys, "object", key), layer, ("object", key))
    return used


def _unknown(output: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    """Return the options of an output that none of some formats knows."""
    return [key for key in option_names() if key in output and not _knows(names, key)]


def _beaten(output: Mapping[str, Any], names: Sequence[str], layer: Layer) -> list[str]:
    """Return the options of an output that cannot stand beside what a layer says."""
    if names[1:] or ORIGINAL in names:
        return []
    options = {key: output[key] for key in option_names() if key in output}
    weak = [key for key in options if key not in layer.data]
    return sorted(options.keys() - mend(names[0], options, weak).keys())


def _knows(names: Sequence[str], option: str) -> bool:
    return ORIGINAL in names or bool(set(takers(option)) & set(names))


def _put(whole: Layer, output: dict[str, Any], keys: Keys, key: str, layer: Layer) -> None:
    output[key] = layer.data[key]
    _place(whole, (*keys, key), layer, (key,))


def _place(whole: Layer, keys: Keys, layer: Layer, said: Keys) -> None:
    for where, _ in list(below(whole.places, keys)):
        del whole.places[where]
    for where, place in below(layer.places, said):
        whole.places[(*keys, *where[len(said) :])] = place


def _drop(whole: Layer, output: dict[str, Any], keys: Keys, key: str) -> None:
    output.pop(key, None)
    for where, _ in list(below(whole.places, (*keys, key))):
        del whole.places[where]


def _strip_defaults(whole: Layer, layer: Layer) -> None:
    if "formats" in whole.data.get("defaults", {}):
        whole.data["defaults"] = dict(whole.data["defaults"])
        _strip(whole.data["defaults"], layer)


def _strip(fields: dict[str, Any], layer: Layer) -> None:
    """Leave out what is said for one format alone where a layer says otherwise."""
    if "formats" in fields:
        fields["formats"] = [
            {key: value for key, value in item.items() if key == "format" or key not in layer.data}
            if isinstance(item, dict)
            else item
            for item in fields["formats"]
        ]
