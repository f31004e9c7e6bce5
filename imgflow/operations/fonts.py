"""Fonts: the one that comes with Pillow, so that text is drawn on a machine without any."""

from __future__ import annotations

import atexit
import functools
import os
import tempfile
from typing import TYPE_CHECKING, NamedTuple

from imgflow.errors import OperationError

if TYPE_CHECKING:
    from PIL import ImageFont


class Font(NamedTuple):
    """A font as Pango asks for it: a description without a size, and a file to look in."""

    description: str
    file: str


def default_font(text: str) -> Font:
    """Return the font that comes along, or where it lacks a letter the sans-serif of the system.

    So one text never mixes two fonts.
    """
    bundled = bundled_font()
    return bundled if _covers(text) else bundled._replace(description="Sans")


@functools.cache
def bundled_font() -> Font:
    """Return the font that Pillow carries: Aileron Regular, with the letters of ASCII and a few.

    libvips reads it from a temporary file, which lasts as long as the process.
    """
    font = _load_bundled()
    folder = tempfile.TemporaryDirectory(prefix="imgflow-font-")
    atexit.register(folder.cleanup)
    path = os.path.join(folder.name, "bundled.ttf")
    with open(path, "wb") as file:
        file.write(font.font_bytes)
    return Font(_describe(font), path)


@functools.lru_cache(maxsize=16)
def font_from_file(path: str) -> Font:
    """Return the font in a file; raises OperationError naming the path if there is none."""
    from PIL import ImageFont

    try:
        return Font(_describe(ImageFont.truetype(path)), os.path.abspath(path))
    except (OSError, ValueError) as error:
        message = f"text: expected a font file at {path}, found none that can be read: {error}"
        raise OperationError(message, code="font-unreadable") from error


def _describe(font: ImageFont.FreeTypeFont) -> str:
    """Return ``family, style``: the comma keeps words of the family from passing for a style."""
    family, style = font.getname()
    return f"{family or 'Sans'}, {style or 'Regular'}"


@functools.cache
def _load_bundled() -> ImageFont.FreeTypeFont:
    from PIL import ImageFont

    font = ImageFont.load_default(size=32)
    if not isinstance(font, ImageFont.FreeTypeFont):
        message = "text: expected a Pillow with FreeType, found one without; reinstall Pillow"
        raise OperationError(message, code="font-missing")
    return font


def _covers(text: str) -> bool:
    """Tell whether no letter is drawn as the bundled font draws a character that is none."""
    font = _load_bundled()
    missing = bytes(font.getmask("\ufffe"))
    return all(letter.isspace() or bytes(font.getmask(letter)) != missing for letter in set(text))
