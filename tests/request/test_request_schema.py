import json
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from jsonschema.protocols import Validator

from imgflow.guard import Allowed
from imgflow.queue import PRIORITIES
from imgflow.recipe import RecipeInvalid
from imgflow.request import Permissions, read_batch, read_jobs, request_schema, schemas

PERMISSIONS = Permissions(Allowed(["s3://"]), str)
SCHEMA = request_schema()
JOB = {"input": "s3://bucket/a.jpg", "output": "s3://bucket/b.jpg"}
#: Values for each key, most of them good for it.
VALUES: dict[str, list[Any]] = {
    "input": ["s3://bucket/a.jpg", "", 3, None],
    "output": ["s3://bucket/b.jpg", "s3://bucket/c.{ext}", [], ""],
    "outputs": [
        [{"path": "s3://bucket/d.png"}],
        [],
        [{}],
        {},
        [{"path": "s3://bucket/e", "width": 3}],
    ],
    "operations": [[], [{"op": "flip"}], [{"op": "resize"}], [{}], {}, [{"op": "nope"}]],
    "defaults": [{}, {"format": "webp"}, {"format": "nope"}, {"x": 1}, []],
    "orient": [True, False, "yes", 1],
    "recipe": [
        "email",
        {"version": 1, "outputs": [{"path": "s3://bucket/f.jpg"}]},
        {"version": 2},
        {},
        4,
    ],
    "vars": [{}, {"x": []}, []],
    "out": ["s3://bucket/x", "", 1],
    "force": [True, "no"],
    "priority": [*PRIORITIES, "urgent", 1],
    "ttl": [1, 0.5, 0, -1, "1", 1e9],
    "dedupe": [True, 0],
    "dedupe_window": [0, 5, -1, "x"],
    "webhook": ["https://example.com", "", 3],
    "unknown": [1],
}
#: What a schema cannot say: whether names, templates and places are there and allowed.
BEYOND = {
    *("recipe-not-found", "unknown-var", "relative-path", "bad-uri", "not-allowed"),
    *("path-collision", "output-onto-input", "unknown-format", "extension-differs"),
}


def validator(name: str) -> Validator:
    reference = {"$ref": f"#/definitions/{name}"}
    return Draft7Validator({**reference, "definitions": SCHEMA["definitions"]})


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    names = draw(st.sets(st.sampled_from(sorted(VALUES)), max_size=4))
    chosen = {name: draw(st.sampled_from(VALUES[name])) for name in names}
    return {**(JOB if draw(st.booleans()) else {}), **chosen}


@given(requests())
def test_the_schema_and_the_server_agree(request: dict[str, Any]) -> None:
    valid = validator("job").is_valid(request)
    try:
        read_jobs(json.dumps(request).encode(), PERMISSIONS, lambda _: str(uuid.uuid4()))
    except RecipeInvalid as error:
        codes = {problem.code for problem in error.problems}
        assert not valid or codes <= BEYOND, codes
    else:
        assert valid


def test_the_schema_is_one() -> None:
    Draft7Validator.check_schema(SCHEMA)
    assert schemas()["request"] == SCHEMA
    texts = [
        prop.get("description") for prop in SCHEMA["definitions"]["job"]["properties"].values()
    ]
    assert all(text or text is None for text in texts)


@pytest.mark.parametrize("name", ["job", "batch"])
def test_every_key_is_explained(name: str) -> None:
    for key, prop in SCHEMA["definitions"][name]["properties"].items():
        assert prop.get("description") or "$ref" in prop, key


def test_one_job_or_a_list() -> None:
    whole = Draft7Validator(SCHEMA)
    assert whole.is_valid(JOB)
    assert whole.is_valid([JOB, JOB])
    assert not whole.is_valid([])
    assert not whole.is_valid([JOB] * 1001)
    assert not whole.is_valid([{"input": "x"}])
    assert not whole.is_valid("x")


def test_a_batch() -> None:
    batch = {"inputs": ["s3://bucket/a.jpg"], "recipe": "email", "out": "s3://bucket/x"}
    assert validator("batch").is_valid(batch)
    assert len(read_batch(json.dumps(batch).encode(), PERMISSIONS, lambda _: "x")) == 1
    assert not validator("batch").is_valid({**batch, "input": "s3://bucket/a.jpg"})
