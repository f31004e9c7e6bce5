"""TIFF, by libtiff inside libvips."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import msgspec

from imgflow.encoders.encoder import Capabilities, Encoder
from imgflow.encoders.goals import EffortWord, Lossless, Quality, spent
from imgflow.encoders.rules import Contradicts
from imgflow.errors import EncodeError
from imgflow.rules import Rule

if TYPE_CHECKING:
    from pyvips import Image

    from imgflow.nature import Nature

_EFFORTS = {"fast": 1, "balanced": 6, "max": 9}


class Tiff(Encoder, frozen=True, tag="tiff"):
    """TIFF: archives and print, lossless, 16 bits and CMYK included."""

    capabilities: ClassVar[Capabilities] = Capabilities(
        media_type="image/tiff",
        extensions=("tif", "tiff"),
        longest=100_000_000,
        alpha=True,
        lossless=True,
        lossy=True,
        gray=True,
        cmyk=True,
        bits=16,
        metadata=("exif", "xmp", "icc"),
    )
    rules: ClassVar[tuple[Rule, ...]] = (
        Contradicts("quality", "lossless", "compression", other="jpeg"),
    )

    compression: Annotated[
        Literal["none", "lzw", "deflate", "packbits", "jpeg"],
        msgspec.Meta(
            description="'lzw' (default) is read everywhere, 'deflate' is smaller, 'jpeg' lossy."
        ),
    ] = "lzw"
    predictor: Annotated[
        Literal["none", "horizontal"],
        msgspec.Meta(
            description="Store differences of neighbours, which makes photographs smaller under "
            "lzw and deflate. Default 'horizontal'."
        ),
    ] = "horizontal"
    effort: Annotated[
        EffortWord | Annotated[int, msgspec.Meta(ge=1, le=9)],
        msgspec.Meta(
            description="CPU that deflate spends: 'fast' (1), 'balanced' (6, the default), 'max' "
            "(9), or its level, 1 to 9."
        ),
    ] = "balanced"
    quality: Annotated[
        Quality | Lossless,
        msgspec.Meta(description="Quality of 'jpeg' compression, 1 to 100. Default 85."),
    ] = 85
    bit_depth: (
        Annotated[
            Literal[8, 16],
            msgspec.Meta(
                description="Bits a channel. By default 16 for a picture that has them, else 8."
            ),
        ]
        | None
    ) = None
    tile: Annotated[bool, msgspec.Meta(description="Store tiles and not rows. Default false.")] = (
        False
    )

    def encode(self, image: Image, keep: int) -> bytes:
        """Save; raises EncodeError for transparency under JPEG compression."""
        options: dict[str, Any] = {"compression": self.compression}
        if self.compression == "jpeg":
            if image.hasalpha():
                message = (
                    "tiff: expected a picture without transparency under 'compression: jpeg', "
                    "found some; flatten it, or use lzw or deflate"
                )
                raise EncodeError(message, code="alpha-unsupported")
            options["Q"] = self.number or 100
        elif self.compression in {"lzw", "deflate"}:
            options |= {
                "predictor": self.predictor,
                "level": spent(self.effort, _EFFORTS),
            }
        data: bytes = _with_depth(image, self.bit_depth).tiffsave_buffer(
            tile=self.tile, keep=keep, **options
        )
        return data

    def ways(self, nature: Nature, score: float) -> tuple[Encoder, ...]:  # noqa: ARG002
        """Return it where it is lossy."""
        return (self,) if self.compression == "jpeg" else ()


def _with_depth(image: Image, bits: int | None) -> Image:
    """Return the image with 8 or 16 bits a channel, as it is where ``bits`` is None."""
    if bits is None or image.interpretation == "cmyk":
        return image
    gray = image.interpretation in {"b-w", "grey16"}
    if bits == 16:  # noqa: PLR2004
        return image.colourspace("grey16" if gray else "rgb16")
    return image.colourspace("b-w" if gray else "srgb")
