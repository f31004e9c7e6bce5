"""The published schema and the typed declarations say the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import random_recipes
from hypothesis import HealthCheck, event, given, settings
from jsonschema import Draft7Validator

from imgflow.encoders import ENCODERS
from imgflow.job import Job, Result
from imgflow.operations import OPERATIONS
from imgflow.recipe import RecipeInvalid, data_folder, parse_recipe, schemas, stale_schemas
from imgflow.recipe.declarations import union
from imgflow.recipe.document import read_document
from imgflow.recipe.publish import write_schemas
from imgflow.recipe.schema import option_names, options_of, takers
from imgflow.recipe.typed import misfit
from imgflow.request import schemas as published

VALIDATOR = Draft7Validator(schemas()["recipe"])
#: What is wrong with a whole that is made of right parts.
CROSS_CHECKS = {
    "bad-template",
    "bad-value",
    "bad-var",
    "extension-differs",
    "format-said-twice",
    "idle-key",
    "keys-disagree",
    "option-of-other-format",
    "out-of-range",
    "output-among-inputs",
    "path-collision",
    "path-escapes",
    "recipe-not-found",
    "unknown-var",
    "wrong-type",
}
slow_to_draw = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def reread(recipe: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    text = json.dumps(recipe, ensure_ascii=False)
    return text, read_document(text, "r.yaml").data


def codes(text: str) -> set[str]:
    try:
        parse_recipe(text, file="r.yaml")
    except RecipeInvalid as error:
        return {problem.code for problem in error.problems if problem.severity == "error"}
    return set()


def compare(recipe: dict[str, Any]) -> None:
    text, data = reread(recipe)
    found = codes(text)
    assert "not-understood" not in found
    if VALIDATOR.is_valid(data):
        event("valid")
        assert misfit(data) == ""
        assert found <= CROSS_CHECKS
    else:
        event("invalid")
        assert found


@slow_to_draw
@given(random_recipes.recipes())
def test_what_the_schema_takes_is_taken(recipe: dict[str, Any]) -> None:
    compare(recipe)


@slow_to_draw
@given(random_recipes.slips())
def test_what_one_refuses_the_other_refuses(recipe: dict[str, Any]) -> None:
    compare(recipe)


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_example_of_an_operation_is_valid(name: str) -> None:
    step = OPERATIONS[name].example
    assert step["op"] == name
    recipe = {"version": 1, "steps": [step], "outputs": [{"path": "o/{stem}.{ext}"}]}
    assert [error.message for error in VALIDATOR.iter_errors(recipe)] == []
    assert misfit(recipe) == ""


@pytest.mark.parametrize("option", option_names())
def test_an_option_beside_other_formats_takes_what_any_format_takes(option: str) -> None:
    merged = Draft7Validator(union(options_of(name)[option] for name in takers(option)))
    single = [Draft7Validator(options_of(name)[option]) for name in takers(option)]
    for value in (*range(-2, 102), 0.5, 300, "lossless", "none", "4:4:4", "x", True, [], {}):
        assert merged.is_valid(value) == any(one.is_valid(value) for one in single)


@pytest.mark.parametrize("name", ["recipe", "sidecar", "job", "result"])
def test_schemas_are_draft_7_and_explain_every_key(name: str) -> None:
    schema = schemas()[name]
    Draft7Validator.check_schema(schema)
    text = json.dumps(schema)
    for keyword in ("$defs", "prefixItems", "dependentRequired", "unevaluated", "nullable"):
        assert keyword not in text
    if name in {"recipe", "sidecar"}:
        parts = [schema, *schema["definitions"].values()]
        for part in parts:
            for key, prop in part.get("properties", {}).items():
                known = {"op", "format"} & {key} or "$ref" in prop
                assert known or prop is False or prop.get("description"), (part["title"], key)


def test_the_committed_schemas_are_up_to_date() -> None:
    folder = data_folder("schema")
    assert stale_schemas(folder, published()) == [], "run `imgflow schema --write`"
    assert sorted(path.name for path in Path(folder).iterdir()) == [
        "job.schema.json",
        "manifest.schema.json",
        "recipe.schema.json",
        "request.schema.json",
        "result.schema.json",
        "sidecar.schema.json",
    ]


def test_a_change_makes_schemas_stale(tmp_path: Path) -> None:
    paths = write_schemas(str(tmp_path), published())
    assert stale_schemas(str(tmp_path), published()) == []
    Path(paths[0]).write_text("{}", encoding="utf-8")
    Path(paths[1]).unlink()
    assert stale_schemas(str(tmp_path), published()) == paths[:2]


def test_jobs_and_results_are_what_their_schemas_say() -> None:
    import msgspec

    recipe = parse_recipe(
        "version: 1\n"
        "steps: [{op: resize, width: 100}]\n"
        "outputs:\n"
        '  - {path: "o/{stem}-{width}.{ext}", widths: [10, 20], formats: [webp, original], '
        "quality: 50, metadata: {keep: [gps]}}\n"
    )
    job = Job(input="a.jpg", outputs=recipe.outputs, steps=recipe.steps, date="2024-01-01")
    plain = msgspec.json.decode(msgspec.json.encode(job))
    validator = Draft7Validator(schemas()["job"])
    assert [error.message for error in validator.iter_errors(plain)] == []
    assert not validator.is_valid({**plain, "steps": [{"op": "resize", "widht": 1}]})
    assert not validator.is_valid({**plain, "outputs": [{"path": "x", "encoder": {"format": "x"}}]})
    result = msgspec.to_builtins(Result(status="completed", input="a.jpg"))
    assert Draft7Validator(schemas()["result"]).is_valid(result)
    assert not Draft7Validator(schemas()["result"]).is_valid({"status": "done"})


def test_every_format_is_in_the_schema() -> None:
    definitions = schemas()["recipe"]["definitions"]
    assert {f"format-{name}" for name in ENCODERS} <= definitions.keys()
    assert {f"step-{name}" for name in OPERATIONS} <= definitions.keys()
