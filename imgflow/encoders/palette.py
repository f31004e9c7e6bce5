"""Fewer colours: the palette of a picture, as libvips' quantiser chooses it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imgflow.libvips import libvips

if TYPE_CHECKING:
    from pyvips import Image

#: CPU that the quantiser spends, of 10, where nothing is said.
USUAL_EFFORT = 7
#: The metric overlooks bands in soft shades and small spots of a wrong colour: at 80 one sees
#: them side by side, at 88 not.
_FLATTERY = 8.0


def target(goal: float) -> float:
    """Return the score that a palette must have to look as good as a goal says."""
    return goal + min(_FLATTERY, (100 - goal) / 2)


def quantised(image: Image, quality: int, keep: int) -> Image:
    """Return the image with at most 256 colours, not dithered, in memory.

    ``quality``, 1 to 100, is how close they come: fewer colours where they do. A single frame.
    """
    options: dict[str, Any] = {"filter": "none", "keep": keep, "compression": 0}
    data = image.pngsave_buffer(palette=True, Q=quality, dither=0, effort=USUAL_EFFORT, **options)
    fewer: Image = libvips().Image.new_from_buffer(data, "")
    return fewer.copy_memory()
