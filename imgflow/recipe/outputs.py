"""From the outputs of a recipe to those of a job: widths x formats, options, full paths."""

from __future__ import annotations

import dataclasses
import posixpath
from typing import TYPE_CHECKING, Any, NamedTuple

from imgflow.job import Output
from imgflow.recipe.formats import Format, choose_formats
from imgflow.recipe.object_keys import object_properties
from imgflow.recipe.paths import check_path, warn_extension
from imgflow.recipe.variables import OUT, fill_steps
from imgflow.uris import scheme_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgflow.recipe.places import Keys
    from imgflow.recipe.resolve import Resolved
    from imgflow.template import Template


class Variant(NamedTuple):
    """One file to make per source: which output it belongs to, its width if it has one."""

    at: int
    output: Output
    width: int | None
    format: Format


@dataclasses.dataclass(frozen=True)
class OutputBuilder:
    """Builds the outputs of a recipe whose vars have ``values``; ``out`` goes before paths."""

    recipe: Resolved
    values: dict[str, str]
    out: str | None
    shared: tuple[dict[str, Any], ...]

    def variants(self) -> list[Variant]:
        """Return all variants of all sound outputs; what is wrong goes to the findings."""
        findings = self.recipe.findings
        outputs = self.recipe.data.get("outputs")
        made: list[Variant] = []
        for at, fields in enumerate(outputs if isinstance(outputs, list) else []):
            template = self._template(fields, ("outputs", at))
            if findings.clean(("outputs", at)) and findings.clean(("defaults",)):
                made += self._variants(at, fields, template)
        return made

    def _template(self, fields: Any, keys: Keys) -> Template | None:  # noqa: ANN401
        findings, path = self.recipe.findings, (*keys, "path")
        text = fields.get("path") if isinstance(fields, dict) else None
        if not isinstance(text, str) or not findings.clean(path):
            return None
        return check_path(text, self.values, path, findings)

    def _variants(
        self, at: int, fields: dict[str, Any], template: Template | None
    ) -> Iterator[Variant]:
        keys: Keys = ("outputs", at)
        findings = self.recipe.findings
        own = fill_steps(fields.get("steps", []), self.values, (*keys, "steps"), findings)
        formats = choose_formats(self.recipe, at, self.shared, own)
        if template is None or not findings.clean(keys):
            return
        warn_extension(template, formats, (*keys, "path"), findings)
        settings = {**self.recipe.data.get("defaults", {}), **fields}
        policies = {key: settings[key] for key in ("metadata", "profile") if key in settings}
        properties = object_properties(self.recipe, at)
        filled = self.placed(template)
        widths = fields.get("widths", [None])
        for width in widths:
            steps = own if width is None else (*own, _narrow(width))
            for chosen in formats:
                output = Output(
                    path=filled.text,
                    name=fields.get("name", ""),
                    root=filled.root,
                    steps=steps,
                    encoder=chosen.encoder,
                    properties=properties,
                    widths=tuple(widths) if len(widths) > 1 else (),
                    **policies,
                )
                yield Variant(at, output, width, chosen)

    def placed(self, template: Template) -> Template:
        """Fill the vars in; ``--out`` goes before relative paths of recipes without such a var."""
        filled = template.fill(self.values)
        absolute = filled.text.startswith("/") or scheme_of(filled.text)
        if self.out is None or OUT in self.values or absolute:
            return filled
        return template.fill(self.values).inside(_folder(self.out))


def _folder(out: str) -> str:
    return out.rstrip("/") if scheme_of(out) else posixpath.normpath(out)


def _narrow(width: int) -> dict[str, Any]:
    """Return the step that makes one of several widths, never enlarging."""
    return {"op": "resize", "width": width, "enlarge": False}
