"""Colour profiles: from whatever a file carries to sRGB, and no work where none is due."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from imgflow.libvips import header_field, libvips

if TYPE_CHECKING:
    from pyvips import Image

PROFILE = "icc-profile-data"
_GRAY = ("b-w", "grey16")
_READY = ("srgb", "rgb16", *_GRAY)
#: Largest difference, of 255, at which a profile counts as sRGB under another name.
_SAME = 1


def has_profile(image: Image) -> bool:
    """Tell whether an image carries a colour profile."""
    return image.get_typeof(PROFILE) != 0


def to_srgb(image: Image) -> Image:
    """Convert to sRGB with the perceptual intent, keeping alpha, gray and bit depth.

    An embedded profile is applied and dropped; CMYK without one uses the fallback
    profile that libvips bundles. A profile that is sRGB in all but name costs nothing.
    """
    gray = image.interpretation in _GRAY
    if has_profile(image):
        if not _is_srgb(header_field(image, PROFILE, b""), str(image.interpretation)):
            image = _transform(image, embedded=True)
            if gray:
                image = image.colourspace("grey16" if image.format == "ushort" else "b-w")
        return drop_profile(image)
    if image.interpretation == "cmyk":
        return drop_profile(_transform(image, input_profile="cmyk"))
    return image if image.interpretation in _READY else image.colourspace("srgb")


def drop_profile(image: Image) -> Image:
    """Return the image without its profile; the pixels do not change."""
    if not has_profile(image):
        return image
    image = image.copy()
    image.remove(PROFILE)
    return image


def _transform(image: Image, **options: Any) -> Image:
    depth = 16 if image.format == "ushort" else 8
    return image.icc_transform("srgb", intent="perceptual", depth=depth, **options)


@functools.lru_cache(maxsize=64)
def _is_srgb(profile: bytes, interpretation: str) -> bool:
    """Send a cube of colours through a profile: does sRGB come out as it went in?"""
    if interpretation not in {"srgb", "rgb16"}:
        return False
    pyvips = libvips()
    steps = range(0, 256, 17)
    cube = bytes(channel for r in steps for g in steps for b in steps for channel in (r, g, b))
    probe = pyvips.Image.new_from_memory(cube, len(cube) // 3, 1, 3, "uchar")
    probe = probe.copy(interpretation="srgb")
    probe.set_type(pyvips.GValue.blob_type, PROFILE, profile)
    try:
        moved = probe.icc_transform("srgb", embedded=True, intent="perceptual", depth=8)
    except pyvips.Error:
        return False
    return bool((moved.cast("short") - probe.cast("short")).abs().max() <= _SAME)
