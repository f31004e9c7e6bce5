"""WebP, by libwebp inside libvips."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

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
from imgflow.rules import Excludes, Rule

if TYPE_CHECKING:
    from pyvips import Image

    from imgflow.nature import Nature

#: What the words for effort come to: lossless graphics hardly gain from more than 2.
_EFFORTS = {"fast": 2, "balanced": 4, "max": 6}
_LOSSLESS_EFFORTS = {"fast": 0, "balanced": 2, "max": 6}


class Webp(Encoder, frozen=True, tag="webp"):
    """WebP: photographs, graphics and animations, a quarter smaller than JPEG and PNG."""

    capabilities: ClassVar[Capabilities] = Capabilities(
        media_type="image/webp",
        extensions=("webp",),
        longest=16383,
        alpha=True,
        animation=True,
        lossless=True,
        lossy=True,
        metadata=("exif", "xmp", "icc"),
    )
    rules: ClassVar[tuple[Rule, ...]] = (
        Excludes("near_lossless", ("quality", "lossless")),
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
    near_lossless: (
        Annotated[
            int,
            msgspec.Meta(
                ge=0,
                le=100,
                description="Lossless after adjusting pixels slightly: 100 adjusts nothing, 60 "
                "is safe, 0 is smallest. Good for graphics.",
                examples=[60],
            ),
        ]
        | None
    ) = None
    alpha_quality: Annotated[
        int,
        msgspec.Meta(ge=0, le=100, description="Quality of the transparency. Default 100."),
    ] = 100
    # At one SSIMULACRA2 score, in CPU milliseconds a megapixel: 2 costs 72 for a size of
    # 1.048, 4 costs 160 for 1, 6 costs 396 for 0.966. Lossless graphics do not gain past 2.
    effort: Annotated[
        EffortWord | Annotated[int, msgspec.Meta(ge=0, le=6)],
        msgspec.Meta(
            description="CPU spent on size: 'fast', 'balanced' (default) or 'max', or libwebp's "
            "own number, 0 to 6. The words are 2, 4 and 6, and where lossless 0, 2 and 6.",
        ),
    ] = "balanced"
    max_bytes: MaxBytes | None = None
    preset: Annotated[
        Literal["default", "picture", "photo", "drawing", "icon", "text"],
        msgspec.Meta(description="The kind of picture to tune for. Default 'photo'."),
    ] = "photo"
    smart_subsample: Annotated[
        bool,
        msgspec.Meta(description="Keep sharp coloured edges; takes twice the time. Default false."),
    ] = False

    def encode(self, image: Image, keep: int) -> bytes:
        """Save; frames and their times are in the image's header."""
        data: bytes = image.webpsave_buffer(
            alpha_q=self.alpha_quality, keep=keep, **self._compression()
        )
        return data

    def ways(self, nature: Nature, score: float) -> tuple[Encoder, ...]:  # noqa: ARG002
        """Return the lossy mode, which samples colour at half."""
        return (self,)

    def lossless_way(self) -> Encoder | None:
        """Return the lossless mode."""
        return msgspec.structs.replace(self, quality="lossless", max_bytes=None)

    @property
    def sampling(self) -> str:
        """Return that of the lossy mode."""
        plain = self.quality != "lossless" and not self.lossless and self.near_lossless is None
        return "4:2:0" if plain else ""

    def _compression(self) -> dict[str, Any]:
        if self.near_lossless is not None:
            effort = spent(self.effort, _LOSSLESS_EFFORTS)
            return {"near_lossless": True, "Q": self.near_lossless, "effort": effort}
        if self.lossless or self.quality == "lossless":
            effort = spent(self.effort, _LOSSLESS_EFFORTS)
            return {"lossless": True, "exact": True, "effort": effort}
        return {
            "Q": self.quality,
            "preset": self.preset,
            "smart_subsample": self.smart_subsample,
            "effort": spent(self.effort, _EFFORTS),
        }
