"""Requests for uploads: where an image is to go, and the job that is to follow."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any, NamedTuple

from imgflow.encoders import ENCODERS
from imgflow.recipe.document import Document, build_document
from imgflow.recipe.findings import Findings
from imgflow.recipe.problems import Problem, RecipeInvalid
from imgflow.request.access import Access
from imgflow.request.body import BODY, demand_object, read_data, read_nodes, read_text
from imgflow.request.bounds import BoundedProblems, EnoughProblems
from imgflow.request.keys import JobKeys
from imgflow.request.order import Orders
from imgflow.request.own_keys import read_keys
from imgflow.request.upload_keys import UploadKeys

if TYPE_CHECKING:
    from imgflow.recipe.nodes import Node
    from imgflow.request.access import Permissions


class UploadRequest(NamedTuple):
    """What is to be uploaded, and where to; ``job`` is the request to send after that."""

    keys: UploadKeys
    uri: str
    content_type: str
    job: dict[str, Any]


def read_upload(body: bytes, permissions: Permissions, folder: str) -> UploadRequest:
    """Return what a request for an upload asks for, its job being checked as if it was sent.

    ``folder`` is where the image will be. Raises RecipeInvalid with all problems, each with
    its line and column in the body.
    """
    text = read_text(body)
    read_data(text)
    root = read_nodes(text)
    request = _placed(root, text, "")
    keys = _own_keys(request)
    name = keys.filename or f"image.{_extension(keys.content_type or '')}"
    kind = keys.content_type or _media_type(name)
    access = Access(permissions)
    uri = access.checked(f"{folder}/{name}", ("filename",), request.findings)
    if not kind:
        message = f"expected the type of '{name}' here, for its name does not tell it"
        request.findings.report("unknown-type", (), message, hint="image/jpeg, say")
    if request.findings.errors:
        raise RecipeInvalid(request.findings.problems, {BODY: text})
    job = {} if keys.job is None else _checked_job(root, text, uri, access)
    return UploadRequest(keys, uri, kind, job)


def _own_keys(request: Document) -> UploadKeys:
    try:
        keys = read_keys(request, UploadKeys)
    except EnoughProblems:
        keys = None
    if keys is None:
        raise RecipeInvalid(request.findings.problems, {BODY: request.text})
    return keys


def _checked_job(root: Node, text: str, uri: str, access: Access) -> dict[str, Any]:
    """Return the request for the job with its input, after a look at all that it says."""
    (node,) = (value for key, value in root.pairs or () if key.text == "job")
    request = _placed(node, text, "job")
    if "input" in request.data:
        message = "the input is what will be uploaded"
        request.findings.report("unknown-key", ("input",), message, hint="leave it out", key=True)
        problems = [_below(one) for one in request.findings.problems]
        raise RecipeInvalid(problems, {BODY: text})
    job = {"input": uri, **request.data}
    request.data["input"] = uri
    Orders(access, str).take(request, JobKeys, "job")
    return job


def _below(problem: Problem) -> Problem:
    import msgspec

    return msgspec.structs.replace(problem, path=f"job.{problem.path}")


def _placed(node: Node, text: str, path: str) -> Document:
    demand_object(node, "an object", text, path)
    found = build_document(node, text, BODY)
    findings = Findings(
        found.places, BoundedProblems(found.findings.problems), found.findings.faulty
    )
    return Document(BODY, text, found.data, found.places, findings)


def _media_type(name: str) -> str:
    """Return the type that the extension of a name stands for, or ''."""
    extension = posixpath.splitext(name)[1][1:].lower()
    known = (one.capabilities for one in ENCODERS.values())
    return next((one.media_type for one in known if extension in one.extensions), "")


def _extension(media_type: str) -> str:
    """Return the usual extension for a type; that of one that is not written here is its name."""
    known = (one.capabilities for one in ENCODERS.values())
    found = (one.extensions[0] for one in known if one.media_type == media_type)
    return next(found, media_type.rpartition("/")[2].partition("+")[0])
