"""A check as JUnit XML: a test case for each source, and for all else that is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from imgflow.check.finding import TITLES
from imgflow.check.legible import legible

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imgflow.check.checked import Checked
    from imgflow.check.finding import Finding, Kind

#: The test cases after those of the sources, and the kinds of findings they are about.
_OTHERS: dict[str, Kind] = {"budgets": "budget", "manifest": "manifest", "orphans": "orphan"}


def junit_report(checked: Checked) -> bytes:
    """Return XML that Jenkins, GitLab and others read, the same for the same findings.

    An image that cannot be processed is an error, what is stale or over budget a failure. What
    only deserves a warning stands in the output of a test case that passes.
    """
    suite = Element("testsuite", name=f"imgflow check {legible(checked.recipe)}")
    found: dict[str, list[Finding]] = {}
    for finding in checked.findings:
        found.setdefault(finding.source, []).append(finding)
    for source in checked.sources:
        _add_case(suite, checked, source, found.get(source, ()))
    for name, kind in _OTHERS.items():
        about = [finding for finding in found.get("", ()) if finding.kind == kind]
        _add_case(suite, checked, name, about)
    counts = {
        "tests": len(suite),
        "failures": len(suite.findall("testcase/failure")),
        "errors": len(suite.findall("testcase/error")),
    }
    root = Element("testsuites", name="imgflow")
    root.append(suite)
    for name, count in counts.items():
        root.set(name, str(count))
        suite.set(name, str(count))
    suite.set("skipped", "0")
    indent(root)
    data: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return data + b"\n"


def _add_case(suite: Element, checked: Checked, name: str, findings: Iterable[Finding]) -> None:
    """Add a test case with at most one error or failure: some readers see the first alone."""
    case = SubElement(suite, "testcase", name=legible(name), classname=legible(checked.name))
    errors = [finding for finding in findings if finding.is_error]
    lines = [legible(finding.text) for finding in findings]
    if errors:
        first = errors[0]
        tag = "error" if first.kind == "failed" else "failure"
        about = f"{TITLES[first.kind]}: {legible(first.message)}"
        SubElement(case, tag, type=first.code, message=about).text = "\n".join(lines)
    elif lines:
        SubElement(case, "system-out").text = "\n".join(lines)
