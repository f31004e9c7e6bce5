"""AVIF and HEIC, by libheif inside libvips."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import msgspec

from imgflow.encoders.encoder import (
    Capabilities,
    Chroma,
    Encoder,
    has_full_chroma,
    subsampling,
)
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
from imgflow.libvips import has_operation, libvips
from imgflow.rules import Rule

if TYPE_CHECKING:
    from pyvips import Image

    from imgflow.nature import Nature

#: libvips' own bound for what it hands to libheif.
_LONGEST = 16384
_BYTE = 8
#: What the words for effort come to. ``balanced`` is less for pictures of more pixels than
#: these, which would take minutes.
_EFFORTS = {"fast": 0, "balanced": 4, "max": 4}
_HEVC_EFFORTS = {"fast": 0, "balanced": 4, "max": 9}
_LARGE = 4_000_000
_EFFORT_IF_LARGE = 3
#: Up to here a quality scores some points less than with the efforts above, which agree.
_HASTY = 1
#: 255 times this is 65535.
_SPREAD = 257


class Heif(Encoder, frozen=True):
    """What both formats have in common: the container, and what libheif lets be said."""

    rules: ClassVar[tuple[Rule, ...]] = (
        Contradicts("quality", "lossless", "lossless", other=False),
    )

    quality: Annotated[
        Quality | Lossless | Level | Score,
        msgspec.Meta(
            description="Quality, 1 to 100, 'lossless', or how good it must look: 'good', 'high', "
            "'visually-lossless' or {score: N}. Default 60, which looks like JPEG's 80.",
            examples=[60, "high", "lossless"],
        ),
    ] = 60
    lossless: Annotated[
        bool,
        msgspec.Meta(
            description="Keep every pixel as it is; WebP and PNG do that in fewer bytes. "
            "Default false."
        ),
    ] = False
    effort: EffortWord | int = "balanced"
    chroma: Chroma = "auto"
    bit_depth: Annotated[
        Literal[8, 10, 12],
        msgspec.Meta(
            description="Bits a channel; 10 keeps smooth skies smooth, takes a third more time, "
            "and saves 6 % where nothing may be seen. Default 8, whose colours all viewers agree "
            "on."
        ),
    ] = 8
    max_bytes: MaxBytes | None = None

    def ways(self, nature: Nature, score: float) -> tuple[Encoder, ...]:  # noqa: ARG002
        """Return the lossy mode, at full chroma unless that is said."""
        chroma = "4:4:4" if self.chroma == "auto" else self.chroma
        return (msgspec.structs.replace(self, chroma=chroma),)

    def lossless_way(self) -> Encoder | None:
        """Return the lossless mode."""
        return msgspec.structs.replace(self, quality="lossless", max_bytes=None)

    @property
    def sampling(self) -> str:
        """Return that of the lossy mode."""
        if self.lossless or self.number is None:
            return ""
        return "4:4:4" if has_full_chroma(self.chroma, self.number) else "4:2:0"

    def _save(self, image: Image, keep: int, **options: Any) -> bytes:  # noqa: ANN401
        """Save by libheif, with the options that one format has."""
        data: bytes = _deepened(image, self.bit_depth).heifsave_buffer(
            Q=self.number or 100,
            lossless=self.lossless or self.quality == "lossless",
            bitdepth=self.bit_depth,
            keep=keep,
            **subsampling(self.chroma),
            **options,
        )
        return data


class Avif(Heif, frozen=True, tag="avif"):
    """AVIF: the smallest photographs, half of JPEG, at a high price in time."""

    capabilities: ClassVar[Capabilities] = Capabilities(
        media_type="image/avif",
        extensions=("avif",),
        longest=_LONGEST,
        alpha=True,
        lossless=True,
        lossy=True,
        bits=12,
        metadata=("exif", "xmp", "icc"),
    )
    #: What libavif makes of a file, which browsers use, is 0.1 apart as a rule.
    doubt: ClassVar[float] = 0.3

    # At one SSIMULACRA2 score of 80, in CPU seconds a megapixel: 0 costs 0.1 for a size of
    # 1.28, 1 costs 0.3 for 1.18, 2 costs 0.5 for 1.12, 3 costs 0.7 for 1.06, 4 costs 3 to 4.5
    # for 1, and 5 takes longer for nothing. Only 4 is within 5 % of the smallest.
    effort: Annotated[
        EffortWord | Annotated[int, msgspec.Meta(ge=0, le=9)],
        msgspec.Meta(
            description="CPU spent on size: 'fast' (0), 'balanced' (the default: 4, and 3 for "
            "pictures of more than 4 megapixels), 'max' (4), or 9 less libaom's speed, 0 to 9. "
            "3 takes a fifth of the time of 4 for 6 % more bytes.",
        ),
    ] = "balanced"

    @classmethod
    def available(cls) -> bool:
        """Tell whether libheif has an AV1 encoder."""
        return _writes("av1")

    def encode(self, image: Image, keep: int) -> bytes:
        """Save by AV1."""
        effort = spent(self.effort, _EFFORTS)
        if self.effort == "balanced" and image.width * image.height > _LARGE:
            effort = _EFFORT_IF_LARGE
        return self._save(image, keep, compression="av1", effort=effort)

    def target(self, goal: float) -> float:
        """Return a little more: other decoders round colours otherwise than ours does."""
        return min(goal + self.doubt, 100)

    @property
    def curve(self) -> str:
        """Return the format, and what shifts its scores by more than a point."""
        hasty = "-fast" if spent(self.effort, _EFFORTS) <= _HASTY else ""
        return f"avif{hasty}-{'4:2:0' if self.chroma == '4:2:0' else '4:4:4'}"


class Heic(Heif, frozen=True, tag="heic"):
    """HEIC: what Apple's cameras write; browsers other than Safari do not show it."""

    capabilities: ClassVar[Capabilities] = Capabilities(
        media_type="image/heic",
        extensions=("heic", "heif"),
        longest=_LONGEST,
        alpha=True,
        lossless=True,
        lossy=True,
        bits=12,
        metadata=("exif", "xmp", "icc"),
    )

    effort: Annotated[
        EffortWord | Annotated[int, msgspec.Meta(ge=0, le=9)],
        msgspec.Meta(
            description="CPU spent on size, where the HEVC encoder of libheif lets itself be told: "
            "'fast' (0), 'balanced' (4, the default), 'max' (9), or a number, 0 to 9.",
        ),
    ] = "balanced"

    @classmethod
    def available(cls) -> bool:
        """Tell whether libheif has an HEVC encoder, which few builds do."""
        return _writes("hevc")

    def encode(self, image: Image, keep: int) -> bytes:
        """Save by HEVC."""
        effort = spent(self.effort, _HEVC_EFFORTS)
        return self._save(image, keep, compression="hevc", effort=effort)


def _deepened(image: Image, bits: int) -> Image:
    """Spread 8 bits over 16 where more are written: libvips would leave white a shade short."""
    if bits == _BYTE or image.format == "ushort":
        return image
    space = "grey16" if image.interpretation == "b-w" else "rgb16"
    deep: Image = (image * _SPREAD).cast("ushort").copy(interpretation=space)
    return deep


@functools.cache
def _writes(compression: str) -> bool:
    """Only saving something tells which codecs this libheif was built with."""
    if not has_operation("heifsave_buffer"):
        return False
    pyvips = libvips()
    try:
        pyvips.Image.black(16, 16, bands=3).heifsave_buffer(compression=compression, effort=0)
    except pyvips.Error:
        return False
    return True
