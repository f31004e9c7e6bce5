"""JPEG, by mozjpeg inside libvips."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

import msgspec

from imgflow.encoders.encoder import Capabilities, Encoder

if TYPE_CHECKING:
    from pyvips import Image


class Jpeg(Encoder, frozen=True, tag="jpeg"):
    """JPEG."""

    capabilities: ClassVar[Capabilities] = Capabilities(
        media_type="image/jpeg",
        extensions=("jpg", "jpeg", "jpe", "jfif"),
        longest=65535,
        lossy=True,
        metadata=("exif", "xmp", "iptc", "icc"),
    )

    quality: Annotated[int, msgspec.Meta(ge=1, le=100)] = 85

    def encode(self, image: Image, keep: int) -> bytes:
        """Save."""
        data: bytes = image.jpegsave_buffer(
            Q=self.quality, interlace=True, optimize_coding=True, quant_table=3, keep=keep
        )
        return data
