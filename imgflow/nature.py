"""What kind of picture it is, as far as that decides how it is best compressed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pyvips import Image

    from imgflow.picture import Picture

#: A picture is graphics if at least this share of its pixels equal the one before, or the
#: one above: photographs have noise, and stay below a third but where they are burnt out.
_FLAT = 0.6


class Nature(NamedTuple):
    """Few colours and sharp edges (``graphic``), transparency, more frames than one."""

    graphic: bool = False
    alpha: bool = False
    animated: bool = False


def look_at(picture: Picture) -> Nature:
    """Return the nature of a picture; its pixels must allow to be read twice."""
    image = picture.frame(0)
    alpha = bool(image.hasalpha()) and _least(image.extract_band(image.bands - 1)) < _top(image)
    return Nature(graphic=_is_flat(image), alpha=alpha, animated=picture.frames > 1)


def _is_flat(image: Image) -> bool:
    """Tell whether most pixels equal their left or upper neighbour."""
    bands = image.bands - bool(image.hasalpha())
    plain = image.extract_band(0, n=bands)
    width, height = image.width, image.height
    if min(width, height) < 2:  # noqa: PLR2004
        return True
    here = plain.crop(1, 1, width - 1, height - 1)
    left = here.relational(plain.crop(0, 1, width - 1, height - 1), "equal")
    above = here.relational(plain.crop(1, 0, width - 1, height - 1), "equal")
    if bands > 1:
        left, above = left.bandand(), above.bandand()
    share: Any = (left | above).avg() / 255
    return bool(share >= _FLAT)


def _least(image: Image) -> float:
    lowest: Any = image.min()
    return float(lowest)


def _top(image: Image) -> int:
    return 65535 if image.format == "ushort" else 255
