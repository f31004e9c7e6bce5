"""Where the manifest of a run goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.recipe.findings import did_you_mean
from imgflow.recipe.library import path_name
from imgflow.recipe.paths import check_path
from imgflow.template import FIELDS, Field, TemplateError, parse_template
from imgflow.uris import sealed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imgflow.recipe.findings import Findings
    from imgflow.recipe.outputs import OutputBuilder
    from imgflow.recipe.places import Keys

#: The one field of a manifest's path beside the recipe's vars.
_RECIPE = "recipe"


def manifest_path(builder: OutputBuilder) -> str:
    """Return the path of the manifest, "" for none; what is wrong with it is reported."""
    recipe, findings = builder.recipe, builder.recipe.findings
    keys: Keys = ("manifest",)
    text = recipe.data.get("manifest")
    if not isinstance(text, str) or not findings.clean(keys):
        return ""
    _check_fields(text, builder.values, keys, findings)
    template = check_path(text, builder.values, keys, findings) if findings.clean(keys) else None
    if template is None:
        return ""
    name = str(recipe.data.get("name", path_name(recipe.file)))
    return sealed(builder.placed(template).render({_RECIPE: name}))


def _check_fields(text: str, values: Mapping[str, str], keys: Keys, findings: Findings) -> None:
    """Report fields that differ from file to file, and a folder in the place of a file."""
    try:
        parts = parse_template(text).parts
    except TemplateError as error:
        findings.report(error.code, keys, error.message, offset=error.at)
        return
    known = [*values, _RECIPE]
    for part in parts:
        if isinstance(part, Field) and part.name not in known:
            message = f"unknown field '{{{part.name}}}'"
            if part.name in FIELDS:
                message = f"'{{{part.name}}}' says nothing of a manifest, which is of all files"
            hint = did_you_mean(part.name, known)
            findings.report("unknown-field", keys, message, hint=hint, offset=part.at)
    if text.endswith("/"):
        message = "expected the path of a file, found that of a folder"
        findings.report("no-file-name", keys, message, hint="add a name, manifest.json say")
