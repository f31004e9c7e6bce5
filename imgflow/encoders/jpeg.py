"""JPEG, by jpegli and mozjpeg, and by mozjpeg inside libvips."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import msgspec

from imgflow.colours import OpaqueColour
from imgflow.containers.jpeg import manner
from imgflow.containers.malformed import MalformedError
from imgflow.encoders import jpegli, scans
from imgflow.encoders.encoder import Capabilities, Chroma, Encoder, has_full_chroma
from imgflow.encoders.goals import EffortWord, Level, MaxBytes, Quality, Score, spent
from imgflow.encoders.mozjpeg import PROGRESSIVE_ABOVE, TRELLIS, Mozjpeg
from imgflow.encoders.optional import version_of

if TYPE_CHECKING:
    from pyvips import Image

    from imgflow.nature import Nature

#: What the words for effort come to.
_EFFORTS = {"fast": 0, "balanced": 3, "max": 3}
#: Where 4:2:0 reaches a score, its file is the smaller one, up to about this score.
_FULL_CHROMA_FROM = 92


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
    # Size at one SSIMULACRA2 score of 80, that of 'fast' (6 CPU ms a megapixel) being 1:
    # 1 0.925 (18), 2 0.900 (44), 3 0.881 (80), 'balanced' 0.845 (46), and the smallest that
    # 'max' finds 0.842.
    effort: Annotated[
        EffortWord | Annotated[int, msgspec.Meta(ge=0, le=3)],
        msgspec.Meta(
            description="CPU spent on size: 'fast' (plain, and baseline unless 'progressive' is "
            "said), 'balanced' (default: jpegli, then the smallest scans) or 'max' (mozjpeg is "
            "tried too where a score is asked for). A number is mozjpeg's way alone: 0 nothing "
            "(a progressive file is as with 1), 1 optimised Huffman tables, 2 also optimised "
            "progressive scans, 3 also trellis quantisation.",
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
        if self._scans_apart:
            return self.squeeze(self.draft(image, keep))
        if self.progressive is not None or self.effort == "fast":
            return self._mozjpeg.save(image, keep, progressive=bool(self.progressive))
        return self._mozjpeg.save_by_size(image, keep)

    def draft(self, image: Image, keep: int) -> bytes:
        """Return a baseline file, by jpegli where it can make one that will be progressive.

        Its own files have Huffman tables for any picture, a tenth more bytes than mozjpeg's.
        """
        if not self._scans_apart:
            return self.encode(image, keep)
        if self.sampling == "4:2:0" and self.progressive is not False and jpegli.suits(image):
            image = image.copy_memory()
            data = jpegli.encode(image, self._number, keep)
            if data and (self.progressive or len(data) > PROGRESSIVE_ABOVE):
                return data
        return self._mozjpeg.save(image, keep, progressive=False)

    def squeeze(self, draft: bytes) -> bytes:
        """Return the draft in progressive scans where these are due."""
        fits = self.progressive is None and len(draft) <= PROGRESSIVE_ABOVE
        if fits or self.progressive is False or not self._scans_apart:
            return draft
        return scans.rescanned(draft)

    def repeats(self, source: bytes, made: bytes) -> bool:
        """Compare sampling, mode and quantisation tables, which tell the encoder and its quality.

        What jpegli and trellis quantisation round off once, they would find and round again.
        """
        try:
            return manner(source) == manner(made)
        except MalformedError:
            return False

    @classmethod
    def versions(cls) -> tuple[str, ...]:
        """Return those of jpegli, and of mozjpeg where it writes the scans."""
        return version_of(jpegli.PACKAGE), version_of(scans.PACKAGE)

    def ways(self, nature: Nature, score: float) -> tuple[Encoder, ...]:
        """Return both samplings of colour, the likelier first, unless one is said.

        With the most effort that is by each coder that may make the smallest file. Scans save
        7 % and more in small files too, so that these are progressive where a score is asked for.
        """
        if self.chroma == "4:4:4":
            return (self._sampled("4:4:4"),)
        half = self._sampled("4:2:0")
        halves = [half, self._sampled("4:2:0", TRELLIS)] if self._tries_all else [half]
        if self.chroma != "auto":
            return tuple(halves)
        full = self._sampled("4:4:4")
        full_first = nature.graphic or score >= _FULL_CHROMA_FROM
        return (full, *halves) if full_first else (*halves, full)

    def _sampled(self, chroma: str, effort: int | None = None) -> Encoder:
        changes: dict[str, Any] = {"chroma": chroma}
        if self.progressive is None and self._scans_apart:
            changes["progressive"] = True
        if effort is not None:
            changes["effort"] = effort
        return msgspec.structs.replace(self, **changes)

    @property
    def _tries_all(self) -> bool:
        """Whether mozjpeg is to be tried beside jpegli, which is there."""
        return self.spares_nothing and self._sampled("4:2:0").curve == "jpegli"

    @property
    def curve(self) -> str:
        """Return the coder, with its sampling where it has two."""
        if self._scans_apart and self.sampling == "4:2:0" and jpegli.available():
            return "jpegli"
        coder = "mozjpeg" if self._mozjpeg.effort >= TRELLIS else "libjpeg"
        return f"{coder}-{self.sampling}"

    @property
    def sampling(self) -> str:
        """Return that which is written, for colour."""
        return "4:4:4" if has_full_chroma(self.chroma, self.number or 0) else "4:2:0"

    @property
    def _scans_apart(self) -> bool:
        """Whether the pixels are coded first, and the scans of the file are chosen then."""
        return self.effort in {"balanced", "max"} and scans.available()

    @property
    def _mozjpeg(self) -> Mozjpeg:
        return Mozjpeg(self._number, self.chroma, spent(self.effort, _EFFORTS))

    @property
    def _number(self) -> int:
        """The quality, once it is a number: whoever encodes has found one for a score."""
        return self.number or 100
