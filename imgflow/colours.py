"""Colours as people write them: ``#rgb``, ``#rrggbb``, with opacity, or a name."""

from __future__ import annotations

import re
from typing import Annotated, NamedTuple

import msgspec

from imgflow.errors import OperationError

#: The sixteen colours of HTML 4, both spellings of gray, orange, and no colour at all.
_NAMES = {
    "aqua": "#00ffff",
    "black": "#000000",
    "blue": "#0000ff",
    "fuchsia": "#ff00ff",
    "gray": "#808080",
    "green": "#008000",
    "grey": "#808080",
    "lime": "#00ff00",
    "maroon": "#800000",
    "navy": "#000080",
    "olive": "#808000",
    "orange": "#ffa500",
    "purple": "#800080",
    "red": "#ff0000",
    "silver": "#c0c0c0",
    "teal": "#008080",
    "transparent": "#00000000",
    "white": "#ffffff",
    "yellow": "#ffff00",
}
_OPAQUE_NAMES = [name for name in _NAMES if name != "transparent"]
_OPAQUE_HEX = "#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})"
_HEX = "#(?:[0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})"

#: A colour, see-through or not.
Colour = Annotated[
    str,
    msgspec.Meta(
        pattern=f"^(?:{_HEX}|{'|'.join(_NAMES)})$",
        description="A colour: #rgb, #rgba, #rrggbb, #rrggbbaa or one of " + ", ".join(_NAMES),
        examples=["#ffffff", "white", "#00000080"],
    ),
]
#: A colour that nothing shines through.
OpaqueColour = Annotated[
    str,
    msgspec.Meta(
        pattern=f"^(?:{_OPAQUE_HEX}|{'|'.join(_OPAQUE_NAMES)})$",
        description="An opaque colour: #rgb, #rrggbb or one of " + ", ".join(_OPAQUE_NAMES),
        examples=["#ffffff", "white"],
    ),
]


class Rgba(NamedTuple):
    """Red, green, blue and opacity, each 0 to 255, sRGB."""

    red: int
    green: int
    blue: int
    alpha: int

    @property
    def opaque(self) -> bool:
        """Tell whether nothing shines through."""
        return self.alpha == 255  # noqa: PLR2004

    @property
    def neutral(self) -> bool:
        """Tell whether this is a shade of gray, so that a gray picture can hold it."""
        return self.red == self.green == self.blue

    @property
    def rgb(self) -> list[float]:
        """Return the three colour channels as libvips takes them."""
        return [float(self.red), float(self.green), float(self.blue)]


def parse_colour(text: str) -> Rgba:
    """Return the channels of a colour; raises OperationError if it is none."""
    code = _NAMES.get(text, text)
    if not re.fullmatch(_HEX, code):
        message = f"expected a colour like '#ff8800' or 'white', found {text!r}"
        raise OperationError(message, code="bad-colour")
    digits = code[1:]
    if len(digits) <= 4:  # noqa: PLR2004
        digits = "".join(digit * 2 for digit in digits)
    red, green, blue, alpha = bytes.fromhex(digits.ljust(8, "f"))
    return Rgba(red, green, blue, alpha)
