"""Where outputs go among the sources: not onto them, not among them, each to its own path."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from imgflow.encoders import ENCODERS
from imgflow.recipe.sources import Found, Search, plan_search, search_folder
from imgflow.target import ORIGINAL
from imgflow.template import Template, parse_template

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from imgflow.recipe.findings import Findings
    from imgflow.recipe.outputs import Variant
    from imgflow.recipe.recipe import Inputs

#: Fields that are not known before there are pixels stand for themselves.
_UNKNOWN = {name: f"{{{name}}}" for name in ("date", "hash", "height", "recipe", "width")}
_SAMPLE = Found("a.jpg", "a/a.jpg")
#: How many pairs of sources are reported for an output.
_MOST_PAIRS = 5


class Route(NamedTuple):
    """Where one output in one format goes; ``extension`` is empty for the source's format."""

    at: int
    template: Template
    format: str
    extension: str

    def render(self, source: Found, index: int) -> str:
        """Return the path for a source, with fields left for what is not known yet."""
        folder, _, filename = source.relative.rpartition("/")
        stem, extension = os.path.splitext(filename)
        return self.template.render(
            {
                **_UNKNOWN,
                "dir": folder,
                "ext": self.extension or _usual(extension[1:].lower()),
                "filename": filename,
                "format": self.format,
                "index": str(index),
                "original_name": stem,
                "stem": stem,
            }
        )


def check_placement(variants: Iterable[Variant], inputs: Inputs, findings: Findings) -> None:
    """Report outputs that the next run would take for sources."""
    routes = _routes(variants)
    for search in _searches(inputs):
        for route in routes:
            relative = _below(route.render(_SAMPLE, 0), search.folder)
            if relative is not None and search.takes(relative):
                message = (
                    f"this goes among the inputs, into '{search.folder}', "
                    "and the next run would take it for a source"
                )
                hint = "write elsewhere, or name it under inputs.exclude"
                keys = ("outputs", route.at, "path")
                findings.report("output-among-inputs", keys, message, hint=hint)


def check_sources(
    variants: Iterable[Variant], sources: Sequence[Found], findings: Findings
) -> None:
    """Report sources whose outputs would go to one path, or onto a source."""
    here = os.getcwd()
    paths = {_absolute(source.path, here): source for source in sources}
    for route in _routes(variants):
        if route.template.fields & {"hash", "index"}:
            continue
        taken: dict[str, Found] = {}
        pairs: list[tuple[Found, Found, str]] = []
        for index, source in enumerate(sources):
            path = route.render(source, index)
            if (first := taken.setdefault(path, source)) is not source:
                pairs.append((first, source, path))
            if (hit := paths.get(_absolute(path, here))) is not None:
                _report_overwritten(route, hit, findings)
        _report_pairs(route, pairs, findings)


def _routes(variants: Iterable[Variant]) -> list[Route]:
    """Return the routes of all variants, but for those that differ in width alone."""
    routes = {}
    for variant in variants:
        name = variant.format.name
        extension = "" if name == ORIGINAL else ENCODERS[name].capabilities.extensions[0]
        template = parse_template(variant.output.path)
        routes[variant.at, name] = Route(variant.at, template, name, extension)
    return list(routes.values())


def _searches(inputs: Inputs) -> Iterator[Search]:
    """Yield the searches; a folder that is not there yet counts as one."""
    for text in inputs.sources:
        plan = plan_search(text, inputs.include, inputs.exclude)
        if isinstance(plan, Search):
            yield plan
        elif not os.path.splitext(plan.path)[1] and not os.path.lexists(plan.path):
            yield search_folder(plan.path, inputs.include, inputs.exclude)


def _usual(extension: str) -> str:
    """Return the usual extension of the format that has this one."""
    for encoder in ENCODERS.values():
        if extension in encoder.capabilities.extensions:
            return encoder.capabilities.extensions[0]
    return extension


def _below(path: str, folder: str) -> str | None:
    """Return a path relative to a folder that it lies in, or None."""
    relative = os.path.relpath(os.path.abspath(path), os.path.abspath(folder))
    return None if relative.split(os.sep)[0] == os.pardir else relative.replace(os.sep, "/")


def _absolute(path: str, here: str) -> str:
    """Return an absolute path, by the slow way only where it takes it."""
    whole = path if path.startswith("/") else f"{here}/{path}"
    return os.path.normpath(whole) if "/." in whole or "//" in whole else whole


def _report_overwritten(route: Route, source: Found, findings: Findings) -> None:
    keys = ("outputs", route.at, "path")
    message = f"the source {source.path} would be overwritten"
    hint = "write to another folder, or put something into the path"
    if findings.clean(keys):
        findings.report("output-onto-input", keys, message, hint=hint)


def _report_pairs(route: Route, pairs: list[tuple[Found, Found, str]], findings: Findings) -> None:
    keys = ("outputs", route.at, "path")
    if not findings.clean(keys):
        return
    for first, second, path in pairs[:_MOST_PAIRS]:
        message = f"{first.path} and {second.path} would both be written to {path}"
        findings.report("path-collision", keys, message, hint=_remedy(route, first, second))
    if len(pairs) > _MOST_PAIRS:
        message = f"and {len(pairs) - _MOST_PAIRS} more pairs of sources"
        findings.report("path-collision", keys, message)


def _remedy(route: Route, first: Found, second: Found) -> str:
    if first.relative == second.relative:
        return "put {index} or {hash:8} into it, or name one folder above both"
    one, two = os.path.splitext(first.relative)[0], os.path.splitext(second.relative)[0]
    if one == two:
        return "put {filename} in the place of {stem}"
    return "put {stem} into it" if "dir" in route.template.fields else "put {dir} into it"
