"""Find the part of a picture that draws the eye, and how much it stands out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from imgflow.geometry import Box, Size, centre_on

if TYPE_CHECKING:
    from pyvips import Image

#: Long side of the picture that is looked at, in pixels.
_SIDE = 256
#: Mean strength of edges, of 255, below which there is nothing to look for.
_FLAT = 0.5


class Find(NamedTuple):
    """The middle of what was found, as shares of width and height; ``confidence`` is 0 to 1."""

    x: float
    y: float
    confidence: float


def find_salient(
    image: Image, size: Size, of: Size, strategy: Literal["attention", "entropy"]
) -> Find | None:
    """Return where a box of ``size`` holds the most interesting part of an RGB image.

    The size is that in a picture of size ``of``, of which the image is a copy. ``attention``
    looks for edges, skin and saturated colours, ``entropy`` for variety. The confidence is 0
    if the box holds no more of the picture's detail than its area is due, and 1 if it holds
    all of it. None means that the picture is flat: no part is better than another.
    """
    scale = min(1.0, _SIDE / max(image.width, image.height))
    small = image.resize(scale).copy_memory() if scale < 1 else image
    whole = Size(small.width, small.height)
    detail = small.sobel().copy_memory()
    if detail.avg() < _FLAT:
        return None
    inner = size.scaled(small.width / of.width, small.height / of.height).within(whole)
    box = (_attention if strategy == "attention" else _entropy)(small, whole, inner)
    area = inner.width * inner.height / (whole.width * whole.height)
    held = detail.crop(*box).avg() / detail.avg() * area
    confidence = max(0.0, (held - area) / (1 - area)) if area < 1 else 1.0
    x = (box.x + inner.width / 2) / whole.width
    y = (box.y + inner.height / 2) / whole.height
    return Find(x, y, min(confidence, 1.0))


def _attention(image: Image, whole: Size, size: Size) -> Box:
    found: Any = image.smartcrop(*size, interesting="attention", attention_x=True, attention_y=True)
    point = found[1]
    return centre_on(size, whole, point["attention_x"], point["attention_y"])


def _entropy(image: Image, whole: Size, size: Size) -> Box:  # noqa: ARG001
    part = image.smartcrop(*size, interesting="entropy")
    return Box(-part.xoffset, -part.yoffset, *size)
