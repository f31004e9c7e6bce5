"""Paint with a colour on any pixels: gray or RGB, 8 or 16 bits, with alpha or without."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.colours import Rgba, parse_colour
from imgflow.libvips import libvips
from imgflow.profiles import to_srgb

if TYPE_CHECKING:
    from pyvips import Image

    from imgflow.frames import Picture
    from imgflow.geometry import Size

_GRAY = ("b-w", "grey16")


def is_gray(image: Image) -> bool:
    """Tell whether an image has one channel of brightness and none of colour."""
    return image.interpretation in _GRAY


def full_scale(image: Image) -> int:
    """Return the value of white, and of opaque: 255, or 65535 in 16 bits."""
    return 65535 if image.format == "ushort" else 255


def colour_bands(image: Image) -> int:
    """Return the number of channels without alpha."""
    return int(image.bands) - int(image.hasalpha())


def backdrop(picture: Picture, colour: str | None) -> Rgba:
    """Return a background colour; by default transparent if the picture has alpha, else white."""
    return parse_colour(colour or ("transparent" if picture.has_alpha else "white"))


def with_alpha(image: Image) -> Image:
    """Return an image that has an opacity channel; CMYK becomes sRGB, no other colour moves."""
    if image.hasalpha():
        return image
    return (to_srgb(image) if image.interpretation == "cmyk" else image).addalpha()


def in_colour(image: Image) -> Image:
    """Return a gray image as RGB of the same depth, and any other as it is."""
    if not is_gray(image):
        return image
    return image.colourspace("rgb16" if image.format == "ushort" else "srgb")


def paintable(image: Image, colour: Rgba) -> Image:
    """Return the image in sRGB, or gray if that will do, with all channels that a colour needs."""
    image = to_srgb(image)
    if not colour.neutral:
        image = in_colour(image)
    return image if colour.opaque else with_alpha(image)


def ink(image: Image, colour: Rgba) -> list[float]:
    """Return a colour as the channel values of a :func:`paintable` image."""
    scale = full_scale(image) / 255
    channels = [*colour.rgb[: 1 if is_gray(image) else 3]]
    if image.hasalpha():
        channels.append(float(colour.alpha))
    return [channel * scale for channel in channels]


def extend(image: Image, x: int, y: int, size: Size, colour: Rgba) -> Image:
    """Place an image at (x, y) on a canvas of a colour."""
    image = paintable(image, colour)
    return image.embed(x, y, *size, extend="background", background=ink(image, colour))


def clamp(image: Image, low: float, high: float) -> Image:
    """Bound every value of an image (the type stubs of pyvips misspell its own method)."""
    clamped: Image = libvips().Operation.call("clamp", image, min=low, max=high)
    return clamped
