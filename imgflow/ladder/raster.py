"""A graph as PNG: libvips draws the SVG, with the font that comes along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.errors import UsageError
from imgflow.ladder.drawing import draw_ladder
from imgflow.libvips import has_operation, libvips, open_loader
from imgflow.operations.fonts import default_font
from imgflow.operations.text import draw

if TYPE_CHECKING:
    from imgflow.ladder.rungs import Ladder

#: Pixels of the picture for each of the drawing: sharp on fine screens, and in print.
_SCALE = 2


def paint_ladder(ladder: Ladder) -> bytes:
    """Return the graph as PNG, on white; raises UsageError where libvips cannot read SVG."""
    if not has_operation("svgload_buffer"):
        message = "--plot: the libvips on this machine draws no SVG; write .svg or .html instead"
        raise UsageError(message, code="no-svg")
    open_loader("svg")
    font = default_font(ladder.name)
    # Drawing a letter makes the font known: a machine without any would show boxes.
    draw("x", font, 12, 100, "low")
    family = f"'{font.description.partition(',')[0]}',sans-serif"
    text = draw_ladder(ladder, font=family, adaptive=False)
    image = libvips().Image.svgload_buffer(text.encode(), scale=_SCALE)
    data: bytes = image.flatten(background=255).pngsave_buffer(keep=0)
    return data
