"""PNG, by oxipng, and by libpng or libspng inside libvips."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import msgspec

from imgflow.encoders import oxipng
from imgflow.encoders.encoder import Capabilities, Encoder
from imgflow.encoders.goals import EffortWord, Level, Lossless, MaxBytes, Quality, Score
from imgflow.encoders.optional import version_of
from imgflow.encoders.palette import USUAL_EFFORT, target
from imgflow.encoders.rules import Contradicts
from imgflow.frames import settle
from imgflow.libvips import libvips
from imgflow.rules import Needs, Rule

if TYPE_CHECKING:
    from pyvips import Image

    from imgflow.nature import Nature

_USUAL_COMPRESSION, _HASTY_COMPRESSION = 6, 1
#: From this score on no palette does for a photograph.
_NO_PALETTE = 65
#: zopfli takes a minute for a million.
_MOST_FOR_ZOPFLI = 250_000
_ZOPFLI_ROUNDS = 5
#: libvips' flag for all metadata: a draft has only what is to be kept.
_ALL = 31
#: Below this many pixels both filters are tried on all of them.
_SMALL = 65_536
_SAMPLE_BANDS = 3
_SAMPLE_ROWS = 24
_BYTE, _SHORT = 8, 16
#: Names of row filters where libvips has others.
_FILTERS = {"average": "avg"}


class Png(Encoder, frozen=True, tag="png"):
    """PNG: lossless, for graphics and screenshots; a palette on request, or for a score."""

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

    compression: (
        Annotated[
            int,
            msgspec.Meta(
                ge=0,
                le=9,
                description="Deflate level, 0 (none) to 9, of libpng, which then makes the file "
                "whatever the effort. By default what 'effort' says; 6 where that is 'fast'.",
            ),
        ]
        | None
    ) = None
    # One filter for all costs 10 % on photographs or 25 % on flat graphics, so it is tried.
    filter: Annotated[
        Literal["auto", "none", "sub", "up", "average", "paeth", "all"],
        msgspec.Meta(
            description="Row filter: 'none' suits flat graphics, 'all' (libpng's choice row by "
            "row) photographs; libpng then makes the file whatever the effort. Default 'auto': "
            "what 'effort' finds; where that is 'fast', what does better on a sample of the rows."
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
            "100. Without a palette PNG is lossless, whatever number stands here. 'good', 'high', "
            "'visually-lossless' or {score: N} take a palette if it looks as good and is smaller."
        ),
    ] = 100
    # In CPU seconds a megapixel, for sizes of lossless graphics: 'fast' costs 0.05 for 1.39,
    # oxipng 2 0.6 for 1.06, with the best deflate 1.2 for 1.02, 4 costs 5 for 1.02, zopfli with
    # all filters 40 or more for 1. Photographs: 0.1 for 1.05, and 1.005 from oxipng 2 on.
    effort: Annotated[
        EffortWord | Annotated[int, msgspec.Meta(ge=1, le=10)],
        msgspec.Meta(
            description="CPU spent on size: 'fast' is libpng alone, 'balanced' (default) oxipng, "
            "'max' oxipng with zopfli, 30 times slower, in pictures of up to 250,000 pixels. "
            "Over 40 megapixels all are libpng. A number, 1 to 10, is libpng too, and what is "
            "spent on the palette."
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
        """Save with the options asked for."""
        return self.squeeze(self.draft(image, keep))

    def draft(self, image: Image, keep: int) -> bytes:
        """Return a file that is hardly compressed, where oxipng is to come."""
        return (
            self._save(image, keep, hasty=True) if self._packs(image) else self._plain(image, keep)
        )

    def squeeze(self, draft: bytes) -> bytes:
        """Return the draft as oxipng packs it, or else libpng."""
        image = libvips().Image.new_from_buffer(draft, "")
        if not self._packs(image):
            return draft
        same = {"same_depth": self.bit_depth is not None, "same_type": self._few_bits}
        if self.effort != "max":
            tries = [oxipng.packed(draft, 2, deflate=oxipng.BEST_DEFLATE, **same)]
        else:
            tries = [oxipng.packed(draft, 4, **same)]
            if image.width * image.height <= _MOST_FOR_ZOPFLI:
                tries.append(oxipng.packed(draft, 2, zopfli=_ZOPFLI_ROUNDS, **same))
        return min((one for one in tries if one), key=len, default=None) or self._plain(image, _ALL)

    @classmethod
    def versions(cls) -> tuple[str, ...]:
        """Return that of oxipng."""
        return (version_of(oxipng.PACKAGE),)

    def ways(self, nature: Nature, score: float) -> tuple[Encoder, ...]:
        """Return the palette, not dithered unless that was asked for: it looks no worse for it.

        Photographs are not tried: no palette looks as good.
        """
        if self.palette or self._few_bits:
            return (self,)
        if self.bit_depth == _SHORT or (score >= _NO_PALETTE and not nature.graphic):
            return ()
        return (msgspec.structs.replace(self, palette=True, dither=0.0),)

    def lossless_way(self) -> Encoder | None:
        """Return the encoder without a palette, unless one was asked for."""
        if self.palette or self._few_bits:
            return None
        return msgspec.structs.replace(self, quality="lossless", max_bytes=None)

    def target(self, goal: float) -> float:
        """Return a higher score than the goal: only a palette is searched for."""
        return target(goal)

    @property
    def curve(self) -> str:
        """Return that of palettes: nothing else has one."""
        return "palette"

    @property
    def _few_bits(self) -> bool:
        """Whether a palette is asked for by its bits."""
        return self.bit_depth is not None and self.bit_depth < _BYTE

    def _packs(self, image: Image) -> bool:
        return (
            self.effort in {"balanced", "max"}
            and self.compression is None
            and self.filter == "auto"
            and image.width * image.height <= oxipng.MOST_PIXELS
            and oxipng.available()
        )

    def _plain(self, image: Image, keep: int) -> bytes:
        """Save by libpng alone, trying row filters where none is named."""
        if self.palette or self._few_bits:
            return self._save(image, keep)
        if self.filter != "auto":
            return self._save(image, keep, _FILTERS.get(self.filter, self.filter))
        image = settle(image)
        if image.width * image.height <= _SMALL:
            tries = (self._save(image, keep, name) for name in ("none", "all"))
            return min(tries, key=len)
        return self._save(image, keep, self._better_filter(image))

    def _save(
        self, image: Image, keep: int, row_filter: str = "none", *, hasty: bool = False
    ) -> bytes:
        usual = _HASTY_COMPRESSION if hasty else _USUAL_COMPRESSION
        if self.palette or self._few_bits:
            # A palette is weighed against a lossless file, and takes no time to compress.
            usual = _USUAL_COMPRESSION
            options = self._palette()
        else:
            depth = self.bit_depth or (_SHORT if image.format == "ushort" else _BYTE)
            options = {"bitdepth": depth}
            if depth == _SHORT and image.format == "uchar":
                image = image.colourspace("grey16" if image.interpretation == "b-w" else "rgb16")
        options["filter"] = row_filter
        data: bytes = image.pngsave_buffer(
            compression=usual if self.compression is None else self.compression,
            interlace=self.interlace,
            keep=keep,
            **options,
        )
        return data

    def _palette(self) -> dict[str, Any]:
        depth = self.colours.bit_length() - 1
        return {
            "palette": True,
            "bitdepth": min(depth, self.bit_depth or depth),
            "Q": self.number or 100,
            "dither": self.dither,
            "effort": USUAL_EFFORT if isinstance(self.effort, str) else self.effort,
        }

    def _better_filter(self, image: Image) -> str:
        """Try two filters on three bands of rows; needs pixels in memory or in a file."""
        rows = min(_SAMPLE_ROWS, image.height)
        tops = [
            (image.height - rows) * part // (_SAMPLE_BANDS - 1) for part in range(_SAMPLE_BANDS)
        ]
        bands = [image.crop(0, top, image.width, rows) for top in tops]
        sample = libvips().Image.arrayjoin(bands, across=1)
        return min(("none", "all"), key=lambda name: len(self._save(sample, 0, name)))
