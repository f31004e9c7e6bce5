"""Text: a caption or a watermark in words."""

from __future__ import annotations

import functools
import html
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import msgspec

from imgflow.colours import Colour, Rgba, parse_colour
from imgflow.errors import OperationError
from imgflow.geometry import COMPASS, Size, round_length
from imgflow.libvips import libvips
from imgflow.notes import Note
from imgflow.operations.fonts import Font, bundled_font, default_font, font_from_file
from imgflow.operations.glyphs import undrawable_letters
from imgflow.operations.lengths import SomeShare, pixels_of
from imgflow.operations.operation import Operation
from imgflow.operations.stamp import Gravity, OffsetX, OffsetY, Opacity, Spot, fade, fit, stamp
from imgflow.rules import Excludes, Rule

if TYPE_CHECKING:
    from pyvips import Image

    from imgflow.frames import Picture

_ALIGN = {0.0: "low", 0.5: "centre", 1.0: "high"}
#: Space between letters and the edge of their box, as a share of the size.
_PADDING = 0.4
#: How many letters of a text an error repeats.
_QUOTED = 40


class Text(Operation, frozen=True, tag="text"):
    """Write words on the picture, as a caption or a watermark.

    Lines wrap between words, and what is still too wide or too high is reduced to fit.
    """

    rules: ClassVar[tuple[Rule, ...]] = (Excludes("font", ("font_file",)),)
    example: ClassVar[dict[str, Any]] = {
        "op": "text",
        "text": "© 2026 Example Studio",
        "gravity": "southeast",
        "size": "4%",
        "opacity": 0.8,
    }

    text: Annotated[
        str,
        msgspec.Meta(
            pattern=r"\S",
            max_length=2000,
            description="What to write, as it is; a line break starts a new line.",
            examples=["© Example Studio"],
        ),
    ]
    size: Annotated[
        Annotated[float, msgspec.Meta(ge=1, le=4096)] | SomeShare,
        msgspec.Meta(
            description="Height of the letters, as a font size: pixels, or a share of the "
            "picture's height. Default: 5%."
        ),
    ] = "5%"
    font: (
        Annotated[
            str,
            msgspec.Meta(
                min_length=1,
                description="A font of this machine, by name and style. Default: Aileron, "
                "which comes along, and for letters that it lacks the machine's sans-serif.",
                examples=["DejaVu Sans Bold"],
            ),
        ]
        | None
    ) = None
    font_file: (
        Annotated[
            str,
            msgspec.Meta(
                min_length=1,
                description="Path of a font file, from the working directory.",
                examples=["fonts/brand.ttf"],
            ),
        ]
        | None
    ) = None
    colour: Annotated[
        Colour, msgspec.Meta(description="Colour of the letters. Default: white.")
    ] = "white"
    background: (
        Annotated[
            Colour, msgspec.Meta(description="Colour of a box behind the letters. Default: none.")
        ]
        | None
    ) = None
    gravity: Gravity = "southeast"
    x: OffsetX | None = None
    y: OffsetY | None = None
    opacity: Opacity = 1.0
    width: Annotated[
        float,
        msgspec.Meta(
            gt=0,
            le=100,
            description="Lines are at most this percentage of the picture's width. Default: 90.",
        ),
    ] = 90.0

    def apply(self, picture: Picture) -> Picture:
        """Draw the words once and compose them onto each frame."""
        room = Size(round_length(picture.width * self.width / 100), picture.height)
        mark = fade(fit(self._mark(room), room), self.opacity).copy_memory()
        spot = Spot(self.gravity, self.x, self.y)
        at = spot.locate(Size(mark.width, mark.height), picture.size)
        missing = undrawable_letters(drawable(self.text), self._font())
        return stamp(picture.noting(*_boxes(missing)), mark, at)

    def files(self) -> tuple[str, ...]:
        """Return the path of the font, if one is named."""
        return (self.font_file,) if self.font_file else ()

    def outline(self, size: Size) -> Size:
        """Leave the size alone."""
        return size

    def _mark(self, room: Size) -> Image:
        size = max(1.0, pixels_of(self.size, room.height))
        align = _ALIGN[COMPASS[self.gravity][0]]
        letters = draw(drawable(self.text), self._font(), round(size, 2), room.width, align)
        if self.background is None:
            return tint(letters, parse_colour(self.colour))
        padding = round(_PADDING * size)
        wide, high = letters.width + 2 * padding, letters.height + 2 * padding
        letters = letters.embed(padding, padding, wide, high)
        box = tint(letters.new_from_image(255), parse_colour(self.background))
        return box.composite2(tint(letters, parse_colour(self.colour)), "over")

    def _font(self) -> Font:
        if self.font_file:
            return font_from_file(self.font_file)
        if self.font:
            return bundled_font()._replace(description=self.font)
        return default_font(drawable(self.text))


@functools.lru_cache(maxsize=16)
def draw(text: str, font: Font, size: float, width: int, align: str) -> Image:
    """Return the letters as a mask of one byte a pixel, cut to the ink.

    ``size`` is in pixels; lines wrap at ``width`` pixels. Raises OperationError if there
    is nothing to see.
    """
    pyvips = libvips()
    try:
        mask: Image = pyvips.Image.text(
            html.escape(text, quote=False),
            font=f"{font.description} {size}px",
            fontfile=font.file,
            width=width,
            wrap="word",
            align=align,
            dpi=72,
        )
    except pyvips.Error as error:
        reason = str(error).splitlines()[-1].strip() or "it has no letters, or is too large"
        message = f"text: expected words that can be drawn, found {_shortened(text)!r}: {reason}"
        raise OperationError(message, code="text-undrawable") from error
    return mask.extract_band(0).copy_memory()


def _boxes(letters: str) -> tuple[Note, ...]:
    if not letters:
        return ()
    message = (
        f"text: no font on this machine has {_shortened(letters)!r}: boxes are drawn instead; "
        "install a font that has them, or name its file with font_file"
    )
    return (Note("warning", "letters-missing", message, {"letters": letters}),)


def _shortened(text: str) -> str:
    return text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…"


def drawable(text: str) -> str:
    """Return a text without the control characters and lone surrogates that XML forbids."""
    kept = "".join(letter for letter in text if letter >= " " or letter in "\t\n")
    return kept.encode("utf-8", "replace").decode()


def tint(mask: Image, colour: Rgba) -> Image:
    """Return a colour, gray where that will do, that a mask of one byte makes opaque."""
    value = colour.rgb[:1] if colour.neutral else colour.rgb
    even = mask.new_from_image(value).cast("uchar")
    alpha = (mask * (colour.alpha / 255)).rint().cast("uchar")
    tinted: Image = even.bandjoin(alpha)
    return tinted.copy(interpretation="b-w" if colour.neutral else "srgb")
