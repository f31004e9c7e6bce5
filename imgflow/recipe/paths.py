"""Checks of path templates, before any pixel is read."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from imgflow.encoders import ENCODERS
from imgflow.encoders.auto import Auto
from imgflow.recipe.findings import did_you_mean
from imgflow.recipe.variables import OUT
from imgflow.target import ORIGINAL
from imgflow.template import FIELDS, Field, Template, TemplateError, parse_template
from imgflow.uris import output_fault, scheme_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from imgflow.recipe.findings import Findings
    from imgflow.recipe.formats import Format
    from imgflow.recipe.places import Keys

_EXTENSION = re.compile(r"\.([A-Za-z0-9]{1,5})$")


def check_path(
    text: str, values: Mapping[str, str], keys: Keys, findings: Findings
) -> Template | None:
    """Return the template of an output's path, or None after reporting what is wrong."""
    try:
        template = parse_template(text)
    except TemplateError as error:
        findings.report(error.code, keys, error.message, offset=error.at)
        return None
    unknown = [
        part
        for part in template.parts
        if isinstance(part, Field) and part.name not in FIELDS and part.name not in values
    ]
    for field in unknown:
        message = f"unknown field '{{{field.name}}}'"
        hint = did_you_mean(field.name, [*values, *FIELDS])
        findings.report("unknown-field", keys, message, hint=hint, offset=field.at)
    if unknown or not _check_folders(template, values, keys, findings):
        return None
    return template


def literal_extension(template: Template) -> str:
    """Return the extension that is written out at the end of a template, lower case, or ''."""
    last = template.parts[-1] if template.parts else ""
    found = None if isinstance(last, Field) else _EXTENSION.search(last)
    return found.group(1).lower() if found else ""


def format_of_extension(extension: str) -> str | None:
    """Return the format whose files have this extension."""
    for name, encoder in ENCODERS.items():
        if extension in encoder.capabilities.extensions:
            return name
    return None


def warn_extension(
    template: Template, formats: Sequence[Format], keys: Keys, findings: Findings
) -> None:
    """Warn where a path promises another format than the one that is written."""
    extension = literal_extension(template)
    promised = format_of_extension(extension)
    others = [chosen.name for chosen in formats if chosen.name not in {promised, ORIGINAL}]
    if promised and others:
        written = "any format that suits the picture" if others[0] == Auto.name() else others[0]
        message = f"the path ends in .{extension}, but {written} is written"
        findings.report(
            "extension-differs", keys, message, hint="end it in .{ext}", severity="warning"
        )


def _check_folders(
    template: Template, values: Mapping[str, str], keys: Keys, findings: Findings
) -> bool:
    """Refuse paths that climb, name no file, or count on a shell; tell whether all is well."""
    text = template.fill({**values, OUT: "out"} if OUT in values else values).text
    before = len(findings.errors)
    first = template.parts[0] if template.parts else ""
    emptied = isinstance(first, Field) and values.get(first.name) == ""
    if emptied and template.fill(values).text.startswith("/"):
        message = "expected a folder first, found an empty var: the path would begin at '/'"
        findings.report("path-escapes", keys, message, hint="write . for the working directory")
    filled = template.fill(values).text
    if scheme_of(filled) and (fault := output_fault(filled)):
        findings.report("bad-path", keys, f"{fault[0]}, found '{filled}'", hint=fault[1])
    if ".." in text.split("/"):
        message = "expected a path that stays below its folder, found '..'"
        offset = template.text.find("..")
        findings.report(
            "path-escapes",
            keys,
            message,
            hint="name the folder in full",
            offset=offset if offset >= 0 else None,
        )
    if text.startswith("~"):
        message = "expected a folder, found '~', which is not expanded"
        findings.report("path-escapes", keys, message, hint="name the folder in full")
    if text.endswith("/") or not posixpath.basename(text):
        message = "expected the path of a file, found that of a folder"
        findings.report("no-file-name", keys, message, hint="add a name, {stem}.{ext} say")
    if "\\" in text or "\0" in text:
        message = "expected a path with slashes, found a backslash"
        findings.report("bad-path", keys, message, hint="write / between folders")
    return len(findings.errors) == before
