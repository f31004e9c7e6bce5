"""Do outputs of one recipe go to one path? Checked before there is any source."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from imgflow.encoders import ENCODERS
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
        first = taken.setdefault(_static_path(variant), variant)
        if first is variant or (first.at, variant.at) in told:
            continue
        told.add((first.at, variant.at))
        _report_pair(first, variant, findings)


def _static_path(variant: Variant) -> str:
    """Return the path with all filled in that is known before there is a source.

    Sizes are taken to differ where widths or steps do.
    """
    steps = msgspec.json.encode(variant.output.steps).decode()
    size = str(variant.width or steps)
    name = variant.format.name
    values = {
        "ext": ENCODERS[name].capabilities.extensions[0] if name != ORIGINAL else name,
        "format": name,
        "width": size,
        "height": size,
        "hash": f"{steps}{msgspec.json.encode(variant.output.encoder).decode()}".ljust(64),
    }
    template = parse_template(variant.output.path)
    used = {field: values[field] for field in template.fields & values.keys()}
    whole = "hash" in used and used.pop("hash")
    return f"{template.fill(used).text}{whole or ''}"


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
    findings.report("path-collision", keys, message, hint=hint)
