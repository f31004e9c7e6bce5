"""Colours as people write them: ``#rgb``, ``#rrggbb``, ``#rrggbbaa`` or a name."""

from __future__ import annotations

import re
from typing import Annotated, NamedTuple

import msgspec

from imgflow.errors import OperationError

_NAMES = {
    "black": "#000000",
    "blue": "#0000ff",
    "gray": "#808080",
    "green": "#008000",
    "grey": "#808080",
    "orange": "#ffa500",
    "red": "#ff0000",
    "transparent": "#00000000",
    "white": "#ffffff",
    "yellow": "#ffff00",
}
_HEX = r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})"

Colour = Annotated[
    str,
    msgspec.Meta(
        pattern=f"^(?:{_HEX}|{'|'.join(_NAMES)})$",
        description="A colour: #rgb, #rrggbb, #rrggbbaa, or one of " + ", ".join(_NAMES) + ".",
        examples=["#ffffff", "white", "#00000080"],
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
    if len(digits) == 3:  # noqa: PLR2004
        digits = "".join(digit * 2 for digit in digits)
    red, green, blue, alpha = bytes.fromhex(digits.ljust(8, "f"))
    return Rgba(red, green, blue, alpha)
