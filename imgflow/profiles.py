"""Colour profiles: from whatever a file carries to sRGB or P3, and no work where none is due."""

from __future__ import annotations

import functools
import itertools
from typing import TYPE_CHECKING, Literal

from imgflow.libvips import header_field, libvips

if TYPE_CHECKING:
    from pyvips import Image

PROFILE = "icc-profile-data"
#: What becomes of colours: see :func:`recoloured`.
ProfilePolicy = Literal["srgb", "p3", "keep"]

_GRAY = ("b-w", "grey16")
_COLOUR = ("srgb", "rgb16")
_CMYK = "cmyk"
#: Interpretation -> colour space that a fitting profile names in its header, and channels.
_SPACES = {
    "srgb": (b"RGB ", 3),
    "rgb16": (b"RGB ", 3),
    "b-w": (b"GRAY", 1),
    "grey16": (b"GRAY", 1),
    "cmyk": (b"CMYK", 4),
}
#: Largest difference, of 255, at which a profile counts as another under a different name.
_SAME = 1


def has_profile(image: Image) -> bool:
    """Tell whether an image carries a colour profile."""
    return image.get_typeof(PROFILE) != 0


def embedded_profile(image: Image) -> bytes:
    """Return the profile that an image carries; empty if there is none."""
    profile: bytes = header_field(image, PROFILE, b"")
    return profile


def is_gray(image: Image) -> bool:
    """Tell whether an image has one channel besides alpha."""
    return image.interpretation in _GRAY


def to_srgb(image: Image) -> Image:
    """Convert to sRGB with the perceptual intent, keeping alpha, gray and bit depth.

    An embedded profile is applied and dropped, one that is damaged or belongs to another
    kind of image ignored; CMYK without one uses the fallback profile that libvips bundles.
    A profile that is sRGB in all but name costs nothing.
    """
    kind = str(image.interpretation)
    if has_profile(image) and _effect(embedded_profile(image), kind, "srgb") == "converts":
        image = _transform(image, "srgb")
        return drop_profile(image.colourspace(kind) if kind in _GRAY else image)
    image = drop_profile(image)
    if kind == _CMYK:
        return drop_profile(_transform(image, "srgb"))
    return image if kind in (*_COLOUR, *_GRAY) else image.colourspace("srgb")


def recoloured(image: Image, policy: ProfilePolicy) -> Image:
    """Return the image in the colours that a policy asks for, with the profile to embed.

    ``srgb`` converts and leaves no profile, ``p3`` converts to Display P3 and carries its
    profile, ``keep`` changes nothing. Gray stays gray.
    """
    if agrees(image, policy):
        return drop_profile(image) if policy == "srgb" else image
    if policy == "p3":
        return _to_p3(image)
    return to_srgb(image)


def agrees(image: Image, policy: ProfilePolicy) -> bool:
    """Tell whether the pixels are already what a policy asks for."""
    kind = str(image.interpretation)
    if policy == "keep":
        return kind in _SPACES
    if policy == "p3" and kind in _COLOUR:
        return has_profile(image) and _effect(embedded_profile(image), kind, "p3") == "none"
    if kind not in (*_COLOUR, *_GRAY):
        return False
    return not has_profile(image) or _effect(embedded_profile(image), kind, "srgb") != "converts"


def drop_profile(image: Image) -> Image:
    """Return the image without its profile; the pixels do not change."""
    if not has_profile(image):
        return image
    image = image.copy()
    image.remove(PROFILE)
    return image


def profile_name(profile: bytes) -> str:
    """Return the description inside a profile, ``Display P3`` say; empty if there is none."""
    count = int.from_bytes(profile[128:132], "big")
    for at in range(132, min(132 + 12 * count, len(profile)), 12):
        if profile[at : at + 4] == b"desc":
            start = int.from_bytes(profile[at + 4 : at + 8], "big")
            return _description(profile[start:])
    return ""


def _description(tag: bytes) -> str:
    """Read a text: plain in version 2 of ICC, in several languages in version 4."""
    if tag[:4] == b"desc":
        return tag[12 : 12 + int.from_bytes(tag[8:12], "big")].split(b"\0")[0].decode("latin-1")
    if tag[:4] == b"mluc":
        length, start = (int.from_bytes(tag[at : at + 4], "big") for at in (20, 24))
        return tag[start : start + length].decode("utf-16-be", "replace").rstrip("\0")
    return ""


def _to_p3(image: Image) -> Image:
    kind = str(image.interpretation)
    if kind in _GRAY:
        return to_srgb(image)
    if has_profile(image) and _effect(embedded_profile(image), kind, "p3") == "converts":
        return _transform(image, "p3")
    image = drop_profile(image)
    return _transform(image if kind == _CMYK else to_srgb(image), "p3")


def _transform(image: Image, target: str) -> Image:
    """Convert by the embedded profile, or by what pixels without one are taken for."""
    fallback = _CMYK if image.interpretation == _CMYK else "srgb"
    return image.icc_transform(
        target,
        embedded=has_profile(image),
        input_profile=fallback,
        intent="perceptual",
        depth=16 if image.format == "ushort" else 8,
    )


@functools.lru_cache(maxsize=64)
def _effect(profile: bytes, kind: str, target: str) -> Literal["none", "converts", "unusable"]:
    """Send a cube of colours through a profile, and see if they come out as they went in.

    ``kind`` is the interpretation of the image that carries it.
    """
    space, channels = _SPACES.get(kind, (b"", 0))
    if profile[16:20] != space or profile[36:40] != b"acsp":
        return "unusable"
    pyvips = libvips()
    steps = range(0, 256, 17 if channels <= 3 else 85)  # noqa: PLR2004
    cube = bytes(itertools.chain.from_iterable(itertools.product(steps, repeat=channels)))
    probe = pyvips.Image.new_from_memory(cube, len(cube) // channels, 1, channels, "uchar")
    probe = probe.copy(interpretation={1: "b-w", 3: "srgb", 4: _CMYK}[channels])
    probe.set_type(pyvips.GValue.blob_type, PROFILE, profile)
    try:
        moved = probe.icc_transform(target, embedded=True, intent="perceptual", depth=8)
        if kind == _CMYK:
            moved.avg()
            return "converts"
        moved = moved.colourspace("b-w") if kind in _GRAY else moved
        same = (moved.cast("short") - probe.cast("short")).abs().max() <= _SAME
    except pyvips.Error:
        return "unusable"
    return "none" if same else "converts"
