"""Two pictures as a page: one over the other with a divider, the score, and where they differ."""

from __future__ import annotations

import os
from html import escape
from typing import TYPE_CHECKING

from imgflow.pages.embedding import data_uri, embed
from imgflow.pages.template import fill_page, fill_part
from imgflow.quality.verdict import score_text
from imgflow.wording import size_text

if TYPE_CHECKING:
    from imgflow.quality.comparison import Compared, Comparison, FilePair


def render_comparison(pair: FilePair, comparison: Comparison) -> str:
    """Return the page of two files, and what was found of them."""
    one, two = comparison.original, comparison.picture
    frame = f", frame {comparison.frame + 1}" if one.frames == two.frames > 1 else ""
    level = comparison.level.replace("-", " ")
    told = "identical, no pixel differs" if comparison.identical else comparison.meaning
    share = f", {two.bytes / max(one.bytes, 1):.0%} of the original"
    notes = "".join(f"<p class='quiet'>{escape(note.message)}</p>" for note in comparison.notes)
    before, after = map(embed, pair.sides(comparison.frame))
    return fill_page(
        "compare",
        uses=("stage",),
        title=escape(f"{os.path.basename(one.name)} and {os.path.basename(two.name)}"),
        score=score_text(comparison.score),
        verdict=f"{level}{frame}: {told}",
        original=escape(_described(one)),
        image=escape(_described(two) + share),
        notes=notes,
        width=one.width,
        height=one.height,
        stage=fill_part(
            "stage.html", width=one.width, height=one.height, before=before, after=after
        ),
        difference=data_uri(pair.draw(comparison.frame), "image/png"),
    )


def _described(file: Compared) -> str:
    frames = f", {file.frames} frames" if file.frames > 1 else ""
    return (
        f"{os.path.basename(file.name)}, {file.format} {file.width}x{file.height}{frames}, "
        f"{size_text(file.bytes)}"
    )
