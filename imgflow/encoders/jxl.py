"""JPEG XL, by libjxl inside libvips where it was built in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

import msgspec

from imgflow.encoders.encoder import Capabilities, Encoder, Lossless, Quality
from imgflow.encoders.rules import Contradicts
from imgflow.libvips import has_operation
from imgflow.rules import Rule

if TYPE_CHECKING:
    from pyvips import Image


class Jxl(Encoder, frozen=True, tag="jxl"):
    """JPEG XL: photographs and lossless archives; few browsers show it."""

    capabilities: ClassVar[Capabilities] = Capabilities(
        media_type="image/jxl",
        extensions=("jxl",),
        longest=1_000_000,
        alpha=True,
        lossless=True,
        lossy=True,
        gray=True,
        bits=16,
        metadata=("exif", "xmp", "icc"),
    )
    rules: ClassVar[tuple[Rule, ...]] = (
        Contradicts("quality", "lossless", "lossless", other=False),
    )

    quality: Annotated[
        Quality | Lossless,
        msgspec.Meta(
            description="Quality, 1 to 100, or 'lossless'. Default 80.", examples=[80, "lossless"]
        ),
    ] = 80
    lossless: Annotated[
        bool, msgspec.Meta(description="Keep every pixel as it is. Default false.")
    ] = False
    effort: Annotated[
        int, msgspec.Meta(ge=1, le=9, description="CPU spent on size, 1 to 9. Default 7.")
    ] = 7

    @classmethod
    def available(cls) -> bool:
        """Tell whether libvips was built with libjxl."""
        return has_operation("jxlsave_buffer")

    def encode(self, image: Image, keep: int) -> bytes:
        """Save."""
        lossless = self.lossless or self.quality == "lossless"
        options = {"lossless": True} if lossless else {"Q": self.quality}
        data: bytes = image.jxlsave_buffer(effort=self.effort, keep=keep, **options)
        return data
