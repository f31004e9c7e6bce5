"""Do outputs of one recipe go to one path? Checked before there is any source."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from imgflow.encoders import ENCODERS, parse_encoder
from imgflow.encoders.auto import Auto
from imgflow.errors import RecipeError
from imgflow.target import ORIGINAL
from imgflow.template import parse_template

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imgflow.recipe.findings import Findings
    from imgflow.recipe.outputs import Variant


def check_outputs(variants: Sequence[Variant], findings: Findings) -> None:
    """Report outputs that would be written to one path, whatever the source."""
    taken: dict[str, Variant] = {}
    told: set[tuple[int, int]] = set()
    for variant in variants:
        for path in _static_paths(variant):
            first = taken.setdefault(path, variant)
            if first is variant or (first.at, variant.at) in told or _agree(first, variant):
                continue
            told.add((first.at, variant.at))
            _report_pair(first, variant, findings)


def _static_paths(variant: Variant) -> list[str]:
    """Return the paths with all filled in that is known before there is a source.

    Sizes are taken to differ where widths or steps do. There is a path for each format that
    may come of it.
    """
    steps = msgspec.json.encode(variant.output.steps).decode()
    size = str(variant.width or steps)
    whole = f"{steps}{msgspec.json.encode(variant.output.encoder).decode()}".ljust(64)
    template = parse_template(variant.output.path)
    paths = []
    for name, extension in _formats(variant):
        values = {"ext": extension, "format": name, "width": size, "height": size}
        used = {field: values[field] for field in template.fields & values.keys()}
        paths.append(f"{template.fill(used).text}{whole if 'hash' in template.fields else ''}")
    return list(dict.fromkeys(paths))


def _formats(variant: Variant) -> list[tuple[str, str]]:
    """Return the names and extensions of the formats that a variant may be written in."""
    name = variant.format.name
    if name == ORIGINAL:
        return [(ORIGINAL, ORIGINAL)]
    if name != Auto.name():
        return [(name, ENCODERS[name].capabilities.extensions[0])]
    try:
        outlines = parse_encoder({"format": name, **variant.format.options}).outlines()
    except RecipeError:  # told by the check of the options
        return []
    return [(one.name(), one.extension) for one in outlines]


def _agree(one: Variant, two: Variant) -> bool:
    """Tell whether two that choose the format write the same file where they choose the same."""
    names = {one.format.name, two.format.name}
    if names != {Auto.name()} or one.output.steps != two.output.steps:
        return False
    first, second = ({**each.format.options, "allow": None} for each in (one, two))
    return first == second


def _report_pair(first: Variant, second: Variant, findings: Findings) -> None:
    keys = ("outputs", second.at, "path")
    if first.at != second.at:
        message = f"outputs[{first.at}] and outputs[{second.at}] would be written to one path"
        hint = "put something into one of them that tells them apart"
    elif first.width != second.width:
        message = "all widths would be written to one path"
        hint = "put {width} into it"
    else:
        one, two = first.format.name, second.format.name
        names = f"the formats {one} and {two}" if one != two else f"two files of {one}"
        message = f"{names} would be written to one path"
        hint = "put {ext} into it" if one != two else "put {hash} into it"
        told_apart = parse_template(second.output.path).fields & {"ext", "format"}
        if one != two and told_apart:
            message = f"{names} would be written to one path where 'auto' comes to the other"
            hint = "take that out of its 'allow', or put {hash} into the path"
    findings.report("path-collision", keys, message, hint=hint)
