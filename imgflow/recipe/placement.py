"""Where outputs go among the sources: not onto them, not among them, each to its own path."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from imgflow.encoders import ENCODERS, FORMATS
from imgflow.errors import ImgflowError
from imgflow.recipe.finding import plan_inputs
from imgflow.recipe.remote import Maybe
from imgflow.recipe.sources import Found, Search, local_path, search_folder
from imgflow.recipe.taken import Taken
from imgflow.target import ORIGINAL
from imgflow.template import Template, parse_template
from imgflow.uris import encoded_for, is_remote, scheme_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from imgflow.recipe.finding import Sources
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
        fields = {
            "dir": folder,
            "ext": self.extension or _usual(extension[1:].lower()),
            "filename": filename,
            "format": self.format,
            "index": str(index),
            "original_name": stem,
            "stem": stem,
        }
        if scheme_of(self.template.text):
            fields = {name: encoded_for(self.template.text, text) for name, text in fields.items()}
        return self.template.render(_UNKNOWN | fields)

    @property
    def tells_apart(self) -> bool:
        """Whether no two sources have one path, whatever they are called."""
        return bool(self.template.fields & {"hash", "index"})


def check_placement(variants: Iterable[Variant], inputs: Inputs, findings: Findings) -> None:
    """Report outputs that the next run would take for sources."""
    routes = _routes(variants)
    for search in _searches(inputs, findings):
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


def must_be_checked(variants: Iterable[Variant]) -> bool:
    """Tell whether paths depend on how sources are called, so that two may have one."""
    return not all(route.tells_apart for route in _routes(variants))


def check_sources(
    variants: Iterable[Variant],
    all_of: Sources,
    sources: Iterable[Found],
    findings: Findings,
    variants_of: Callable[[Found], tuple[Variant, ...]] | None = None,
) -> None:
    """Report sources whose outputs would go to one path, or onto a source.

    ``sources`` are ``all_of`` them, and are gone through once. ``variants_of`` tells what is
    made of each, where that differs.
    """
    here = os.getcwd()
    paths = {_absolute(source.path, here): source for source in all_of.here()}
    usual = {route: _Check(route) for route in _routes(variants) if not route.tells_apart}
    checks = _Checks(usual)
    for index, source in enumerate(sources):
        for check in checks.of(variants_of(source)) if variants_of else usual.values():
            path = check.claim(source, index)
            if is_remote(path):
                if all_of.covers(path):
                    _report_among(check.route, path, source, findings)
            elif (hit := paths.get(_absolute(path, here))) is not None:
                _report_overwritten(check.route, hit, findings)
    for check in checks.known.values():
        check.report(findings)


class _Checks:
    """The checks of all routes, and those of one set of variants."""

    def __init__(self, known: dict[Route, _Check]) -> None:
        self.known = dict(known)
        self._sets: dict[int, tuple[tuple[Variant, ...], list[_Check]]] = {}

    def of(self, variants: tuple[Variant, ...]) -> list[_Check]:
        """Return the checks of variants, which are held on to: they are known by identity."""
        if id(variants) not in self._sets:
            routes = [route for route in _routes(variants) if not route.tells_apart]
            checks = [self.known.setdefault(route, _Check(route)) for route in routes]
            self._sets[id(variants)] = variants, checks
        return self._sets[id(variants)][1]


class _Check:
    """The paths of one route, and the pairs of sources that have the same."""

    def __init__(self, route: Route) -> None:
        self.route = route
        self._taken = Taken()
        self._pairs: list[tuple[Found | str, Found, str]] = []
        self._more = 0

    def claim(self, source: Found, index: int) -> str:
        """Return the path of a source, which is taken from now on."""
        path = self.route.render(source, index)
        first = self._taken.claim(path, source)
        if first is not None and len(self._pairs) < _MOST_PAIRS:
            self._pairs.append((first, source, path))
        elif first is not None:
            self._more += 1
        return path

    def report(self, findings: Findings) -> None:
        """Report the first few pairs."""
        self._taken.close()
        keys = ("outputs", self.route.at, "path")
        if not findings.clean(keys):
            return
        for first, second, path in self._pairs:
            name, hint = str(first), "put {dir} or {hash:8} into it"
            if isinstance(first, Found):
                name, hint = first.path, _remedy(self.route, first, second)
            message = f"{name} and {second.path} would both be written to {path}"
            findings.report("path-collision", keys, message, hint=hint)
        if self._more:
            message = f"and {self._more} more pairs of sources"
            findings.report("path-collision", keys, message)


def _routes(variants: Iterable[Variant]) -> list[Route]:
    """Return the routes of all variants, but for those that differ in width alone."""
    routes = {}
    for variant in variants:
        name = variant.format.name
        extension = "" if name == ORIGINAL else FORMATS[name].capabilities.extensions[0]
        template = parse_template(variant.output.path)
        routes[variant.at, name] = Route(variant.at, template, name, extension)
    return list(routes.values())


def _searches(inputs: Inputs, findings: Findings) -> Iterator[Search]:
    """Yield the searches; a folder that is not there yet counts as one."""
    try:
        plans = plan_inputs(inputs.sources, inputs.include, inputs.exclude)
    except ImgflowError as error:
        findings.report(error.code, ("inputs", "from"), error.message)
        return
    for plan in plans:
        if isinstance(plan, Maybe):
            yield plan.search
        elif isinstance(plan, Search):
            yield plan
        elif not is_remote(plan.path):
            path = local_path(plan.path)
            if not os.path.splitext(path)[1] and not os.path.lexists(path):
                yield search_folder(path, inputs.include, inputs.exclude)


def _usual(extension: str) -> str:
    """Return the usual extension of the format that has this one."""
    for encoder in ENCODERS.values():
        if extension in encoder.capabilities.extensions:
            return encoder.capabilities.extensions[0]
    return extension


def _below(path: str, folder: str) -> str | None:
    """Return a path relative to a folder that it lies in, or None."""
    if is_remote(path) or is_remote(folder):
        return path[len(folder) :] if path.startswith(folder) else None
    here = os.path.abspath(local_path(path))
    relative = os.path.relpath(here, os.path.abspath(folder))
    return None if relative.split(os.sep)[0] == os.pardir else relative.replace(os.sep, "/")


def _absolute(path: str, here: str) -> str:
    """Return an absolute path, by the slow way only where it takes it."""
    if path.startswith("file:"):
        return local_path(path)
    whole = path if path.startswith("/") else f"{here}/{path}"
    return os.path.normpath(whole) if "/." in whole or "//" in whole else whole


def _report_among(route: Route, path: str, source: Found, findings: Findings) -> None:
    keys = ("outputs", route.at, "path")
    if not findings.clean(keys):
        return
    if path == source.path:
        _report_overwritten(route, source, findings)
        return
    message = f"{path}, made of {source.path}, is or would be one of the sources"
    hint = "write elsewhere, or name it under inputs.exclude"
    findings.report("output-among-inputs", keys, message, hint=hint)


def _report_overwritten(route: Route, source: Found, findings: Findings) -> None:
    keys = ("outputs", route.at, "path")
    message = f"the source {source.path} would be overwritten"
    hint = "write to another folder, or put something into the path"
    if findings.clean(keys):
        findings.report("output-onto-input", keys, message, hint=hint)


def _remedy(route: Route, first: Found, second: Found) -> str:
    if first.relative == second.relative:
        return "put {index} or {hash:8} into it, or name one folder above both"
    one, two = os.path.splitext(first.relative)[0], os.path.splitext(second.relative)[0]
    if one == two:
        return "put {filename} in the place of {stem}"
    return "put {stem} into it" if "dir" in route.template.fields else "put {dir} into it"
