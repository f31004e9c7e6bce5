"""A focal point or a gravity of one source, put into the steps that cut."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from imgflow.recipe.places import Keys, Place, below

if TYPE_CHECKING:
    from imgflow.recipe.resolve import Layer


class _Step(NamedTuple):
    """A step as a recipe says it, with places that begin with its own keys."""

    fields: dict[str, Any]
    places: dict[Keys, Place]


def aim_recipe(recipe: Layer, said: Layer) -> None:
    """Put ``focus`` or ``gravity`` into the steps of a recipe, which are replaced.

    A gravity is for every cut. A focus is a point of the picture as the first cut of a chain
    sees it; later ones find it near the middle. A resize that covers is cut to its
    proportions before.
    """
    if not said.data.keys() & {"focus", "gravity"}:
        return
    aimed = _aim(recipe, recipe.data, (), said)
    if aimed and "focus" in said.data:
        return
    recipe.data["outputs"] = [dict(output) for output in recipe.data["outputs"]]
    for at, output in enumerate(recipe.data["outputs"]):
        _aim(recipe, output, ("outputs", at), said)


def _aim(recipe: Layer, holder: dict[str, Any], prefix: Keys, said: Layer) -> bool:
    """Replace the steps of a mapping where they cut; tell whether any does."""
    keys: Keys = (*prefix, "steps")
    steps: list[_Step] = []
    found = False
    for at, fields in enumerate(holder.get("steps", ())):
        places = {
            where[len(keys) + 1 :]: place for where, place in below(recipe.places, (*keys, at))
        }
        step = _Step(fields, places)
        if _cuts(fields) and not (found and "focus" in said.data):
            found = True
            steps += _aimed(step, said)
        else:
            steps.append(step)
    if found:
        whole = recipe.places[keys]
        for where, _ in list(below(recipe.places, keys)):
            del recipe.places[where]
        recipe.places[keys] = whole
        for at, step in enumerate(steps):
            recipe.places |= {(*keys, at, *where): place for where, place in step.places.items()}
        holder["steps"] = [step.fields for step in steps]
    return found


def _cuts(step: dict[str, Any]) -> bool:
    """Tell whether a step cuts where a gravity says, and not at a place given in numbers."""
    return (step["op"] == "crop" and "x" not in step) or (
        step["op"] == "resize" and step.get("fit") == "cover"
    )


def _aimed(step: _Step, said: Layer) -> list[_Step]:
    key = "focus" if "focus" in said.data else "gravity"
    if key == "focus" and step.fields["op"] == "resize":
        aspect = f"{step.fields['width']}:{step.fields['height']}"
        places = {where: place for where, place in step.places.items() if not where}
        cut = _Step({"op": "crop", "aspect": aspect}, places)
        return [_with(cut, key, said), _without(step, "gravity")]
    return [_with(_without(_without(step, "gravity"), "focus"), key, said)]


def _with(step: _Step, key: str, said: Layer) -> _Step:
    places = step.places | dict(below(said.places, (key,)))
    return _Step({**step.fields, key: said.data[key]}, places)


def _without(step: _Step, key: str) -> _Step:
    fields = {name: value for name, value in step.fields.items() if name != key}
    return _Step(fields, {at: place for at, place in step.places.items() if at[:1] != (key,)})
