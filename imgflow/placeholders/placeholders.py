"""What stands for a picture before it is there."""

from __future__ import annotations

import msgspec


class Placeholders(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Four stand-ins for a picture, from a few bytes to a few hundred.

    ``colour`` is its dominant colour, ``#rrggbb``; ``blurhash`` and ``thumbhash`` (in base64)
    are for scripts that draw them; ``lqip`` is a tiny WebP as a ``data:`` URI, for style sheets.
    ``alpha`` tells that something can be seen through the picture, and through it whatever lies
    below. BlurHash knows no transparency: there the picture lies on white.
    """

    colour: str
    blurhash: str
    thumbhash: str
    lqip: str
    alpha: bool = False
