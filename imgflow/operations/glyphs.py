"""Tell which letters of a text no font at hand can draw."""

from __future__ import annotations

import functools
import unicodedata
from typing import TYPE_CHECKING

from imgflow.libvips import libvips

if TYPE_CHECKING:
    from pyvips import Image

    from imgflow.operations.fonts import Font

#: Characters that Unicode will never assign: Pango draws a box with their number, which is
#: wider for the second, as for everything beyond the first 65536.
_NOBODY, _NOBODY_WIDE = "\ufdd0", "\U0001fffe"
_WIDE_FROM = 0x10000
_SIZE = 32
#: Unicode categories of what has an ink of its own: letters, numbers, punctuation, symbols.
_INKED = "LNPS"


def undrawable_letters(text: str, font: Font) -> str:
    """Return the letters of a text, in their order, that come out as boxes with a number."""
    odd = dict.fromkeys(letter for letter in text if not letter.isascii())
    return "".join(letter for letter in odd if _is_box(letter, font))


@functools.lru_cache(maxsize=1024)
def _is_box(letter: str, font: Font) -> bool:
    if unicodedata.category(letter)[0] not in _INKED:
        return False
    return _frame(letter, font) == _frame(
        _NOBODY if ord(letter) < _WIDE_FROM else _NOBODY_WIDE, font
    )


def _frame(letter: str, font: Font) -> tuple[bytes, ...]:
    """Return the outermost rows and columns of a letter: of a box, all but the number."""
    mask: Image = libvips().Image.text(
        letter, font=f"{font.description} {_SIZE}px", fontfile=font.file, dpi=72
    )
    width, height = mask.width, mask.height
    edges = [
        (0, 0, width, 1),
        (0, height - 1, width, 1),
        (0, 0, 1, height),
        (width - 1, 0, 1, height),
    ]
    return tuple(bytes(mask.crop(*edge).write_to_memory()) for edge in edges)
