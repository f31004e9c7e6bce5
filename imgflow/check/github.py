"""Findings as workflow commands, which GitHub Actions turns into annotations.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.check.finding import TITLES
from imgflow.check.legible import legible
from imgflow.wording import count_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgflow.check.checked import Checked
    from imgflow.check.checkout import Checkout
    from imgflow.check.finding import Finding

#: Annotations of each level that are shown for a step; the rest are dropped without a word.
MOST = 10
_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_DATA, ":": "%3A", ",": "%2C"}


def workflow_commands(checked: Checked, checkout: Checkout) -> list[str]:
    """Return one command a line, as many as are shown; the last one counts those left out."""
    errors = [finding for finding in checked.findings if finding.is_error]
    warnings = [finding for finding in checked.findings if not finding.is_error]
    return [
        *_commands("error", errors, checked.recipe, checkout),
        *_commands("warning", warnings, checked.recipe, checkout),
    ]


def _commands(
    level: str, findings: list[Finding], recipe: str, checkout: Checkout
) -> Iterator[str]:
    shown = findings if len(findings) <= MOST else findings[: MOST - 1]
    for finding in shown:
        file = checkout.name(finding.place or recipe)
        yield _command(level, file, TITLES[finding.kind], finding.text)
    if left := len(findings) - len(shown):
        more = f"{count_text(left, 'more finding')}: see the summary of this step, or its log"
        yield _command(level, checkout.name(recipe), "and more", more)


def _command(level: str, file: str, title: str, text: str) -> str:
    properties = {"file": file, "title": f"imgflow: {title}"}
    said = ",".join(
        f"{name}={_escaped(legible(value), _PROPERTY)}"
        for name, value in properties.items()
        if value
    )
    return f"::{level} {said}::{_escaped(text, _DATA)}"


def _escaped(text: str, escapes: dict[str, str]) -> str:
    return "".join(escapes.get(char, char) for char in text)
