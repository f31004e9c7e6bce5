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
from imgflow.encoders.palette import quantised, target
from imgflow.encoders.rules import Contradicts
from imgflow.frames import settle
from imgflow.rules import Excludes, Rule

if TYPE_CHECKING:
    from pyvips import Image

    from imgflow.nature import Nature

#: What the words for effort come to.
_EFFORTS = {"fast": 2, "balanced": 5, "max": 6}
#: Where nothing is lost, which is another coder, more may be larger, by 15 % now and then: the
#: smallest is taken.
_LOSSLESS_EFFORTS = {"fast": (0,), "balanced": (0, 2), "max": (0, 2, 4)}
#: The second is the least that finds what repeats itself, at no cost where colours are few.
_PALETTE_EFFORTS = (0, 1)
#: libwebp's quality of the lossless coder is CPU too: what libvips and what ``max`` gives.
_USUAL_CARE, _MOST_CARE = 75, 100


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
        Excludes("near_lossless", ("quality", "lossless", "palette")),
        Excludes("palette", ("lossless",)),
        Contradicts("quality", "lossless", "lossless", other=False),
        Contradicts("quality", "lossless", "palette", other=True),
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
    palette: Annotated[
        bool,
        msgspec.Meta(
            description="Reduce to a palette of at most 256 colours and keep that exactly; "
            "'quality' is that of the palette: fewer colours where they do. Good for charts and "
            "screenshots. Default false."
        ),
    ] = False
    alpha_quality: Annotated[
        int,
        msgspec.Meta(ge=0, le=100, description="Quality of the transparency. Default 100."),
    ] = 100
    # At one SSIMULACRA2 score of 80, in CPU milliseconds a megapixel, colour sampled smartly or
    # not: 4 costs 120 for a size of 1.06, 4 smartly 260 for 1.025, 5 smartly 260 for 1.02, 6
    # smartly 400 for 1. Lossless graphics and photographs: 0 costs 80 for 1.4 and 1.14, 2 costs
    # 250 and 520 for 1.02 and 1.01, trying 2 and 4 with the greatest care 2000 for 1.
    effort: Annotated[
        EffortWord | Annotated[int, msgspec.Meta(ge=0, le=6)],
        msgspec.Meta(
            description="CPU spent on size: 'fast', 'balanced' (default) or 'max', or libwebp's "
            "own number, 0 to 6. The words are 2, 5 and 6, the latter two with smart_subsample "
            "and the preset 'default'; where lossless 0 (palette: 1), 2 and 4, or less where "
            "that is smaller.",
        ),
    ] = "balanced"
    max_bytes: MaxBytes | None = None
    preset: (
        Annotated[
            Literal["default", "picture", "photo", "drawing", "icon", "text"],
            msgspec.Meta(
                description="The kind of picture to tune for. By default 'photo', and 'default' "
                "with effort 'balanced' and 'max'."
            ),
        ]
        | None
    ) = None
    smart_subsample: (
        Annotated[
            bool,
            msgspec.Meta(
                description="Keep sharp coloured edges; takes twice the time. By default so with "
                "effort 'balanced' and 'max'."
            ),
        ]
        | None
    ) = None

    def encode(self, image: Image, keep: int) -> bytes:
        """Save; frames and their times are in the image's header."""
        if not (self._is_exact or self.palette):
            return self._save(image, keep, **self._lossy())
        pixels = quantised(image, self._number, keep) if self.palette else image
        if self.near_lossless is not None:
            wish: dict[str, Any] = {"near_lossless": True, "Q": self.near_lossless}
        else:
            care = _MOST_CARE if self.effort == "max" else _USUAL_CARE
            wish = {"lossless": True, "exact": True, "Q": care}
        efforts = _LOSSLESS_EFFORTS[self.effort] if isinstance(self.effort, str) else (self.effort,)
        if self.palette and self.effort == "fast":
            efforts = _PALETTE_EFFORTS
        if len(efforts) > 1:
            pixels = settle(pixels)
        return min((self._save(pixels, keep, effort=one, **wish) for one in efforts), key=len)

    def ways(self, nature: Nature, score: float) -> tuple[Encoder, ...]:  # noqa: ARG002
        """Return the modes that may reach a score, all but the first for where that cannot.

        Plain areas take a palette, which beats near-lossless at any score; coloured edges take
        a careful sampling of colour. A palette for all frames of an animation would do for few.
        """
        if self.lossless or self.palette:
            return (self,) if self.palette else ()
        careful = msgspec.structs.replace(self, smart_subsample=True)
        lossy = (careful,) if self._samples_smartly or nature.graphic else (self, careful)
        if not nature.graphic or nature.animated:
            return lossy
        few = msgspec.structs.replace(self, palette=True)
        return (*lossy, few) if nature.mixed else (few, *lossy)

    def lossless_way(self) -> Encoder | None:
        """Return the lossless mode, unless a palette was asked for."""
        if self.palette:
            return None
        return msgspec.structs.replace(self, quality="lossless", max_bytes=None)

    def target(self, goal: float) -> float:
        """Return a higher score for a palette."""
        return target(goal) if self.palette else goal

    @property
    def curve(self) -> str:
        """Return the format with its effort, which shifts its scores; or that of palettes."""
        if self.palette:
            return "palette"
        return f"webp-{spent(self.effort, _EFFORTS)}{'-smart' * self._samples_smartly}"

    @property
    def sampling(self) -> str:
        """Return that of the lossy mode."""
        return "" if self._is_exact or self.palette else "4:2:0"

    @property
    def _takes_care(self) -> bool:
        return self.effort in {"balanced", "max"}

    @property
    def _samples_smartly(self) -> bool:
        return self._takes_care if self.smart_subsample is None else self.smart_subsample

    @property
    def _is_exact(self) -> bool:
        """Whether the lossless coder is used, of which near-lossless is a mode."""
        return self.lossless or self.quality == "lossless" or self.near_lossless is not None

    @property
    def _number(self) -> int:
        """The quality, once it is a number: whoever encodes has found one for a score."""
        return self.number or 100

    def _lossy(self) -> dict[str, Any]:
        return {
            "Q": self._number,
            "preset": self.preset or ("default" if self._takes_care else "photo"),
            "smart_subsample": self._samples_smartly,
            "effort": spent(self.effort, _EFFORTS),
        }

    def _save(self, image: Image, keep: int, **options: Any) -> bytes:  # noqa: ANN401
        data: bytes = image.webpsave_buffer(alpha_q=self.alpha_quality, keep=keep, **options)
        return data
