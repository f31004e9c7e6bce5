"""Colours and marks of a graph: told apart without seeing colours, on light and on dark."""

from __future__ import annotations

from typing import NamedTuple


class Look(NamedTuple):
    """What a format is drawn with: its colour on light and on dark, and the shape of its marks.

    The colours are those of Okabe and Ito, or near them, so that they differ for all kinds of
    sight; each has a contrast of at least 3 with its background.
    """

    light: str
    dark: str
    shape: str


LOOKS: dict[str, Look] = {
    "jpeg": Look("#0072b2", "#5ab4f0", "circle"),
    "webp": Look("#c14d00", "#f2a45c", "square"),
    "avif": Look("#00785a", "#35c79a", "diamond"),
    "jxl": Look("#a0447a", "#e39ac6", "triangle"),
    "heic": Look("#6b5b00", "#e0cf4a", "cross"),
    "png": Look("#555b66", "#b4bac4", "star"),
}

_LIGHT = {"back": "#ffffff", "ink": "#1a1d21", "quiet": "#565e6b", "grid": "#dfe3e8"}
_DARK = {"back": "#1b1f25", "ink": "#e8eaed", "quiet": "#a6aebb", "grid": "#353c46"}
_UNITS = {"circle": 1.0, "square": 0.9, "diamond": 1.25, "triangle": 1.25, "cross": 1.1}


def rules(font: str, *, adaptive: bool) -> str:
    """Return the style sheet; ``adaptive`` follows the colours of the system."""
    base = (
        f".ladder{{font-family:{font};font-size:12px}}"
        ".ladder .axis,.ladder .level,.ladder .line{fill:none}"
        ".ladder .level{stroke-dasharray:5 4}"
        ".ladder .line{stroke-width:2;stroke-linejoin:round}"
        ".ladder .title{font-size:14px;font-weight:600}"
        ".ladder .label{paint-order:stroke;stroke-width:3px;stroke-linejoin:round}"
    )
    text = base + _colours(_LIGHT, {name: look.light for name, look in LOOKS.items()})
    if adaptive:
        dark = _colours(_DARK, {name: look.dark for name, look in LOOKS.items()})
        text += f"@media(prefers-color-scheme:dark){{{dark}}}"
    return text


def _colours(page: dict[str, str], formats: dict[str, str]) -> str:
    parts = [
        f".ladder .back{{fill:{page['back']}}}",
        f".ladder text{{fill:{page['ink']}}}",
        f".ladder .quiet{{fill:{page['quiet']}}}",
        f".ladder .axis{{stroke:{page['grid']}}}",
        f".ladder .level{{stroke:{page['quiet']}}}",
        f".ladder .label{{stroke:{page['back']}}}",
        f".ladder .chosen{{stroke:{page['ink']};stroke-width:2}}",
    ]
    for name, colour in formats.items():
        parts.append(f".ladder .{name} .line{{stroke:{colour}}}")
        parts.append(f".ladder .{name} .mark,.ladder .{name} .label{{fill:{colour}}}")
    return "".join(parts)


def shape_path(shape: str, x: float, y: float, radius: float) -> str:
    """Return the outline of a mark around a place, as the ``d`` of a path."""
    r = radius * _UNITS.get(shape, 1.0)
    corners = _CORNERS.get(shape)
    if corners is None:
        left, right, bend = f"{x - r:g} {y:g}", f"{x + r:g} {y:g}", f"A{r:g} {r:g} 0 1 1"
        return f"M{left}{bend} {right}{bend} {left}Z"
    points = " ".join(f"{round(x + r * dx, 2):g} {round(y + r * dy, 2):g}" for dx, dy in corners)
    return f"M{points}Z"


_CORNERS: dict[str, tuple[tuple[float, float], ...]] = {
    "square": ((-1, -1), (1, -1), (1, 1), (-1, 1)),
    "diamond": ((0, -1), (1, 0), (0, 1), (-1, 0)),
    "triangle": ((0, -1), (0.95, 0.75), (-0.95, 0.75)),
    "cross": (
        *((-0.4, -1), (0.4, -1), (0.4, -0.4), (1, -0.4), (1, 0.4), (0.4, 0.4)),
        *((0.4, 1), (-0.4, 1), (-0.4, 0.4), (-1, 0.4), (-1, -0.4), (-0.4, -0.4)),
    ),
    "star": (
        *((0, -1.3), (0.35, -0.35), (1.3, 0), (0.35, 0.35)),
        *((0, 1.3), (-0.35, 0.35), (-1.3, 0), (-0.35, -0.35)),
    ),
}
