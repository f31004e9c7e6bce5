"""What recipes say about objects: merged key by key, refused with its place, explained."""

from __future__ import annotations

import pytest

from imgflow.recipe import Problem, RecipeInvalid, explain, parse_recipe
from imgflow.storage import IMMUTABLE, PLAIN, Properties

OUTPUT = 'path: "s3://bkt/o/{stem}.webp"'


def properties(output: str, defaults: str = "") -> Properties:
    head = f"defaults: {{{defaults}}}\n" if defaults else ""
    recipe = parse_recipe(f"version: 1\n{head}outputs: [{{{OUTPUT}, {output}}}]\n")
    return recipe.outputs[0].properties


def problem(line: str) -> Problem:
    with pytest.raises(RecipeInvalid) as caught:
        parse_recipe(f"version: 1\noutputs:\n  - {OUTPUT}\n    {line}\n")
    (found,) = caught.value.problems
    return found


def test_nothing_is_said_unless_somebody_says_it() -> None:
    recipe = parse_recipe(f"version: 1\noutputs: [{{{OUTPUT}}}]\n")
    assert recipe.outputs[0].properties is PLAIN


def test_the_output_stands_before_the_defaults_key_by_key() -> None:
    said = properties(
        "cache_control: no-store, object: {acl: private, tags: {b: '2'}}",
        "cache_control: no-cache, object: {storage_class: STANDARD_IA, tags: {a: '1'}}",
    )
    assert said == Properties(
        cache_control="no-store", acl="private", storage_class="STANDARD_IA", tags={"b": "2"}
    )


@pytest.mark.parametrize(
    ("line", "code", "column"),
    [
        ("cache_control: [a]", "wrong-type", 20),
        ('cache_control: "é"', "bad-value", 20),
        ("object: {acl: privat}", "bad-value", 19),
        ("object: {colour: red}", "unknown-key", 14),
        ("object: {metadata: {Who: me}}", "bad-name", 25),
        ("object: {metadata: {who: 1}}", "wrong-type", 30),
        ("object: {kms_key: alias/x}", "keys-disagree", 14),
        ("object: {kms_key: alias/x, encryption: AES256}", "keys-disagree", 14),
        ("object: {tags: {'a&b': c}}", "bad-properties", 20),
        (f"object: {{metadata: {{who: {'x' * 2050}}}}}", "bad-properties", 24),
    ],
)
def test_faults_have_a_place(line: str, code: str, column: int) -> None:
    found = problem(line)
    assert (found.code, found.line, found.column) == (code, 4, column)


def test_explain_tells_where_it_was_said() -> None:
    recipe = parse_recipe(
        "version: 1\ndefaults: {object: {acl: private}}\n"
        'outputs:\n  - path: "s3://bkt/{hash}.webp"\n    object: {tags: {a: b}}\n',
        file="r.yaml",
    )
    told = {origin.path: (origin.value, origin.origin) for origin in explain(recipe)}
    assert told["outputs[0].object.acl"] == ("private", "r.yaml:2")
    assert told["outputs[0].object.tags"] == ({"a": "b"}, "r.yaml:5")
    assert told["outputs[0].cache_control"] == (IMMUTABLE, "built-in")


@pytest.mark.parametrize(
    "path", ["s3://{stem}/a.webp", "https://h.example/{stem}.webp", "s3://bkt-{stem}/a.webp"]
)
def test_outputs_need_a_bucket_that_is_named(path: str) -> None:
    with pytest.raises(RecipeInvalid) as caught:
        parse_recipe(f'version: 1\noutputs: [{{path: "{path}"}}]\n')
    (found,) = caught.value.problems
    assert (found.code, found.line) == ("bad-path", 2)


@pytest.mark.parametrize("out", ["s3://", "https://h.example/x", "ftp://h/x"])
def test_out_is_somewhere_to_write_to(out: str) -> None:
    with pytest.raises(RecipeInvalid) as caught:
        parse_recipe("version: 1\noutputs: [{path: '{stem}.webp'}]\n", out=out)
    assert {found.code for found in caught.value.problems} <= {"bad-out", "bad-path"}
    assert caught.value.problems[0].code == "bad-out"


def test_out_goes_before_the_path() -> None:
    recipe = parse_recipe("version: 1\noutputs: [{path: '{stem}.webp'}]\n", out="s3://bkt/x/")
    (output,) = recipe.outputs
    assert (output.path, output.root) == ("s3://bkt/x/{stem}.webp", "s3://bkt/x")
