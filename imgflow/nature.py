"""What kind of picture it is, as far as that decides how it is best compressed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from imgflow.libvips import libvips

if TYPE_CHECKING:
    from pyvips import Image

    from imgflow.frames import Picture

#: A picture is graphics if at least this share of its pixels equal the one before, or the
#: one above: photographs have noise, and stay below a half but where they are burnt out.
_FLAT = 0.6
#: A block is busy if less than this share of its pixels equal a neighbour, as where there is a
#: photograph: of drawings and text at most 1 % of the blocks are.
_BUSY, _BLOCK = 0.1, 8
#: Of taller pictures so many rows are looked at, in bands of whole blocks.
_ROWS, _BAND = 512, 32
#: A picture with this share of busy blocks has a photograph in it.
_MIXED = 0.04


class Nature(NamedTuple):
    """What decides how a picture is compressed.

    ``graphic``: mostly plain areas and sharp edges. ``mixed``: graphic, but for photographs in
    it, or a thing on plain ground. ``alpha``: some pixels are not opaque. ``animated``: more
    frames than one. ``longest`` is the longer side in pixels.
    """

    graphic: bool = False
    alpha: bool = False
    animated: bool = False
    mixed: bool = False
    longest: int = 0


def look_at(picture: Picture) -> Nature:
    """Return the nature of a picture; its pixels must allow to be read twice."""
    image = picture.frame(0)
    alpha = bool(image.hasalpha()) and _least(image.extract_band(image.bands - 1)) < _top(image)
    flat, busy = _shares(_sampled(image))
    return Nature(
        graphic=flat >= _FLAT,
        alpha=alpha,
        animated=picture.frames > 1,
        mixed=flat >= _FLAT and busy >= _MIXED,
        longest=max(picture.size),
    )


def _sampled(image: Image) -> Image:
    """Return some bands of rows of a tall image, evenly spread."""
    count = _ROWS // _BAND
    if image.height <= _ROWS:
        return image
    tops = [(image.height - _BAND) * at // (count - 1) for at in range(count)]
    bands = [image.crop(0, top, image.width, _BAND) for top in tops]
    sampled: Image = libvips().Image.arrayjoin(bands, across=1)
    return sampled


def _shares(image: Image) -> tuple[float, float]:
    """Return the share of pixels that equal their left or upper neighbour, and of busy blocks."""
    bands = image.bands - bool(image.hasalpha())
    plain = image.extract_band(0, n=bands)
    width, height = image.width, image.height
    if min(width, height) < 2:  # noqa: PLR2004
        return 1.0, 0.0
    here = plain.crop(1, 1, width - 1, height - 1)
    left = here.relational(plain.crop(0, 1, width - 1, height - 1), "equal")
    above = here.relational(plain.crop(1, 0, width - 1, height - 1), "equal")
    if bands > 1:
        left, above = left.bandand(), above.bandand()
    flat = (left | above).copy_memory()
    if min(flat.width, flat.height) < _BLOCK:
        return _share(flat), 0.0
    blocks = flat.shrink(_BLOCK, _BLOCK)
    return _share(flat), _share(blocks < _BUSY * 255)


def _share(mask: Any) -> float:  # noqa: ANN401 - the operators of images are not typed
    return float(mask.avg()) / 255


def _least(image: Image) -> float:
    lowest: Any = image.min()
    return float(lowest)


def _top(image: Image) -> int:
    return 65535 if image.format == "ushort" else 255
