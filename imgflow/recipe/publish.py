"""The published JSON Schemas: of recipes, sidecars, jobs and results, for editors and programs."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import msgspec

from imgflow.errors import StorageError
from imgflow.job import Job, Result
from imgflow.manifest import Manifest
from imgflow.recipe.declarations import REFERENCE, describe_class, tidy
from imgflow.recipe.schema import DRAFT, recipe_schema, sidecar_schema, step_definitions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imgflow.recipe.declarations import Schema

_SUFFIX = ".schema.json"


def schemas() -> dict[str, Schema]:
    """Return the schemas by name: ``recipe``, ``sidecar``, ``job`` and ``result``."""
    return {
        "recipe": recipe_schema(),
        "sidecar": sidecar_schema(),
        "job": job_schema(),
        "result": _of(Result, "imgflow result"),
        "manifest": _of(Manifest, "imgflow manifest"),
    }


def job_schema() -> Schema:
    """Return the schema of a job: its steps and formats are bound as those of a recipe are."""
    schema = _of(Job, "imgflow job")
    steps = {"type": "array", "items": {"$ref": REFERENCE.format(name="step")}}
    output = schema["definitions"]["Output"]
    for properties in (schema["properties"], output["properties"]):
        properties["steps"] = steps
    output["properties"]["encoder"] = {
        "description": "The format with its options; original takes those that fit.",
        **_encoder(),
    }
    definitions = {**schema["definitions"], **step_definitions()}
    return {**schema, "definitions": dict(sorted(definitions.items()))}


def schema_text(schema: Schema) -> str:
    """Return a schema as it is stored."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def write_schemas(folder: str, named: Mapping[str, Schema]) -> list[str]:
    """Write schemas into a folder; returns the paths, raises StorageError."""
    paths = []
    for name, schema in named.items():
        paths.append(os.path.join(folder, name + _SUFFIX))
        try:
            os.makedirs(folder, exist_ok=True)
            with open(paths[-1], "w", encoding="utf-8") as file:
                file.write(schema_text(schema))
        except OSError as error:
            message = f"{paths[-1]}: cannot be written: {error.strerror}"
            raise StorageError(message, code="write-failed") from error
    return paths


def stale_schemas(folder: str, named: Mapping[str, Schema]) -> list[str]:
    """Return the paths of the schemas that a folder does not have, or has out of date."""
    stale = []
    for name, schema in named.items():
        path = os.path.join(folder, name + _SUFFIX)
        try:
            with open(path, encoding="utf-8") as file:
                text = file.read()
        except OSError:
            text = ""
        if text != schema_text(schema):
            stale.append(path)
    return stale


def _of(cls: type[msgspec.Struct], title: str) -> Schema:
    _, components = msgspec.json.schema_components([cls], ref_template=REFERENCE)
    definitions: dict[str, Any] = {name: tidy(schema) for name, schema in components.items()}
    root = definitions.pop(cls.__name__)
    root |= {"title": title, "description": describe_class(cls)}
    return {"$schema": DRAFT, **root, "definitions": dict(sorted(definitions.items()))}


def _encoder() -> Schema:
    """Return the schema of a format with options, or of the source's format with some."""
    named = {"properties": {"format": {"const": "original"}}, "required": ["format"]}
    return {
        "type": "object",
        "if": named,
        "else": {"$ref": REFERENCE.format(name="format-options")},
    }
