"""The schema in the hands of others: ajv, and yaml-language-server as editors run it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import language_server
import pytest
import random_recipes
from hypothesis import HealthCheck, Phase, given, settings
from jsonschema import Draft7Validator

from imgflow.operations import OPERATIONS
from imgflow.recipe import data_folder, schemas
from imgflow.recipe.document import read_document

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

HEAD = "# yaml-language-server: $schema=recipe.schema.json\nversion: 1\n"
AJV = """
const Ajv = require("ajv");
const {schema, samples} = JSON.parse(require("fs").readFileSync(0, "utf8"));
const options = {strict: true, allowUnionTypes: true, strictRequired: false, strictTypes: false};
const validate = new Ajv(options).compile(schema);
process.stdout.write(JSON.stringify(samples.map((sample) => validate(sample))));
"""


@pytest.fixture(scope="module")
def modules(request: pytest.FixtureRequest) -> Path:
    return language_server.install_packages(request.config.cache.mkdir("node"))


@pytest.fixture(scope="module")
def server(modules: Path) -> Iterator[language_server.LanguageServer]:
    with language_server.LanguageServer(modules) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("recipe", "sidecar"):
        schema = json.dumps(schemas()[name])
        (tmp_path / f"{name}.schema.json").write_text(schema, encoding="utf-8")
    return tmp_path


def judged_by_ajv(modules: Path, schema: dict[str, Any], samples: list[Any]) -> list[bool]:
    done = subprocess.run(
        ["node", "-e", AJV],
        input=json.dumps({"schema": schema, "samples": samples}),
        env={**os.environ, "NODE_PATH": str(modules)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    verdicts: list[bool] = json.loads(done.stdout)
    return verdicts


def drawn(strategy: Any, count: int) -> list[Any]:
    found: list[Any] = []

    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(value: Any) -> None:
        found.append(value)

    collect()
    return found


def test_ajv_and_jsonschema_judge_alike(modules: Path) -> None:
    samples = [*drawn(random_recipes.recipes(), 150), *drawn(random_recipes.slips(), 250)]
    shipped = sorted(Path(data_folder("recipes")).glob("*.yaml"))
    samples += [read_document(path.read_text(encoding="utf-8"), str(path)).data for path in shipped]
    schema = schemas()["recipe"]
    expected = [Draft7Validator(schema).is_valid(sample) for sample in samples]
    assert judged_by_ajv(modules, schema, samples) == expected
    assert 50 < sum(expected) < len(samples) - 50
    assert expected[-1]


@pytest.mark.parametrize("name", ["sidecar", "job", "result"])
def test_ajv_takes_the_other_schemas(modules: Path, name: str) -> None:
    assert judged_by_ajv(modules, schemas()[name], [3, {"qualty": 3}]) == [False, False]


def test_shipped_recipes_are_clean_in_an_editor(server: language_server.LanguageServer) -> None:
    folder = Path(data_folder("recipes"))
    for path in sorted(folder.glob("*.yaml")):
        assert server.check(folder, path.read_text(encoding="utf-8")) == [], path.name


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("steps:\n  - {op: resize, width: 8, widht: 9}\n", 3, 27, "Property widht is not allowed"),
        ("steps:\n  - {op: resise}\n", 3, 9, "Value is not accepted"),
        ("steps:\n  - {op: resize, width: 0}\n", 3, 24, "below the minimum of 1"),
        ("steps:\n  - {op: resize, width: x}\n", 3, 24, "Incorrect type"),
        ("steps:\n  - {width: 3}\n", 3, 4, 'Missing property "op"'),
        ("steps:\n  - {op: resize, width: 3, percent: 3}\n", 3, 4, "not allowed"),
        ("stpes: []\n", 2, 0, "Property stpes is not allowed"),
        ("outputs: [{path: x, format: jpeg, lossless: true}]\n", 2, 34, "lossless is not allowed"),
        ("outputs: [{path: x, formats: [webp], effort: 9}]\n", 2, 45, "Value is not accepted"),
        ("outputs: [{path: x, alpha_quality: 101}]\n", 2, 35, "above the maximum of 100"),
        ("outputs: [{path: x, formats: [wepb]}]\n", 2, 30, "Value is not accepted"),
        ("outputs: [{path: x, formats: [{format: webp, qualty: 9}]}]\n", 2, 45, "not allowed"),
        ("outputs: [{name: x}]\n", 2, 10, 'Missing property "path"'),
        ("orient: yes\n", 2, 8, "Incorrect type"),
        ("overrides: [{quality: 3}]\n", 2, 12, 'Missing property "match"'),
        ("overrides: [{match: x, qualty: 3}]\n", 2, 23, "qualty is not allowed"),
        ("overrides: [{match: x, focus: [2, 0]}]\n", 2, 31, "above the maximum of 1"),
        ("budgets: {max_byte: 3}\n", 2, 10, "max_byte is not allowed"),
        ("budgets: {min_score: 3}\n", 2, 21, "below the minimum of 30"),
    ],
)
def test_an_editor_marks_the_fault(  # noqa: PLR0913, PLR0917
    server: language_server.LanguageServer,
    folder: Path,
    text: str,
    line: int,
    column: int,
    words: str,
) -> None:
    rest = "" if "outputs" in text else "outputs: [{path: x}]\n"
    found = server.check(folder, HEAD + text + rest)
    starts = [each["range"]["start"] for each in found]
    assert starts == [{"line": line, "character": column}]
    assert words in found[0]["message"]


def test_an_editor_checks_sidecars(server: language_server.LanguageServer, folder: Path) -> None:
    head = HEAD.replace("recipe.schema", "sidecar.schema").replace("version: 1\n", "")
    assert server.check(folder, f"{head}quality: high\nfocus: [0, 1]\nalt: A dune\n") == []
    (found,) = server.check(folder, f"{head}match: x\n")
    assert "match is not allowed" in found["message"]


def labels(server: language_server.LanguageServer, folder: Path, text: str) -> list[str]:
    answer = server.at("textDocument/completion", folder, HEAD + text)
    return [item["label"] for item in (answer["items"] if isinstance(answer, dict) else answer)]


def test_an_editor_completes(server: language_server.LanguageServer, folder: Path) -> None:
    assert {"steps", "outputs", "vars", "inputs"} <= set(labels(server, folder, "|"))
    assert set(labels(server, folder, "steps:\n  - op: |")) == set(OPERATIONS)
    assert {"width", "fit"} <= set(labels(server, folder, "steps:\n  - op: resize\n    |"))
    assert "sigma" not in labels(server, folder, "steps:\n  - op: resize\n    |")
    assert "width" in labels(server, folder, "steps:\n  - {op: resize, w|}")
    assert "cover" in labels(server, folder, "steps:\n  - op: resize\n    fit: |")
    output = "outputs:\n  - path: x\n    "
    assert {"widths", "formats", "quality"} <= set(labels(server, folder, output + "|"))
    assert {"webp", "original"} <= set(labels(server, folder, output + "format: |"))
    assert {"near_lossless", "effort"} <= set(
        labels(server, folder, output + "formats:\n      - format: webp\n        |")
    )
    assert {"match", "focus", "alt", "quality"} <= set(labels(server, folder, "overrides:\n  - |"))
    assert {"max_bytes", "min_score"} <= set(labels(server, folder, "budgets:\n  |"))
    everywhere = labels(server, folder, output + "formats:\n      - |")
    assert not [label for label in everywhere if "object" in label]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ste|ps: []\n", "run once per source"),
        ("steps:\n  - op: resize\n    wi|dth: 3\n", "Width in pixels"),
        ("outputs:\n  - path: x\n    form|at: webp\n", "The format to write"),
        ("outputs:\n  - path: x\n    qua|lity: 3\n", "Quality"),
        ("inp|uts: {from: x}\n", "sources"),
    ],
)
def test_an_editor_explains(
    server: language_server.LanguageServer, folder: Path, text: str, words: str
) -> None:
    answer = server.at("textDocument/hover", folder, HEAD + text)
    assert words in answer["contents"]["value"]
