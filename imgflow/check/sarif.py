"""Findings as SARIF 2.1.0, for GitHub code scanning and other viewers.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import msgspec

from imgflow.check.finding import ADVICE, MEANINGS, TITLES
from imgflow.check.legible import legible
from imgflow.version import __version__

if TYPE_CHECKING:
    from imgflow.check.checked import Checked
    from imgflow.check.checkout import Checkout
    from imgflow.check.finding import Finding

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
#: What the URIs of files are relative to.
_ROOT = "%SRCROOT%"


def sarif_report(checked: Checked, checkout: Checkout) -> bytes:
    """Return a log of one run, the same for the same findings."""
    rules = list({finding.code: finding for finding in reversed(checked.findings)}.values())[::-1]
    numbers = {finding.code: number for number, finding in enumerate(rules)}
    run = {
        "tool": {
            "driver": {
                "name": "imgflow",
                "version": __version__,
                "semanticVersion": __version__,
                "rules": list(map(_rule, rules)),
            }
        },
        "automationDetails": {"id": f"imgflow/{legible(checked.recipe)}/"},
        "columnKind": "utf16CodeUnits",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
        "results": [
            _result(finding, numbers[finding.code], checked.recipe, checkout)
            for finding in checked.findings
        ],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return msgspec.json.format(msgspec.json.encode(log), indent=2) + b"\n"


def _rule(finding: Finding) -> dict[str, Any]:
    title = TITLES[finding.kind]
    return {
        "id": finding.code,
        "name": "".join(word.capitalize() for word in finding.code.replace("_", "-").split("-")),
        "shortDescription": {"text": f"imgflow: {title}"},
        "fullDescription": {"text": MEANINGS[finding.kind]},
        "help": {"text": ADVICE[finding.kind]},
        "defaultConfiguration": {"level": _level(finding)},
    }


def _result(finding: Finding, number: int, recipe: str, checkout: Checkout) -> dict[str, Any]:
    return {
        "ruleId": finding.code,
        "ruleIndex": number,
        "level": _level(finding),
        "message": {"text": legible(finding.text)},
        "locations": [_location(finding.place or recipe, checkout)],
        # What tells services that it is the finding of the day before.
        "partialFingerprints": {"primaryLocationLineHash": f"{_fingerprint(finding)}:1"},
    }


def _location(path: str, checkout: Checkout) -> dict[str, Any]:
    artifact = {"uri": checkout.uri(path)}
    if checkout.name(path):
        artifact["uriBaseId"] = _ROOT
    # Services want a line, which a picture does not have.
    return {"physicalLocation": {"artifactLocation": artifact, "region": {"startLine": 1}}}


def _level(finding: Finding) -> str:
    return "error" if finding.is_error else "warning"


def _fingerprint(finding: Finding) -> str:
    about = f"{finding.code}\0{finding.source}\0{finding.path}"
    return hashlib.sha256(about.encode(errors="backslashreplace")).hexdigest()[:16]
