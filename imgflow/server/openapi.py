"""The OpenAPI document, made from the table of routes and the declared types."""

from __future__ import annotations

import functools
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec

from imgflow.queue import BatchStatus
from imgflow.request import request_schema
from imgflow.server.dialect import REFERENCE, modernised
from imgflow.server.gate import is_open
from imgflow.server.metrics import MEDIA_TYPE as TEXT
from imgflow.server.problems import MEDIA_TYPE, ProblemDetails
from imgflow.server.table import ROUTES, Ready, Route
from imgflow.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_JSON, _EVENTS = "application/json", "text/event-stream"
#: Statuses that every request may get, and those that only one with a body does.
_ALWAYS, _WITH_BODY = (401, 403, 503), (400, 408, 413, 415)
_ID = {
    "name": "id",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "format": "uuid"},
}
_TEXT = {"type": "string"}


@functools.lru_cache(maxsize=2)
def openapi_document(*, secured: bool) -> bytes:
    """Return the document, version 3.1, as JSON; ``secured`` if requests need a token."""
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    for path, operation in _others().items():
        paths[path] = {"get": operation}
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": "imgflow",
            "version": __version__,
            "description": "Images through declarative recipes: a queue of jobs over HTTP.",
        },
        "paths": paths,
        "components": {"schemas": dict(sorted(_schemas().items()))},
    }
    if secured:
        document["security"] = [{"token": []}]
        scheme = {"type": "http", "scheme": "bearer"}
        document["components"] |= {"securitySchemes": {"token": scheme}}
    return msgspec.json.encode(document)


def _operation(route: Route) -> dict[str, Any]:
    kind = TEXT if route.answers is str else _JSON
    answer = _content(kind, _schema(route.answers))
    refusals = {*_ALWAYS, *route.refusals, *(_WITH_BODY if route.takes is not None else ())}
    operation: dict[str, Any] = {
        "operationId": route.handler.__name__,
        "summary": route.summary,
        "parameters": [*_parameters(route)],
        "responses": {str(status): answer for status in (route.status, *route.also)}
        | {str(status): _problem(status) for status in sorted(refusals)},
    }
    if route.repeatable:
        operation["responses"][str(route.status)] = {**answer, "links": _links(route)}
    if route.takes is not None:
        content: dict[str, Any] = {"schema": _schema(route.takes)}
        if route.example is not None:
            content["example"] = route.example
        operation["requestBody"] = {"required": True, "content": {_JSON: content}}
    return {**operation, "security": []} if is_open(route.path) else operation


def _parameters(route: Route) -> Iterator[dict[str, Any]]:
    if "{id}" in route.path:
        yield _ID
    for one in route.parameters:
        yield {
            "name": one.name,
            "in": "query",
            "description": one.description,
            "schema": one.schema,
        }
    if route.repeatable:
        yield {
            "name": "Idempotency-Key",
            "in": "header",
            "description": "A request that is sent again under its key is done once, for a day.",
            "schema": {"type": "string", "pattern": "^[!#-~]{1,200}$"},
        }


def _links(route: Route) -> dict[str, Any]:
    """Return what can be done with what was made: the operations on its path."""
    field = "batch_id" if route.answers is BatchStatus else "job_id"
    names = [one.handler.__name__ for one in ROUTES if one.path.startswith(f"{route.path}/{{id}}")]
    identity = {"id": f"$response.body#/{field}"}
    return {name: {"operationId": name, "parameters": identity} for name in names}


def _others() -> dict[str, dict[str, Any]]:
    """Return the operations that are no plain calls: streams and files."""
    index = {
        "name": "index",
        "in": "path",
        "required": True,
        "schema": {"type": "integer", "minimum": 0, "maximum": 999},
    }
    return {
        "/jobs/{id}/events": _read(
            "follow_job",
            "Follow a job to its end: events named status, each with what is known of it.",
            _EVENTS,
            parameters=[_ID],
        ),
        "/jobs/{id}/outputs/{index}": _read(
            "read_output", "An image that a job made.", "image/*", parameters=[_ID, index]
        ),
        "/events": _read(
            "follow_queue",
            "Follow the queue: events named overview, whenever something changed.",
            _EVENTS,
        ),
        "/livez": {
            **_read("tell_alive", "Tell that the server is there.", _JSON, refusals=(403,)),
            "security": [],
        },
        "/openapi.json": _read(
            "describe", "This document.", _JSON, refusals=(401, 403), schema={"type": "object"}
        ),
    }


def _read(  # noqa: PLR0913
    name: str,
    summary: str,
    kind: str,
    *,
    parameters: Sequence[dict[str, Any]] = (),
    refusals: Sequence[int] = _ALWAYS,
    schema: dict[str, Any] | None = None,
) -> dict[str, Any]:
    wrong = (404, *refusals) if parameters else refusals
    usual = {_JSON: _schema(Ready), _EVENTS: {}}
    content = _content(kind, schema or usual.get(kind, _TEXT))
    return {
        "operationId": name,
        "summary": summary,
        "parameters": list(parameters),
        "responses": {"200": content} | {str(status): _problem(status) for status in wrong},
    }


def _content(kind: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": "Done.", "content": {kind: {"schema": schema}}}


def _problem(status: int) -> dict[str, Any]:
    content = _content(MEDIA_TYPE, _schema(ProblemDetails))
    return {**content, "description": HTTPStatus(status).phrase}


def _schema(declared: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return the schema of a declared type, or a reference to the one of that name."""
    if isinstance(declared, str):
        return {"$ref": REFERENCE.format(name=declared)}
    schemas, _ = msgspec.json.schema_components([declared], ref_template=REFERENCE)
    found: dict[str, Any] = schemas[0]
    return found


def _schemas() -> dict[str, Any]:
    """Return all schemas that are referred to, by name."""
    types = [route.answers for route in ROUTES]
    types += [route.takes for route in ROUTES if isinstance(route.takes, type)]
    _, schemas = msgspec.json.schema_components(
        [*types, ProblemDetails, Ready], ref_template=REFERENCE
    )
    request = dict(request_schema(rules=False))
    definitions = request.pop("definitions")
    request.pop("$schema")
    requests: dict[str, Any] = modernised({**definitions, "request": request})
    return schemas | requests
