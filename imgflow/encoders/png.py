"""PNG, by libpng or libspng inside libvips."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import msgspec

from imgflow.encoders.encoder import Capabilities, Encoder
from imgflow.encoders.goals import EffortWord, Level, Lossless, MaxBytes, Quality, Score
from imgflow.encoders.rules import Contradicts
from imgflow.libvips import libvips
from imgflow.picture import settle
from imgflow.rules import Needs, Rule

if TYPE_CHECKING:
    from pyvips import Image

#: Below this many pixels both filters are tried on all of them.
_SMALL = 65_536
_SAMPLE_BANDS = 3
_SAMPLE_ROWS = 24
_BYTE, _SHORT = 8, 16
#: Names of row filters where libvips has others.
_FILTERS = {"average": "avg"}


class Png(Encoder, frozen=True, tag="png"):
    """PNG: lossless, for graphics and screenshots; a palette only on request."""

    capabilities: ClassVar[Capabilities] = Capabilities(
        media_type="image/png",
        extensions=("png",),
        longest=1_000_000,
        alpha=True,
        lossless=True,
        gray=True,
        bits=16,
        metadata=("exif", "xmp", "icc"),
    )
    rules: ClassVar[tuple[Rule, ...]] = (
        Needs("colours", ("palette",)),
        Needs("dither", ("palette",)),
        Contradicts("quality", "lossless", "palette", other=True),
    )

    compression: Annotated[
        int,
        msgspec.Meta(ge=0, le=9, description="Deflate level, 0 (none) to 9. Default 6."),
    ] = 6
    # One filter for all costs 10 % on photographs or 25 % on flat graphics, so it is tried.
    filter: Annotated[
        Literal["auto", "none", "sub", "up", "average", "paeth", "all"],
        msgspec.Meta(
            description="Row filter: 'none' suits flat graphics, 'all' (libpng's choice row by "
            "row) photographs. Default 'auto': what does better on a sample of the rows."
        ),
    ] = "auto"
    palette: Annotated[
        bool,
        msgspec.Meta(
            description="Reduce to a palette, which is lossy and far smaller. Default false."
        ),
    ] = False
    colours: Annotated[
        Literal[2, 4, 16, 256],
        msgspec.Meta(description="Size of the palette at most. Default 256."),
    ] = 256
    dither: Annotated[
        float,
        msgspec.Meta(ge=0, le=1, description="Dithering of the palette, 0 to 1. Default 1."),
    ] = 1.0
    quality: Annotated[
        Quality | Lossless | Level | Score,
        msgspec.Meta(
            description="Quality of the palette, 1 to 100: fewer colours where they do. Default "
            "100. Without a palette PNG is lossless, whatever stands here."
        ),
    ] = 100
    effort: Annotated[
        EffortWord | Annotated[int, msgspec.Meta(ge=1, le=10)],
        msgspec.Meta(
            description="CPU spent on size: 'fast', 'balanced' (default) or 'max'; a number, 1 to "
            "10, is that spent on the palette alone."
        ),
    ] = "balanced"
    max_bytes: MaxBytes | None = None
    bit_depth: (
        Annotated[
            Literal[1, 2, 4, 8, 16],
            msgspec.Meta(
                description="Bits a channel. By default 16 for a picture that has them, else 8; "
                "1, 2 and 4 make a palette of 2, 4 and 16 colours."
            ),
        ]
        | None
    ) = None
    interlace: Annotated[
        bool,
        msgspec.Meta(description="Show a coarse picture first (Adam7); larger. Default false."),
    ] = False

    def encode(self, image: Image, keep: int) -> bytes:
        """Save with the options asked for, trying row filters where none is named."""
        depth = self.bit_depth or (_SHORT if image.format == "ushort" else _BYTE)
        if self.palette or depth < _BYTE:
            return self._save(image, keep, filter="none", **self._palette())
        if depth == _SHORT and image.format == "uchar":
            image = image.colourspace("grey16" if image.interpretation == "b-w" else "rgb16")
        options = {"bitdepth": depth}
        if self.filter != "auto":
            chosen = _FILTERS.get(self.filter, self.filter)
            return self._save(image, keep, filter=chosen, **options)
        image = settle(image)
        if image.width * image.height <= _SMALL:
            tries = (self._save(image, keep, filter=name, **options) for name in ("none", "all"))
            return min(tries, key=len)
        return self._save(image, keep, filter=self._better_filter(image, options), **options)

    def _palette(self) -> dict[str, Any]:
        depth = self.colours.bit_length() - 1
        return {
            "palette": True,
            "bitdepth": min(depth, self.bit_depth or depth),
            "Q": self.quality if isinstance(self.quality, int) else 100,
            "dither": self.dither,
            "effort": 7 if isinstance(self.effort, str) else self.effort,
        }

    def _save(self, image: Image, keep: int, **options: Any) -> bytes:  # noqa: ANN401
        data: bytes = image.pngsave_buffer(
            compression=self.compression, interlace=self.interlace, keep=keep, **options
        )
        return data

    def _better_filter(self, image: Image, options: dict[str, Any]) -> str:
        """Try two filters on three bands of rows; needs pixels in memory or in a file."""
        rows = min(_SAMPLE_ROWS, image.height)
        tops = [
            (image.height - rows) * part // (_SAMPLE_BANDS - 1) for part in range(_SAMPLE_BANDS)
        ]
        bands = [image.crop(0, top, image.width, rows) for top in tops]
        sample = libvips().Image.arrayjoin(bands, across=1)
        return min(
            ("none", "all"), key=lambda name: len(self._save(sample, 0, filter=name, **options))
        )
