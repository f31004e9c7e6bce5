"""GIF, by cgif inside libvips."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import msgspec

from imgflow.encoders.encoder import Capabilities, Encoder

if TYPE_CHECKING:
    from pyvips import Image


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
        int, msgspec.Meta(ge=1, le=10, description="CPU spent on the palette. Default 7.")
    ] = 7
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
            effort=self.effort,
            interframe_maxerror=self.max_frame_error,
            interlace=self.interlace,
            keep=keep,
        )
        return data
