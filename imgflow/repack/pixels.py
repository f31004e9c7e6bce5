"""Whether two files show the same pixels: nothing is repacked that does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imgflow.errors import SourceError
from imgflow.frames import settle
from imgflow.image import broken, frame_count, load
from imgflow.libvips import header_field, libvips
from imgflow.source import Source

if TYPE_CHECKING:
    from pyvips import Image

#: Header fields that tell how frames follow each other.
_TIMING = ("n-pages", "page-height", "delay", "loop")
_SHORT, _SPREAD = 65535, 257
_GRAY, _GRAY_ALPHA, _RGB = 1, 2, 3


def decode(source: Source, kind: str) -> Image:
    """Return all pixels of a file, its frames one below the other.

    Raises SourceError for one that is damaged.
    """
    image = load(source, kind)
    if frame_count(image, kind) > 1:
        image = load(source, kind, n=-1)
    try:
        return settle(image)
    except libvips().Error as error:
        raise broken(source, kind, error) from error


def shows(data: bytes, kind: str, pixels: Image) -> bool:
    """Tell whether a file shows exactly these pixels, frames for the same times."""
    try:
        return same(decode(Source("", data=data), kind), pixels, hidden=kind != "gif")
    except SourceError:
        return False


def same(one: Image, two: Image, *, hidden: bool = True) -> bool:
    """Tell whether two images are the same, however many channels and bits say so.

    Colours under full transparency count where they are ``hidden``; in some formats there
    are none.
    """
    if (one.width, one.height) != (two.width, two.height):
        return False
    if any(header_field(one, name, 0) != header_field(two, name, 0) for name in _TIMING):
        return False
    if not (hidden and _kind(one) == _kind(two)):
        if "cmyk" in {one.interpretation, two.interpretation}:
            return False
        one, two = _plain(one, hidden=hidden), _plain(two, hidden=hidden)
    unequal: Any = one != two
    return not unequal.max()


def _kind(image: Image) -> tuple[str, str, int]:
    return str(image.format), str(image.interpretation), image.bands


def _plain(image: Any, *, hidden: bool) -> Any:  # noqa: ANN401 - libvips' operators
    """Return red, green, blue and alpha of 16 bits."""
    if image.format == "uchar":
        image = image.cast("ushort") * _SPREAD
    if image.bands in {_GRAY, _RGB}:
        image = image.bandjoin(_SHORT)
    if image.bands == _GRAY_ALPHA:
        image = image[0].bandjoin([image[0], image[0], image[1]])
    return image if hidden else (image[3] == 0).ifthenelse(0, image)
