import json
import os
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from imgflow.errors import UsageError
from imgflow.guard import Allowed
from imgflow.queue import Submission
from imgflow.recipe import Problem, RecipeInvalid
from imgflow.request import Permissions, read_batch, read_jobs

ALLOWED = ("/srv/in", "/srv/out", "s3://bucket/")
INPUT = "s3://bucket/a.jpg"


def new_id(_: int) -> str:
    return str(uuid.uuid4())


def permit(*prefixes: str) -> Permissions:
    return Permissions(Allowed(prefixes or ALLOWED), Allowed(["https://"]).check)


def read(request: Any, *prefixes: str) -> list[Submission]:
    body = request if isinstance(request, bytes) else json.dumps(request).encode()
    return read_jobs(body, permit(*prefixes), new_id).submissions


def problems(
    request: Any, read_one: Callable[..., Any] = read_jobs, *prefixes: str
) -> list[Problem]:
    body = request if isinstance(request, bytes) else json.dumps(request, indent=1).encode()
    with pytest.raises(RecipeInvalid) as raised:
        read_one(body, permit(*prefixes), new_id)
    return list(raised.value.problems)


def told(request: Any, **more: Any) -> list[tuple[str, str]]:
    return [(problem.code, problem.path) for problem in problems(request, **more)]


def test_operations_and_an_output() -> None:
    request = {
        "input": "file:///srv/in/a%20b.jpg",
        "operations": [{"op": "resize", "width": 80}, {"op": "convert", "format": "webp"}],
        "output": "/srv/out/{stem}-{width}.{ext}",
    }
    (submission,) = read(request)
    job = submission.job
    assert job.input == "file:///srv/in/a%20b.jpg"
    assert job.steps == tuple(request["operations"])
    (output,) = job.outputs
    assert (output.path, output.root) == ("/srv/out/{stem}-{width}.{ext}", "/srv/out")
    assert output.encoder == {"format": "webp"}


def test_several_outputs_with_defaults() -> None:
    request = {
        "input": INPUT,
        "orient": False,
        "defaults": {"quality": 60, "metadata": "none"},
        "outputs": [
            {"path": "s3://bucket/{stem}-{width}.{ext}", "formats": ["webp"], "widths": [64, 32]},
            {"path": "s3://bucket/x/{stem}.jpg", "steps": [{"op": "blur", "sigma": 2}]},
        ],
    }
    (submission,) = read(request)
    assert not submission.job.orient
    outputs = submission.job.outputs
    assert [output.encoder for output in outputs] == [
        {"format": "webp", "quality": 60},
        {"format": "webp", "quality": 60},
        {"format": "jpeg", "quality": 60},
    ]
    assert {output.metadata for output in outputs} == {"none"}
    assert outputs[2].steps == ({"op": "blur", "sigma": 2},)


def test_a_recipe_by_name() -> None:
    (submission,) = read({"input": INPUT, "recipe": "email", "out": "s3://bucket/mail"})
    assert submission.job.recipe == "email"
    assert all(one.path.startswith("s3://bucket/mail/") for one in submission.job.outputs)


def test_a_recipe_written_out_with_vars_and_a_parent() -> None:
    recipe = {
        "version": 1,
        "name": "mine",
        "extends": "email",
        "vars": {"where": "x", "text": "none"},
        "steps": [{"op": "text", "text": "{text}"}],
        "outputs": [{"path": "{where}/{stem}.png"}],
    }
    given = {"where": "s3://bucket/y", "text": 5}
    (submission,) = read({"input": INPUT, "recipe": recipe, "vars": given})
    assert submission.job.recipe == "mine"
    assert submission.job.steps[0]["text"] == "5"
    assert submission.job.outputs[0].path == "s3://bucket/y/{stem}.png"


def test_what_goes_to_the_queue() -> None:
    request = {
        "input": INPUT,
        "output": "s3://bucket/b.jpg",
        "priority": "low",
        "ttl": 5,
        "dedupe": False,
        "dedupe_window": 0,
        "webhook": "https://example.com/x",
        "force": True,
    }
    (submission,) = read(request)
    assert submission.priority == "low"
    assert (submission.ttl, submission.dedupe, submission.dedupe_window) == (5, False, 0)
    assert submission.webhook == "https://example.com/x"
    assert submission.job.force


def test_many_jobs_are_read_as_one_by_one() -> None:
    """What requests have in common is worked out once; it must not leak into others."""
    outputs = [
        "s3://bucket/a.jpg",
        "s3://bucket/{stem}/b.jpg",
        "s3://bucket/c.webp",
        "/srv/out/d.jpg",
    ]
    chains: list[Any] = [[], [{"op": "resize", "width": 5}], [{"op": "convert", "format": "png"}]]
    requests = [
        {"input": "s3://bucket/in.tif", "operations": chain, "output": output}
        for output in outputs
        for chain in chains
    ]
    requests += [{**requests[0], "defaults": {"format": "gif"}}]
    together = [submission.job for submission in read(requests)]
    assert together == [read(request)[0].job for request in requests]


def test_a_changed_file_is_no_duplicate(tmp_path: Path) -> None:
    source, logo = tmp_path / "a.jpg", tmp_path / "logo.png"
    request = {
        "input": str(source),
        "operations": [{"op": "overlay", "image": f"file://{logo}"}],
        "output": f"{tmp_path}/out/a.webp",
    }
    versions = []
    for path in (None, source, logo, source):
        if path:
            path.write_bytes(os.urandom(8) if path.exists() else b"x")
        (submission,) = read(request, str(tmp_path))
        versions.append(submission.version)
    assert versions[0] == ""
    assert len(set(versions)) == 4
    assert submission.job.steps[0]["image"] == str(logo)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"input": None}, ("missing-value", "input")),
        ({"inputs": ["x"]}, ("unknown-key", "")),
        ({"outputs": []}, ("too-few", "outputs")),
        ({"outputs": [{"path": "/srv/out/x.jpg"}]}, ("keys-disagree", "")),
        ({"recipe": "email"}, ("keys-disagree", "")),
        ({"vars": {}}, ("keys-disagree", "")),
        ({"ttl": 0}, ("out-of-range", "ttl")),
        ({"priority": "urgent"}, ("bad-value", "priority")),
        ({"webhook": "ftp://example.com"}, ("bad-uri", "webhook")),
        ({"webhook": "http://example.com"}, ("not-allowed", "webhook")),
        ({"operations": {"op": "flip"}}, ("wrong-type", "operations")),
        ({"operations": ["flip"]}, ("wrong-type", "operations[0]")),
        ({"operations": [{"op": "flop-flip"}]}, ("unknown-operation", "operations[0].op")),
        ({"operations": [{"op": "crop"}]}, ("missing-key", "operations[0]")),
        ({"operations": [{"op": "flip"}] * 65}, ("too-many", "operations")),
        (
            {"operations": [{"op": "overlay", "image": "/etc/x.png"}]},
            ("not-allowed", "operations[0].image"),
        ),
        (
            {"operations": [{"op": "text", "text": "a", "font_file": "x.ttf"}]},
            ("relative-path", "operations[0].font_file"),
        ),
        ({"output": "out/x.jpg"}, ("relative-path", "output")),
        ({"output": "~/x.jpg"}, ("path-escapes", "output")),
        ({"output": "/srv/out/"}, ("no-file-name", "output")),
        ({"output": "/srv/out/{stam}.jpg"}, ("unknown-field", "output")),
        ({"output": "/srv/out/{stem.jpg"}, ("bad-template", "output")),
        ({"output": "/srv/out/x.psd"}, ("unknown-format", "output")),
        ({"output": "s3://bucket/a.jpg"}, ("output-onto-input", "output")),
        ({"output": "x" * 5000}, ("bad-value", "output")),
        (
            {"output": "s3://bucket/b", "defaults": {"formats": ["webp", "gif"]}},
            ("path-collision", "output"),
        ),
        ({"defaults": {"qualty": 3}}, ("unknown-key", "defaults")),
    ],
)
def test_faults_have_a_code_and_a_path(change: dict[str, Any], expected: tuple[str, str]) -> None:
    request = {"input": INPUT, "output": "s3://bucket/b.jpg", **change}
    assert told(request) == [expected]
    assert told([request]) == [(expected[0], f"[0].{expected[1]}".rstrip("."))]
    (problem,) = problems(request)
    assert problem.file == "body"
    assert problem.line >= 1


def test_faults_of_an_unknown_var_and_a_bad_folder() -> None:
    request = {"input": INPUT, "recipe": "email", "out": "/etc", "vars": {"nope": 1}}
    assert told(request) == [("not-allowed", "out")]
    found = problems({**request, "out": "s3://bucket/x"})
    assert [(one.code, one.path, one.line) for one in found] == [("unknown-var", "vars.nope", 6)]


def test_a_recipe_that_needs_a_folder() -> None:
    found = problems({"input": INPUT, "recipe": "email"})
    assert {(one.code, one.path) for one in found} == {("relative-path", "recipe")}
    assert found[0].hint == "name the folder to write into under 'out'"


@pytest.mark.parametrize("name", ["/etc/passwd", "../email", "./email.yaml", "e\0mail", "nope", ""])
def test_recipes_are_named_and_no_files(name: str) -> None:
    request = {"input": INPUT, "recipe": name, "out": "s3://bucket/x"}
    assert told(request) == [("recipe-not-found", "recipe")]


@pytest.mark.parametrize("name", ["/etc/passwd", "../email", "./email.yaml"])
def test_recipes_that_are_written_out_extend_no_files(name: str) -> None:
    recipe = {"version": 1, "extends": [name], "outputs": [{"path": "s3://bucket/x.jpg"}]}
    found = told({"input": INPUT, "recipe": recipe})
    assert found == [("recipe-not-found", "recipe.extends")]


def test_recipes_that_are_written_out_have_no_inputs() -> None:
    recipe = {
        "version": 1,
        "inputs": {"from": "/etc"},
        "outputs": [{"path": "s3://bucket/x.jpg"}],
    }
    assert told({"input": INPUT, "recipe": recipe}) == [("unused-inputs", "recipe.inputs")]


@pytest.mark.parametrize(
    "keys",
    [
        {"budgets": {"max_bytes": 9}},
        {"manifest": "s3://bucket/m.json"},
        {"overrides": [{"match": "*"}]},
    ],
)
def test_recipes_that_are_written_out_say_nothing_of_runs(keys: dict[str, Any]) -> None:
    recipe = {"version": 1, "outputs": [{"path": "s3://bucket/x.jpg"}], **keys}
    (key,) = keys
    assert told({"input": INPUT, "recipe": recipe}) == [("unused-key", f"recipe.{key}")]


def test_the_files_of_a_named_recipe_are_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMGFLOW_RECIPES", str(tmp_path))
    (tmp_path / "stamp.yaml").write_text(
        "version: 1\nvars: {logo: brand/logo.png, out: x}\n"
        "steps: [{op: overlay, image: '{logo}'}]\noutputs: [{path: '{out}/{stem}.jpg'}]\n"
    )
    request: dict[str, Any] = {"input": INPUT, "recipe": "stamp", "out": "s3://bucket/x"}
    assert read(request)[0].job.steps[0]["image"] == "brand/logo.png"
    for other in ("/etc/x.png", "other.png"):
        found = told({**request, "vars": {"logo": other}})
        assert [path for _, path in found] == ["recipe"]
    given = {**request, "vars": {"logo": "/srv/in/own.png"}}
    assert read(given)[0].job.steps[0]["image"] == "/srv/in/own.png"


def test_too_many_files_from_one_image() -> None:
    output = {
        "path": "s3://bucket/{width}.{ext}",
        "formats": ["webp", "jpeg", "png", "avif"],
        "widths": list(range(1, 65)),
    }
    assert told({"input": INPUT, "outputs": [output]}) == [("too-many", "outputs")]


def test_too_many_steps_in_all_outputs_together() -> None:
    outputs = [{"path": f"s3://bucket/{n}.jpg", "steps": [{"op": "flip"}] * 60} for n in range(5)]
    assert told({"input": INPUT, "outputs": outputs}) == [("too-many", "outputs")]
    assert len(read({"input": INPUT, "outputs": outputs[:4]})[0].job.outputs) == 4


def test_there_is_an_end_to_telling_faults() -> None:
    steps = [{"op": "flip", **{f"k{n}": 1 for n in range(60)}}] * 60
    assert len(problems({"input": INPUT, "operations": steps, "output": "s3://bucket/b.jpg"})) <= 51
    assert len(problems([{"input": 3}] * 1000)) <= 51


def test_all_faulty_jobs_of_a_list_are_told() -> None:
    good = {"input": INPUT, "output": "s3://bucket/b.jpg"}
    found = told([good, {**good, "ttl": "x"}, 7, {**good, "input": "/etc/passwd"}, good])
    assert found == [("wrong-type", "[1].ttl"), ("wrong-type", "[2]"), ("not-allowed", "[3].input")]


def test_places_in_the_body() -> None:
    body = (
        b'[\n {"input": "s3://bucket/a.jpg",\n\t"output": "s3://bucket/b.jpg"},\n {"input":\n  3}]'
    )
    (problem,) = problems(body)
    assert (problem.line, problem.column, problem.path) == (5, 3, "[1].input")
    (problem,) = problems(body.replace(b"3}", b'"s3://bucket/a.jpg"}'))
    assert (problem.line, problem.column, problem.path) == (4, 2, "[1]")


def test_a_number_that_is_too_large() -> None:
    body = b'{"input": "s3://bucket/a.jpg", "output": "s3://bucket/b.jpg", "ttl": 1e999}'
    assert told(body) == [("bad-scalar", "ttl")]


def test_numbers_are_numbers_however_they_are_written() -> None:
    body = b'{"input": "s3://bucket/a.jpg", "operations": [{"op": "resize", "width": 8e1}], '
    body += b'"output": "s3://bucket/b.jpg", "ttl": 1.0}'
    assert read(body)[0].job.steps == ({"op": "resize", "width": 80},)


def test_a_webhook_may_be_refused_for_any_reason() -> None:
    def refuse(url: str) -> str:
        message = f"{url}: expected a secret"
        raise UsageError(message, code="webhook-unsigned")

    request = {"input": INPUT, "output": "s3://bucket/b.jpg", "webhook": "https://example.com/"}
    body = json.dumps(request).encode()
    with pytest.raises(RecipeInvalid) as raised:
        read_jobs(body, Permissions(Allowed(ALLOWED), refuse), new_id)
    (problem,) = raised.value.problems
    assert (problem.code, problem.path) == ("webhook-unsigned", "webhook")


def test_a_batch() -> None:
    body = json.dumps(
        {"inputs": ["/srv/in/a.jpg", "/srv/in/b.jpg"], "recipe": "email", "out": "/srv/out"}
    ).encode()
    found = read_batch(body, permit(), new_id)
    assert [(one.job.input, one.job.index) for one in found] == [
        ("/srv/in/a.jpg", 0),
        ("/srv/in/b.jpg", 1),
    ]
    assert len({one.id for one in found}) == 2


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"inputs": []}, ("too-few", "inputs")),
        ({"inputs": ["a"]}, ("relative-path", "inputs[0]")),
        ({"inputs": [INPUT, 3]}, ("wrong-type", "inputs[1]")),
        ({"input": INPUT}, ("unknown-key", "")),
    ],
)
def test_faults_of_a_batch(change: dict[str, Any], expected: tuple[str, str]) -> None:
    request = {"inputs": [INPUT], "recipe": "email", "out": "s3://bucket/x", **change}
    assert told(request, read_one=read_batch) == [expected]
