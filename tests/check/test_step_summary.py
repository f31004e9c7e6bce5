"""The summary of a step, rendered by another implementation of Markdown."""

from __future__ import annotations

import html
import re

import pytest
from findings import NASTY, checked, finding
from hypothesis import given
from markdown_it import MarkdownIt

from imgflow.check.legible import legible
from imgflow.check.step_summary import MOST_BYTES, step_summary


def render(text: str) -> str:
    """Return the HTML of Markdown, with tables, and HTML let through as it is."""
    page: str = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    return page


def rows(text: str) -> list[list[str]]:
    """Return the cells of the one table, as text."""
    found = re.findall(r"<tr>(.*?)</tr>", render(text), re.DOTALL)
    cells = (re.findall(r"<t[hd]>(.*?)</t[hd]>", row, re.DOTALL) for row in found)
    return [[html.unescape(cell) for cell in row] for row in cells][1:]


def test_a_summary() -> None:
    text = step_summary(checked(finding("failed"), finding("orphan")))
    page = render(text)
    assert "<h2>imgflow check recipe.yaml</h2>" in page
    assert "<p>2 sources: 1 fresh, 1 failed; 1 orphan</p>" in page
    assert "remove orphans:   imgflow clean recipe.yaml" in page
    assert rows(text) == [
        ["failed", "photos/cup.jpg: expected better, found failed"],
        ["orphan", "photos/cup.jpg: expected better, found orphan"],
    ]


def test_without_findings_there_is_no_table() -> None:
    assert "|" not in step_summary(checked())


@given(NASTY)
def test_text_is_shown_as_it_is(text: str) -> None:
    message = f"x{text}x"
    found = step_summary(checked(finding("stale", message=message)))
    assert rows(found) == [["stale", legible(message)]]


def test_a_summary_fits() -> None:
    many = [finding("stale", message=f"{number}: {'é' * 500}") for number in range(2000)]
    text = step_summary(checked(*many))
    assert MOST_BYTES - 1200 < len(text.encode()) <= MOST_BYTES
    assert text.endswith("bring up to date: imgflow run recipe.yaml\n\n")
    *shown, (kind, more) = rows(text)
    assert kind == ""
    assert more == f"and {2000 - len(shown):,} more"


@pytest.mark.parametrize("findings", [1, 3, 40])
def test_it_fits_whatever_room_there_is(findings: int) -> None:
    found = checked(*[finding("stale", source=f"{number}.jpg") for number in range(findings)])
    whole = len(step_summary(found).encode())
    for room in range(-1, whole + 2):
        text = step_summary(found, room)
        assert len(text.encode()) <= max(room, 0)
        whole_table = "| stale |" in text and " more |" not in text
        assert whole_table == (room >= whole)
    assert len(step_summary(found, whole).encode()) == whole
