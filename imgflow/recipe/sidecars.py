"""Files beside sources, ``photo.jpg.imgflow.yaml``: what is to be known of one picture."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from imgflow.errors import RecipeError
from imgflow.recipe.document import build_document
from imgflow.recipe.nodes import read_nodes
from imgflow.recipe.overrides import Said, layer_of
from imgflow.recipe.places import Place
from imgflow.recipe.problems import Problem, RecipeInvalid
from imgflow.recipe.sources import SIDECAR, local_path
from imgflow.recipe.structure import check_sidecar
from imgflow.recipe.text import check_text, read_text
from imgflow.uris import is_remote

if TYPE_CHECKING:
    from imgflow.recipe.document import Document
    from imgflow.recipe.findings import Findings
    from imgflow.recipe.nodes import Node


def find_sidecar(source: str) -> str | None:
    """Return the path of the file beside a source; nobody looks for one far away."""
    if is_remote(source):
        return None
    path = f"{local_path(source)}{SIDECAR}"
    return path if os.path.isfile(path) else None


def read_sidecar(path: str, findings: Findings, texts: dict[str, str]) -> Said | None:
    """Return what a sidecar says, None for nothing at all or after reporting what is wrong.

    Its text is put into ``texts``.
    """
    try:
        texts[path] = read_text(path)
        document = _document(texts[path], path)
    except RecipeInvalid as error:
        for problem in error.problems:
            if problem.code != "empty-recipe":
                findings.add(problem)
        return None
    except RecipeError as error:
        findings.at({(): Place(path)}).report(error.code, (), error.message)
        return None
    check_sidecar(document)
    for problem in document.findings.problems:
        findings.add(problem)
    if document.findings.errors or not document.data:
        return None
    return Said((), layer_of(document.data, document.places, ()))


def _document(text: str, path: str) -> Document:
    check_text(text, path)
    root = read_nodes(text, path)
    if root.pairs is None:
        raise RecipeInvalid([_no_mapping(root, path)], {path: text})
    return build_document(root, text, path)


def _no_mapping(root: Node, path: str) -> Problem:
    kind = "a list" if root.items is not None else "text"
    message = f"expected a mapping with keys like quality, focus and alt, found {kind}"
    return Problem(
        code="wrong-type", message=message, file=path, line=root.line, column=root.column
    )
