"""The page of a ladder."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from browser import browse
from ladders import a_ladder

from imgflow.pages.ladder_page import render_ladder


def test_figures() -> None:
    text = render_ladder(a_ladder())
    assert text.count("<svg ") == text.count("</svg>") == 2
    assert text.count("<tr") == text.count("</tr>") == 2 + 3 + 6 + 5 + 1
    assert "jpeg 1280x960, 400 kB, encoded at 640x480; effort balanced" in text
    cells = re.findall(r"<tr><th scope='row'>(.*?)</th>(.*?)</tr>", text)
    rows = {name: re.sub(r"</?td[^>]*>", "|", rest).split("||") for name, rest in cells[:3]}
    assert rows["high (80)"] == ["|webp", "87", "52.0", "jpeg +6%, png 13.5 x|"]
    assert text.count("<tr class='chosen'>") == 6
    assert "<td>high</td><td>90, not reached</td>" in text


def test_it_fetches_nothing_and_runs_nothing() -> None:
    text = render_ladder(a_ladder("<script>alert(1)</script>.jpg"))
    assert "<script" not in text
    assert set(re.findall(r"https?://[^\"'\s]+", text)) == {"http://www.w3.org/2000/svg"}
    assert "default-src 'none'" in text


@pytest.mark.slow
def test_in_a_browser(tmp_path: Path) -> None:
    path = tmp_path / "ladder.html"
    path.write_text(render_ladder(a_ladder()))
    with browse() as browser:
        for width, shown in ((1200, "wide"), (360, "narrow")):
            browser.look(width, 800, dark=shown == "narrow")
            browser.open(path.as_uri())
            assert browser.script("return document.documentElement.scrollWidth") <= width
            seen = browser.script(
                "return [...document.querySelectorAll('svg')].filter(s => s.checkVisibility())"
                ".map(s => s.parentElement.className)"
            )
            assert seen == [shown]
            assert browser.complaints() == []
