"""The JSON Schema of requests, around the definitions of the recipe language."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from imgflow.recipe.declarations import REFERENCE, declared_schema, with_rules
from imgflow.recipe.publish import schemas as recipe_schemas
from imgflow.recipe.schema import DRAFT, recipe_schema
from imgflow.request.keys import MOST_JOBS, BatchKeys, JobKeys
from imgflow.request.upload_keys import OrderKeys, UploadKeys

if TYPE_CHECKING:
    from imgflow.recipe.declarations import Schema
    from imgflow.request.keys import RequestKeys, WorkKeys


@functools.lru_cache(maxsize=2)
def request_schema(*, rules: bool = True) -> Schema:
    """Return the schema of a request for jobs: one, or a list; treat it as read-only.

    The definitions ``batch`` and ``upload`` are those of requests for a batch, and for an
    upload. Without ``rules`` it says nothing about keys that depend on each other.
    """
    recipe = dict(recipe_schema(rules=rules))
    definitions: dict[str, Schema] = recipe.pop("definitions")
    recipe.pop("$schema")
    jobs = {
        "type": "array",
        "items": {"$ref": REFERENCE.format(name="job")},
        "minItems": 1,
        "maxItems": MOST_JOBS,
    }
    definitions = {
        **definitions,
        "recipe": recipe,
        "job": _bound(JobKeys, rules=rules),
        "batch": _bound(BatchKeys, rules=rules),
        "jobs": jobs,
        "order": _bound(OrderKeys, rules=rules),
        "upload": _upload(rules=rules),
    }
    return {
        "$schema": DRAFT,
        "title": "imgflow request",
        "description": "A request for a job, or a list of them.",
        "if": {"type": "array"},
        "then": {"$ref": REFERENCE.format(name="jobs")},
        "else": {"$ref": REFERENCE.format(name="job")},
        "definitions": dict(sorted(definitions.items())),
    }


def keys_schema(cls: type[RequestKeys]) -> Schema:
    """Return the schema of a request's own keys, whatever is in its operations and outputs."""
    schema, _ = declared_schema(cls, cls.title)
    for name in ("operations", "outputs"):
        if name in schema["properties"]:
            schema["properties"][name] = _without(schema["properties"][name], "items")
    return schema


def schemas() -> dict[str, Schema]:
    """Return all published schemas by name: those of recipes, and ``request``."""
    return {**recipe_schemas(), "request": request_schema()}


def _bound(cls: type[WorkKeys], *, rules: bool) -> Schema:
    schema, _ = declared_schema(cls, cls.title)
    properties: dict[str, Any] = schema["properties"]
    properties["defaults"] = {"$ref": REFERENCE.format(name="defaults")}
    properties["recipe"] = {
        "description": properties["recipe"]["description"],
        "type": ["string", "object"],
        "if": {"type": "object"},
        "then": {"$ref": REFERENCE.format(name="recipe")},
        "else": {"minLength": 1},
    }
    return with_rules(schema, cls.rules) if rules else schema


def _upload(*, rules: bool) -> Schema:
    schema, _ = declared_schema(UploadKeys, UploadKeys.title)
    order = {"$ref": REFERENCE.format(name="order")}
    prose = {"description": schema["properties"]["job"]["description"]}
    schema["properties"]["job"] = {**prose, "allOf": [order]}
    return with_rules(schema, UploadKeys.rules) if rules else schema


def _without(schema: Schema, key: str) -> Schema:
    return {name: value for name, value in schema.items() if name != key}
