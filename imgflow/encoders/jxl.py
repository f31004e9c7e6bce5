"""JPEG XL, by libjxl inside libvips where it was built in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import msgspec

from imgflow.encoders.encoder import Capabilities, Encoder
from imgflow.encoders.goals import (
    EffortWord,
    Level,
    Lossless,
    MaxBytes,
    Quality,
    Score,
    spent,
)
from imgflow.encoders.rules import Contradicts
from imgflow.libvips import has_operation
from imgflow.rules import Rule

if TYPE_CHECKING:
    from pyvips import Image

    from imgflow.nature import Nature

_EFFORTS = {"fast": 3, "balanced": 7, "max": 9}


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
        Quality | Lossless | Level | Score,
        msgspec.Meta(
            description="Quality, 1 to 100, 'lossless', or how good it must look: 'good', 'high', "
            "'visually-lossless' or {score: N}. Default 80.",
            examples=[80, "high", "lossless"],
        ),
    ] = 80
    lossless: Annotated[
        bool, msgspec.Meta(description="Keep every pixel as it is. Default false.")
    ] = False
    effort: Annotated[
        EffortWord | Annotated[int, msgspec.Meta(ge=1, le=9)],
        msgspec.Meta(
            description="CPU spent on size: 'fast' (3), 'balanced' (7, the default), 'max' (9), or "
            "libjxl's own number, 1 to 9."
        ),
    ] = "balanced"
    max_bytes: MaxBytes | None = None

    @classmethod
    def available(cls) -> bool:
        """Tell whether libvips was built with libjxl."""
        return has_operation("jxlsave_buffer")

    def encode(self, image: Image, keep: int) -> bytes:
        """Save."""
        lossless = self.lossless or self.quality == "lossless"
        options: dict[str, Any] = {"lossless": True} if lossless else {"Q": self.quality}
        effort = spent(self.effort, _EFFORTS)
        data: bytes = image.jxlsave_buffer(effort=effort, keep=keep, **options)
        return data

    def ways(self, nature: Nature, score: float) -> tuple[Encoder, ...]:  # noqa: ARG002
        """Return the lossy mode."""
        return (self,)

    def lossless_way(self) -> Encoder | None:
        """Return the lossless mode."""
        return msgspec.structs.replace(self, quality="lossless", max_bytes=None)
