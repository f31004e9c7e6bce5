"""A tiny picture as a blur of any size: browsers alone would show its pixels."""

from __future__ import annotations

from urllib.parse import quote

#: How far the blur reaches, as a share of the width: about the side of a pixel of the tiny one.
_REACH = 0.03
#: The blurred picture lies upon the sharp one, which shows where it fades: at the edges.
_SVG = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}'>"
    "<filter id='b' color-interpolation-filters='sRGB'><feGaussianBlur stdDeviation='{reach}'/>"
    "</filter><image id='i' width='100%' height='100%' preserveAspectRatio='xMidYMid slice' "
    "href='{uri}'/><use href='#i' filter='url(#b)'/></svg>"
)


def blurred(uri: str, width: int, height: int) -> str:
    """Return a ``data:`` URI of a drawing of some proportions that is filled by a blurred picture.

    It needs no quotes in a style sheet.
    """
    svg = _SVG.format(width=width, height=height, reach=round(_REACH * width), uri=uri)
    return f"data:image/svg+xml,{quote(svg, safe='/:;,=+')}"
