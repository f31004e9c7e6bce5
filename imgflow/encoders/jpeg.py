"""JPEG, by mozjpeg inside libvips."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import msgspec

from imgflow.colours import OpaqueColour
from imgflow.encoders.encoder import (
    Capabilities,
    Chroma,
    Encoder,
    has_full_chroma,
    subsampling,
)
from imgflow.encoders.goals import EffortWord, Level, MaxBytes, Quality, Score, spent

if TYPE_CHECKING:
    from pyvips import Image

    from imgflow.nature import Nature

#: The largest file, in bytes, that is not progressive by default.
PROGRESSIVE_ABOVE = 10_000

#: mozjpeg's table tuned for MS-SSIM: 6 to 9 % fewer bytes at one SSIMULACRA2 score than the
#: standard's, and at one quality no lower a score (table 3 saves as much, but scores lower).
_QUANT_TABLE = 2
_HEADER_BYTES = 700
#: Bits a pixel that a small photograph takes, for each unit of quality / 100.
_USUAL_BITS = 2
_RGB = 3
#: What the words for effort come to.
_EFFORTS = {"fast": 0, "balanced": 3, "max": 3}
#: The efforts from which on something more is done.
_FULL_CHROMA_FROM = 88
_HUFFMAN, _SCANS, _TRELLIS = 1, 2, 3


class Jpeg(Encoder, frozen=True, tag="jpeg"):
    """JPEG: photographs, read everywhere. Lossy; transparency is laid on a background."""

    capabilities: ClassVar[Capabilities] = Capabilities(
        media_type="image/jpeg",
        extensions=("jpg", "jpeg", "jpe", "jfif"),
        longest=65500,
        lossy=True,
        gray=True,
        cmyk=True,
        metadata=("exif", "xmp", "iptc", "icc"),
    )

    quality: Annotated[
        Quality | Level | Score,
        msgspec.Meta(
            description="Quality, 1 to 100, or how good it must look: 'good', 'high', "
            "'visually-lossless' or {score: N}. Default 85.",
            examples=[85, "high"],
        ),
    ] = 85
    progressive: (
        Annotated[
            bool,
            msgspec.Meta(
                description="Show a coarse picture first. By default so in files over 10 kB, "
                "where it also saves bytes."
            ),
        ]
        | None
    ) = None
    chroma: Chroma = "auto"
    # CPU per megapixel and size at one SSIMULACRA2 score of 80, plain libjpeg being 1:
    # 1 costs 37 ms for 0.882, 2 costs 107 ms for 0.867, 3 costs 238 ms for 0.851. From 0 to 1
    # each doubling of the time saves 6 %, from there on 1 to 3 %: hence the default.
    effort: Annotated[
        EffortWord | Annotated[int, msgspec.Meta(ge=0, le=3)],
        msgspec.Meta(
            description="CPU spent on size: 'fast', 'balanced' (default) or 'max', or libjpeg's "
            "way alone: 0 nothing (a progressive file is as with 1), 1 optimised Huffman tables, "
            "2 also optimised progressive scans, 3 also trellis quantisation (six times slower).",
        ),
    ] = "balanced"
    max_bytes: MaxBytes | None = None
    background: Annotated[
        OpaqueColour, msgspec.Meta(description="What transparency is laid on. Default 'white'.")
    ] = "white"

    @property
    def backdrop(self) -> str:
        """Return the background."""
        return self.background

    def encode(self, image: Image, keep: int) -> bytes:
        """Save, progressive as asked, or exactly where the file is over 10 kB."""
        if self.progressive is not None:
            return self._save(image, keep, progressive=self.progressive)
        smallest, largest = self._bounds(image)
        if smallest > PROGRESSIVE_ABOVE:
            return self._save(image, keep, progressive=True)
        if largest <= PROGRESSIVE_ABOVE:
            return self._save(image, keep, progressive=False)
        return self._save_by_size(image.copy_memory(), keep)

    def ways(self, nature: Nature, score: float) -> tuple[Encoder, ...]:
        """Return both samplings of colour, the likelier first, unless one is said."""
        if self.chroma != "auto":
            return (self,)
        both = [msgspec.structs.replace(self, chroma=chroma) for chroma in ("4:2:0", "4:4:4")]
        return tuple(both[1:] if nature.graphic or score >= _FULL_CHROMA_FROM else both)

    @property
    def curve(self) -> str:
        """Return the format with its sampling."""
        return f"jpeg-{self.sampling}"

    @property
    def sampling(self) -> str:
        """Return that which is written, for colour."""
        quality = self.quality if isinstance(self.quality, int) else 0
        return "4:4:4" if has_full_chroma(self.chroma, quality) else "4:2:0"

    @property
    def _own_effort(self) -> int:
        return spent(self.effort, _EFFORTS)

    @property
    def _number(self) -> int:
        """The quality, once it is a number: whoever encodes has found one for a score."""
        return self.quality if isinstance(self.quality, int) else 100

    def _save_by_size(self, image: Image, keep: int) -> bytes:
        """Guess, and try again if the guess was wrong: the image must allow two passes.

        Where only the baseline file is over the mark, the progressive one is taken.
        """
        usual = image.width * image.height * _USUAL_BITS * self._number / 100 / 8
        guess = usual > PROGRESSIVE_ABOVE
        data = self._save(image, keep, progressive=guess)
        if guess == (len(data) > PROGRESSIVE_ABOVE):
            return data
        other = self._save(image, keep, progressive=not guess)
        return data if guess and len(other) > PROGRESSIVE_ABOVE else other

    def _save(self, image: Image, keep: int, *, progressive: bool) -> bytes:
        options: dict[str, Any] = {**subsampling(self.chroma)}
        if self._own_effort >= _SCANS and progressive:
            options["optimize_scans"] = True
        if self._own_effort >= _TRELLIS:
            options |= {"trellis_quant": True, "overshoot_deringing": True}
        data: bytes = image.jpegsave_buffer(
            Q=self._number,
            interlace=progressive,
            optimize_coding=self._own_effort >= _HUFFMAN,
            quant_table=_QUANT_TABLE,
            keep=keep,
            **options,
        )
        return data

    def _bounds(self, image: Image) -> tuple[int, int]:
        """Return the least and the most bytes that an image of this size can come to.

        Each 8x8 block has at least one bit in each scan that refines its mean. The most
        is measured on black and white noise, with room to spare.
        """
        bands = image.bands
        full = bands != _RGB or has_full_chroma(self.chroma, self._number)
        cell, blocks_a_cell = (8, bands) if full else (16, 6)
        blocks = -(-image.width // cell) * -(-image.height // cell) * blocks_a_cell
        least_bits = 1 if self._own_effort >= _SCANS else 2
        most_bytes = 56 if self._number <= 95 else 72  # noqa: PLR2004
        most_bytes = most_bytes if self._own_effort >= _HUFFMAN else most_bytes * 3 // 2
        return blocks * least_bits // 8, _HEADER_BYTES + blocks * most_bytes
