"""Overlay: an image on top of the picture, a watermark or a frame."""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import msgspec

from imgflow.errors import OperationError, SourceError
from imgflow.frames import settle
from imgflow.geometry import Size
from imgflow.image import open_picture
from imgflow.libvips import libvips
from imgflow.limits import DEFAULT_LIMITS
from imgflow.notes import Note
from imgflow.operations.canvas import with_alpha
from imgflow.operations.operation import Operation
from imgflow.operations.resampling import resample
from imgflow.operations.stamp import Gravity, OffsetX, OffsetY, Opacity, Spot, fade, fit, stamp
from imgflow.rules import Excludes, Rule
from imgflow.source import Source

if TYPE_CHECKING:
    from pyvips import Image

    from imgflow.frames import Picture

Blend = Literal[
    "over",
    "multiply",
    "screen",
    "overlay",
    "darken",
    "lighten",
    "hard-light",
    "soft-light",
    "difference",
    "exclusion",
    "add",
]
#: Share of a tile's own size that lies between two tiles.
_GAP = 0.5


class Overlay(Operation, frozen=True, tag="overlay"):
    """Put an image on top of the picture: a watermark, a logo, a frame.

    It is never cut: one that is larger than the picture is reduced to fit. Of an
    animated one the first frame is used.
    """

    rules: ClassVar[tuple[Rule, ...]] = (Excludes("tile", ("gravity", "x", "y")),)
    example: ClassVar[dict[str, Any]] = {
        "op": "overlay",
        "image": "watermark.png",
        "gravity": "southeast",
        "scale": 0.2,
        "opacity": 0.6,
    }

    image: Annotated[
        str,
        msgspec.Meta(
            min_length=1,
            description="Path of the image, from the working directory.",
            examples=["watermark.png"],
        ),
    ]
    gravity: Gravity = "southeast"
    x: OffsetX | None = None
    y: OffsetY | None = None
    scale: (
        Annotated[
            float,
            msgspec.Meta(
                gt=0,
                le=1,
                description="Width as a share of the picture's width. Default: the image's "
                "own size in pixels.",
                examples=[0.2],
            ),
        ]
        | None
    ) = None
    opacity: Opacity = 1.0
    blend: Annotated[
        Blend,
        msgspec.Meta(description="How colours mix, as the CSS blend modes. Default: over."),
    ] = "over"
    tile: Annotated[
        bool,
        msgspec.Meta(
            description="Repeat the image all over the picture, half of its size apart. "
            "Default: false."
        ),
    ] = False

    def apply(self, picture: Picture) -> Picture:
        """Compose the image onto each frame; raises OperationError if it cannot be read."""
        mark = read_mark(self.image)
        wanted = self._wanted(mark, picture.size)
        mark = fade(fit(resample(mark, wanted), picture.size), self.opacity).copy_memory()
        if (mark.width, mark.height) != wanted:
            picture = picture.noting(_reduced(self.image, wanted, mark))
        if self.tile:
            return stamp(picture, repeat(mark, picture.size), (0, 0), self.blend)
        spot = Spot(self.gravity, self.x, self.y)
        at = spot.locate(Size(mark.width, mark.height), picture.size)
        return stamp(picture, mark, at, self.blend)

    def files(self) -> tuple[str, ...]:
        """Return the path of the overlay."""
        return (self.image,)

    def outline(self, size: Size) -> Size:
        """Leave the size alone."""
        return size

    def _wanted(self, mark: Image, picture: Size) -> Size:
        natural = Size(mark.width, mark.height)
        if self.scale is None:
            return natural
        factor = self.scale * picture.width / mark.width
        return natural.scaled(factor, factor)


def read_mark(path: str) -> Image:
    """Return the pixels of an image file with alpha, in sRGB or gray, decoded once a process.

    Raises OperationError naming the path.
    """
    try:
        return _decode(path, os.stat(path).st_mtime_ns)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        message = f"overlay: expected an image at {path}, found none: {reason}"
        raise OperationError(message, code="overlay-unreadable") from error
    except SourceError as error:
        message = f"overlay: {error.message}"
        raise OperationError(message, code="overlay-unreadable") from error
    except libvips().Error as error:
        message = f"overlay: expected a whole image at {path}, found a damaged one: {error}"
        raise OperationError(message, code="overlay-unreadable") from error


def repeat(mark: Image, size: Size) -> Image:
    """Return a mark repeated over a canvas of ``size``, with gaps."""
    cell = Size(mark.width, mark.height).scaled(1 + _GAP, 1 + _GAP)
    x, y = (cell.width - mark.width) // 2, (cell.height - mark.height) // 2
    tile = mark.embed(x, y, *cell)
    across, down = -(-size.width // cell.width), -(-size.height // cell.height)
    return tile.replicate(across, down).crop(0, 0, *size)


@functools.lru_cache(maxsize=4)
def _decode(path: str, modified: int) -> Image:  # noqa: ARG001
    """Decode a file; when it was modified is part of the key."""
    picture = open_picture(Source(path, path=path), DEFAULT_LIMITS)
    return settle(with_alpha(picture.srgb().frame(0)))


def _reduced(path: str, wanted: Size, mark: Image) -> Note:
    message = (
        f"overlay: {path} at {wanted.width}x{wanted.height} is larger than the picture, "
        f"and was reduced to {mark.width}x{mark.height}"
    )
    return Note("choice", "overlay-reduced", message)
