"""Fit a picture to what a file format can hold: its size, frames, colours and transparency."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imgflow.colours import parse_colour
from imgflow.encoders import ENCODERS, unsupported
from imgflow.errors import EncodeError
from imgflow.frames import settle
from imgflow.libvips import libvips
from imgflow.notes import Note
from imgflow.profiles import agrees, has_profile, is_gray, recoloured

if TYPE_CHECKING:
    from pyvips import Image

    from imgflow.encoders import Encoder
    from imgflow.frames import Picture
    from imgflow.profiles import ProfilePolicy

_OPAQUE = {"uchar": 255, "ushort": 65535}
_DEEPER = 257


def check(picture: Picture, encoder: Encoder) -> None:
    """Refuse a format that cannot be written here, or is too small for the picture.

    Raises EncodeError.
    """
    if not encoder.available():
        raise unsupported(encoder.name())
    longest, side = encoder.capabilities.longest, max(picture.size)
    if side > longest:
        roomy = [name for name, known in ENCODERS.items() if known.capabilities.longest >= side]
        others = " or ".join(name for name in roomy if ENCODERS[name].available())
        message = (
            f"{encoder.name()}: expected at most {longest} pixels a side, "
            f"found {picture.width}x{picture.height}; resize it, or write it as {others}"
        )
        raise EncodeError(message, code="too-long-a-side")


def fit(
    picture: Picture, encoder: Encoder, profile: ProfilePolicy
) -> tuple[Image, tuple[Note, ...]]:
    """Return the image to encode, and a warning for each thing that the format cannot hold."""
    image, lost_frames = _frames(picture, encoder)
    image, lost_profile = _colours(image, encoder, profile)
    image, lost_alpha = _flattened(image, encoder)
    return image, (*lost_frames, *lost_profile, *lost_alpha)


def _frames(picture: Picture, encoder: Encoder) -> tuple[Image, tuple[Note, ...]]:
    """Tell the saver how a strip of frames is divided, or take the first one."""
    if picture.frames == 1:
        return picture.image, ()
    value = libvips().GValue
    if encoder.capabilities.animation:
        image = picture.image.copy()
        image.set_type(value.gint_type, "page-height", image.height // picture.frames)
        image.set_type(value.array_int_type, "delay", list(picture.delays))
        image.set_type(value.gint_type, "loop", picture.loop)
        return image, ()
    image = picture.frame(0).copy()
    image.set_type(value.gint_type, "page-height", image.height)
    message = f"{encoder.name()} holds no animation: the first of {picture.frames} frames is kept"
    details = {"frames": picture.frames}
    return image, (Note("warning", "first-frame-only", message, details),)


def _colours(
    image: Image, encoder: Encoder, profile: ProfilePolicy
) -> tuple[Image, tuple[Note, ...]]:
    """Apply the colour policy as far as the format can follow it, else convert to sRGB."""
    can = encoder.capabilities
    holds_profile = "icc" in can.metadata and (can.gray or not is_gray(image))
    holds_space = can.cmyk or image.interpretation != "cmyk"
    if profile == "srgb" or (holds_profile and (holds_space or profile == "p3")):
        return recoloured(image, profile), ()
    if agrees(image, "srgb"):
        return recoloured(image, "srgb"), ()
    what = "a colour profile" if holds_space else "CMYK"
    message = f"{encoder.name()} cannot hold {what} of this kind: converted to sRGB"
    return recoloured(image, "srgb"), (Note("warning", "profile-converted", message),)


def _flattened(image: Image, encoder: Encoder) -> tuple[Image, tuple[Note, ...]]:
    """Lay transparency on the encoder's background if the format has none.

    A picture without a single transparent pixel just loses the channel. To know, all
    pixels are computed first, once.
    """
    if encoder.capabilities.alpha or not image.hasalpha():
        return image, ()
    image = settle(image)
    opaque = _OPAQUE.get(str(image.format), 1)
    lowest: Any = image.extract_band(image.bands - 1).min()
    if lowest >= opaque:
        return image.extract_band(0, n=image.bands - 1), ()
    colour = parse_colour(encoder.backdrop)
    background = colour.rgb
    if is_gray(image):
        if len(set(background)) == 1:
            background = background[:1]
        else:
            image = image.colourspace("rgb16" if image.format == "ushort" else "srgb")
    if image.format == "ushort":
        background = [channel * _DEEPER for channel in background]
    message = f"{encoder.name()} has no transparency: laid on {encoder.backdrop}"
    details = {"background": encoder.backdrop}
    note = Note("warning", "alpha-flattened", message, details)
    return image.flatten(background=background, max_alpha=opaque), (note,)


def carries_profile(image: Image, encoder: Encoder) -> bool:
    """Tell whether a profile is to be written."""
    return has_profile(image) and "icc" in encoder.capabilities.metadata
