import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from endpoint import Endpoint, serving
from jsonschema import Draft202012Validator

from imgflow.server import Admission

#: Seconds for all of it; the more there are, the more is tried.
BUDGET = 25
#: What the schema allows may still be refused: a place that is not allowed, a name of no recipe.
CONFIG = """\
[checks]
positive_data_acceptance.expected-statuses = ["2xx", "403", "404", "409", "422"]
negative_data_rejection.expected-statuses = ["400", "401", "404", "405", "413", "415", "422"]
"""
EXAMPLES: dict[str, list[Any]] = {
    "request": [
        {
            "input": "s3://bucket/input.jpg",
            "operations": [{"op": "resize", "width": 800}, {"op": "convert", "format": "webp"}],
            "output": "s3://bucket/output.jpg",
        },
        [{"input": "/a.jpg", "recipe": "email", "vars": {"out": "/x"}, "priority": "high"}],
        {"input": "/a.jpg", "recipe": {"version": 1, "outputs": [{"path": "/b", "quality": 8}]}},
    ],
    "upload": [
        {"filename": "cat.jpg", "content_length": 5, "job": {"output": "/b/{stem}.avif"}},
        {"content_type": "image/png", "max_bytes": 5, "expires": 60},
    ],
    "batch": [{"inputs": ["/a.jpg"], "output": "/b/{stem}.avif"}],
}


def document(endpoint: Endpoint) -> dict[str, Any]:
    found: dict[str, Any] = endpoint.client.get("/openapi.json").json()
    return found


def schema(endpoint: Endpoint, name: str) -> Draft202012Validator:
    components = document(endpoint)["components"]
    reference = {"$ref": f"#/components/schemas/{name}", "components": components}
    return Draft202012Validator(reference)


def test_all_that_it_refers_to_is_there(endpoint: Endpoint) -> None:
    found = document(endpoint)
    assert found["openapi"] == "3.1.0"
    text = json.dumps(found)
    for name in found["components"]["schemas"]:
        Draft202012Validator.check_schema(found["components"]["schemas"][name])
    for reference in {part.split('"')[0] for part in text.split('"$ref": "')[1:]}:
        assert reference.rpartition("/")[2] in found["components"]["schemas"], reference
    operations = [one for path in found["paths"].values() for one in path.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names) == 18
    assert all(operation["summary"].endswith(".") for operation in operations)


@pytest.mark.parametrize("name", EXAMPLES)
def test_requests_are_what_it_says(endpoint: Endpoint, name: str) -> None:
    validator = schema(endpoint, name)
    for example in EXAMPLES[name]:
        validator.validate(example)
        single = example[0] if isinstance(example, list) else example
        assert not validator.is_valid({**single, "unknown": 1})
        for step in ({"op": "nope"}, {}):
            wrong: dict[str, Any] = {"operations": [step]}
            if name == "upload":
                wrong = {"job": {"output": "/b/{stem}.avif", **wrong}}
            assert not validator.is_valid({**single, **wrong})


def test_a_token_is_asked_for_where_there_are_some(endpoint: Endpoint, one_redis_url: str) -> None:
    assert "security" not in document(endpoint)
    with serving(one_redis_url, admission=Admission(("t",))) as locked:
        locked.client.headers["Authorization"] = "Bearer t"
        found = document(locked)
    assert found["security"] == [{"token": []}]
    assert found["paths"]["/livez"]["get"]["security"] == []


@pytest.mark.slow
def test_the_server_keeps_to_it(one_redis_url: str, tmp_path: Path) -> None:
    """The checks of schemathesis, with a token, on everything but streams, which may not end.

    What it sends as wrong data is no judge here: headers and queries are text on their way,
    and some of it is right again when it arrives. What is refused is tested by itself.
    DELETE cancels: a job that was cancelled is still there to be asked for, and to be retried.
    """
    config = tmp_path / "schemathesis.toml"
    config.write_text(CONFIG)
    with serving(one_redis_url, "s3://", admission=Admission(("t",))) as endpoint:
        command = [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config)),
            *("run", f"http://127.0.0.1:{endpoint.port}/openapi.json"),
            *("--header", "Authorization: Bearer t", "--exclude-path-regex", "events$"),
            *(
                "--checks",
                "all",
                "--exclude-checks",
                "use_after_free,negative_data_rejection",
                "--seed",
                "1",
                "--max-examples",
                "8",
            ),
            *("--max-time", str(BUDGET), "--continue-on-failure", "--no-color"),
        ]
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, cwd=tmp_path, timeout=300
        )
        submitted = endpoint.queue.stats().counts["submitted"]
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert submitted
