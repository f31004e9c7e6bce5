"""What holds for some sources only: the overrides of a recipe, and which sources they match."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

from imgflow.recipe.globs import compile_patterns
from imgflow.recipe.places import Keys, Place, below
from imgflow.recipe.resolve import Layer
from imgflow.recipe.variables import fill_glob
from imgflow.uris import is_remote

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Mapping

    from imgflow.recipe.resolve import Resolved
    from imgflow.recipe.sources import Found

#: Keys of which one stands for the other.
_RIVALS = ({"format", "formats"}, {"focus", "gravity"})


class Said(NamedTuple):
    """What one override or sidecar says, and the way to it in its file.

    The places of the layer begin with its own keys.
    """

    keys: Keys
    layer: Layer


class Override(NamedTuple):
    """Options for the sources that patterns match."""

    patterns: tuple[str, ...]
    pattern: re.Pattern[str]
    said: Said

    def takes(self, source: Found) -> bool:
        """Tell whether a source matches, by its path below the folder searched, or as it is."""
        if self.pattern.fullmatch(source.relative):
            return True
        path = source.path if is_remote(source.path) else os.path.normpath(source.path)
        return self.pattern.fullmatch(path.replace(os.sep, "/")) is not None


def read_overrides(recipe: Resolved, values: Mapping[str, str]) -> tuple[Override, ...]:
    """Return the overrides of a sound recipe, with vars filled into their patterns."""
    return tuple(
        _override(recipe, ("overrides", at), fields, values)
        for at, fields in enumerate(recipe.data.get("overrides", ()))
    )


def layer_of(fields: Mapping[str, Any], places: Mapping[Keys, Place], keys: Keys) -> Layer:
    """Return what stands at some keys of a recipe, or of a sidecar, as a layer of its own."""
    inner = {where[len(keys) :]: place for where, place in below(places, keys)}
    return Layer({key: value for key, value in fields.items() if key != "match"}, inner)


def combine(layers: Iterable[Layer]) -> Layer:
    """Return several layers as one, of which the later ones count more, key by key."""
    whole = Layer({}, {})
    for layer in layers:
        for key, value in layer.data.items():
            rivals = next((pair for pair in _RIVALS if key in pair), {key})
            for rival in rivals - layer.data.keys() | {key}:
                whole.data.pop(rival, None)
                for gone, _ in list(below(whole.places, (rival,))):
                    del whole.places[gone]
            whole.data[key] = value
            whole.places.update(below(layer.places, (key,)))
    return whole


def _override(
    recipe: Resolved, keys: Keys, fields: Mapping[str, Any], values: Mapping[str, str]
) -> Override:
    match = fields["match"]
    named = {(): match} if isinstance(match, str) else {(at,): one for at, one in enumerate(match)}
    patterns = tuple(
        fill_glob(text, values, (*keys, "match", *at), recipe.findings)
        for at, text in named.items()
    )
    layer = layer_of(fields, recipe.places, keys)
    return Override(patterns, compile_patterns(patterns), Said(keys, layer))
