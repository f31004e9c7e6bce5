"""GIF, by cgif inside libvips."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import msgspec

from imgflow.encoders.encoder import Capabilities, Encoder
from imgflow.encoders.goals import EffortWord, spent

if TYPE_CHECKING:
    from pyvips import Image

_EFFORTS = {"fast": 1, "balanced": 7, "max": 10}


class Gif(Encoder, frozen=True, tag="gif"):
    """GIF: animations for the oldest readers; WebP does the same in far fewer bytes."""

    capabilities: ClassVar[Capabilities] = Capabilities(
        media_type="image/gif",
        extensions=("gif",),
        longest=65535,
        alpha=True,
        animation=True,
        lossy=True,
    )

    colours: Annotated[
        Literal[2, 4, 8, 16, 32, 64, 128, 256],
        msgspec.Meta(description="Size of the palette at most. Default 256."),
    ] = 256
    dither: Annotated[
        float, msgspec.Meta(ge=0, le=1, description="Dithering, 0 to 1. Default 1.")
    ] = 1.0
    effort: Annotated[
        EffortWord | Annotated[int, msgspec.Meta(ge=1, le=10)],
        msgspec.Meta(
            description="CPU spent on the palette: 'fast' (1), 'balanced' (7, the default), 'max' "
            "(10), or a number, 1 to 10."
        ),
    ] = "balanced"
    max_frame_error: Annotated[
        float,
        msgspec.Meta(
            ge=0,
            le=32,
            description="How much a pixel may change between frames and still count as the "
            "same; a little saves much. Default 0.",
        ),
    ] = 0.0
    interlace: Annotated[
        bool, msgspec.Meta(description="Show a coarse picture first. Default false.")
    ] = False

    def encode(self, image: Image, keep: int) -> bytes:
        """Save; frames and their times are in the image's header."""
        data: bytes = image.gifsave_buffer(
            bitdepth=self.colours.bit_length() - 1,
            dither=self.dither,
            effort=spent(self.effort, _EFFORTS),
            interframe_maxerror=self.max_frame_error,
            interlace=self.interlace,
            keep=keep,
        )
        return data
