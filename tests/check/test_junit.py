"""JUnit XML, judged by the schema that Jenkins has for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import xmlschema
from findings import NASTY, checked, finding
from hypothesis import given

from imgflow.check import Checked
from imgflow.check.junit import junit_report
from imgflow.check.legible import legible

SCHEMA = xmlschema.XMLSchema(str(Path(__file__).with_name("junit-4.xsd")))


def report(found: Checked) -> Any:
    """Return the valid document for a check."""
    document = xmlschema.XMLResource(junit_report(found).decode())
    SCHEMA.validate(document)
    return document.root


def cases(found: Checked) -> dict[str, list[tuple[str, str]]]:
    """Return what each test case says: elements and their texts, by its name."""
    return {
        case.get("name"): [(element.tag, element.text) for element in case]
        for case in report(found).iter("testcase")
    }


def test_all_is_well() -> None:
    assert cases(checked()) == {
        "photos/cup.jpg": [],
        "photos/cat.jpg": [],
        "budgets": [],
        "manifest": [],
        "orphans": [],
    }


def test_findings() -> None:
    found = checked(
        finding("failed", source="photos/bad.jpg"),
        finding("budget", message="a", hint="b"),
        finding("stale", message="c"),
        finding("budget", source="", message="d"),
        finding("manifest", message="e"),
        finding("orphan", message="f"),
    )
    assert cases(found) == {
        "photos/bad.jpg": [("error", "photos/cup.jpg: expected better, found failed")],
        "photos/cup.jpg": [("failure", "a; b\nc")],
        "photos/cat.jpg": [],
        "budgets": [("failure", "d")],
        "manifest": [("failure", "e")],
        "orphans": [("system-out", "f")],
    }
    suites = report(found)
    for element in (suites, suites[0]):
        counts = [element.get(name) for name in ("tests", "failures", "errors")]
        assert counts == ["6", "3", "1"]


def test_a_failure_says_which_and_why() -> None:
    (failure,) = report(checked(finding("budget"))).iter("failure")
    assert failure.attrib == {
        "type": "max_bytes",
        "message": "over budget: photos/cup.jpg: expected better, found budget",
    }


@given(NASTY)
def test_any_text(text: str) -> None:
    source = f"x{text}"
    assert cases(checked(finding("stale", source=source, message=text)))[legible(source)] == [
        ("failure", legible(text) or None)
    ]


def test_the_same_findings_give_the_same_bytes() -> None:
    assert junit_report(checked(finding())) == junit_report(checked(finding()))


def test_the_schema_can_say_no() -> None:
    with pytest.raises(xmlschema.XMLSchemaValidationError):
        SCHEMA.validate("<testsuites><testcase/></testsuites>")
