"""A recipe with all that it extends, merged: each value keeps the place it came from."""

from __future__ import annotations

import dataclasses
import os
from typing import TYPE_CHECKING, Any

from imgflow.errors import RecipeError
from imgflow.recipe.document import read_document
from imgflow.recipe.findings import Findings
from imgflow.recipe.library import find_recipe, looks_like_path
from imgflow.recipe.places import Keys, Place, below
from imgflow.recipe.problems import RecipeInvalid
from imgflow.recipe.structure import check_structure
from imgflow.recipe.text import read_text

if TYPE_CHECKING:
    from imgflow.recipe.document import Document
    from imgflow.recipe.problems import Problem

#: Keys that are merged key by key; all others are replaced as a whole.
_MERGED = ("vars", "inputs", "defaults", "budgets")
#: Keys that a recipe does not take from those that it extends.
_OWN = ("version", "name", "description", "extends")
#: Keys of which one stands for the other.
_ALTERNATIVES = ("format", "formats")


@dataclasses.dataclass
class Layer:
    """Data, and where its values stand."""

    data: dict[str, Any]
    places: dict[Keys, Place]


@dataclasses.dataclass(frozen=True)
class Resolved:
    """A recipe after ``extends``: plain data, places, the texts read, problems so far."""

    file: str
    data: dict[str, Any]
    places: dict[Keys, Place]
    texts: dict[str, str]
    findings: Findings


def resolve(text: str, file: str) -> Resolved:
    """Read a recipe and all that it extends; raises RecipeInvalid if one cannot be read at all."""
    chain = _Chain()
    return chain.resolved(chain.read(text, file, ()), file)


def resolve_document(document: Document) -> Resolved:
    """Read all that a recipe extends which was read already; see resolve."""
    chain = _Chain()
    chain.texts[document.file] = document.text
    return chain.resolved(chain.join(document, ()), document.file)


class _Chain:
    """The files that have been read on the way."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.problems: list[Problem] = []
        self.faulty: list[tuple[str, Keys]] = []

    def read(self, text: str, file: str, children: tuple[str, ...]) -> Layer:
        """Return one recipe over those that it extends; ``children`` are on the way to it."""
        self.texts[file] = text
        try:
            document = read_document(text, file)
        except RecipeInvalid as error:
            raise RecipeInvalid([*self.problems, *error.problems], self.texts) from error
        return self.join(document, children)

    def join(self, document: Document, children: tuple[str, ...]) -> Layer:
        """Return a recipe that was read over those that it extends."""
        check_structure(document, complete=not children)
        self.problems.extend(document.findings.problems)
        self.faulty.extend(document.findings.faulty)
        layer = Layer({}, {})
        for keys, name in _parents(document):
            parent = self._parent(document, keys, name, (*children, _identity(document.file)))
            if parent is not None:
                layer = merge(layer, parent)
        return merge(layer, Layer(document.data, document.places), last=True)

    def resolved(self, layer: Layer, file: str) -> Resolved:
        """Return the outcome, with the problems so far."""
        findings = Findings(layer.places, self.problems, self.faulty)
        return Resolved(file, layer.data, layer.places, self.texts, findings)

    def _parent(
        self, document: Document, keys: Keys, name: str, children: tuple[str, ...]
    ) -> Layer | None:
        findings = Findings(document.places, self.problems, self.faulty)
        try:
            if looks_like_path(name):
                path = os.path.normpath(os.path.join(os.path.dirname(document.file), name))
            else:
                path = find_recipe(name)
            if _identity(path) in children:
                message = f"expected a recipe that does not extend this one, found {path}"
                findings.report("extends-cycle", keys, message, hint="extend another recipe")
                return None
            text = read_text(path)
        except RecipeInvalid as error:
            raise RecipeInvalid(
                [*self.problems, *error.problems], {**self.texts, **error.sources}
            ) from error
        except RecipeError as error:
            findings.report(error.code, keys, error.message)
            return None
        return self.read(text, path, children)


def merge(base: Layer, over: Layer, *, last: bool = False) -> Layer:
    """Return one layer over another; of the ``last`` one all keys count."""
    data, places = dict(base.data), dict(base.places)
    for key, value in over.data.items():
        if key in _OWN and not last:
            continue
        if key in _MERGED and isinstance(value, dict) and isinstance(data.get(key), dict):
            data[key] = dict(data[key])
            for name, item in value.items():
                for gone in _ALTERNATIVES if name in _ALTERNATIVES else (name,):
                    if gone not in value or gone == name:
                        data[key].pop(gone, None)
                        _forget(places, (key, gone))
                data[key][name] = item
                places.update(below(over.places, (key, name)))
            places[key,] = over.places[key,]
        else:
            data[key] = value
            _forget(places, (key,))
            places.update(below(over.places, (key,)))
    if () in over.places:
        places[()] = over.places[()]
    return Layer(data, places)


def _forget(places: dict[Keys, Place], prefix: Keys) -> None:
    for keys, _ in list(below(places, prefix)):
        del places[keys]


def _parents(document: Document) -> list[tuple[Keys, str]]:
    names = document.data.get("extends")
    if isinstance(names, str):
        return [(("extends",), names)] if names else []
    if not isinstance(names, list):
        return []
    return [
        (("extends", at), name) for at, name in enumerate(names) if isinstance(name, str) and name
    ]


def _identity(path: str) -> str:
    return os.path.realpath(path)
