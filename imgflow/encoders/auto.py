"""``auto``: whichever of some formats makes the smallest file that looks as good as asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import msgspec

from imgflow.colours import OpaqueColour
from imgflow.encoders.encoder import Capabilities, Encoder
from imgflow.encoders.gif import Gif
from imgflow.encoders.goals import EffortWord, Level, MaxBytes, Score
from imgflow.encoders.heif import Avif
from imgflow.encoders.jpeg import Jpeg
from imgflow.encoders.png import Png
from imgflow.encoders.webp import Webp

if TYPE_CHECKING:
    from imgflow.nature import Nature

Allowed = Literal["avif", "webp", "jpeg", "png", "gif"]


class Auto(Encoder, frozen=True, tag="auto"):
    """Whichever of some formats makes the smallest file at one score; known once it is encoded."""

    capabilities: ClassVar[Capabilities] = Capabilities(
        media_type="application/octet-stream",
        extensions=("auto",),
        longest=65500,
        alpha=True,
        animation=True,
        lossless=True,
        lossy=True,
        gray=True,
        metadata=("exif", "xmp", "icc"),
    )

    quality: Annotated[
        Level | Score,
        msgspec.Meta(
            description="How good it must look: 'good', 'high' (default), 'visually-lossless' or "
            "{score: N}.",
            examples=["high"],
        ),
    ] = "high"
    allow: Annotated[
        tuple[Allowed, ...],
        msgspec.Meta(
            min_length=1,
            description="The formats to choose from. Default: avif, webp, jpeg, png and gif. "
            "[jpeg, png, gif] is what every browser and mail program reads.",
            examples=[["webp", "jpeg", "png"]],
        ),
    ] = ("avif", "webp", "jpeg", "png", "gif")
    effort: Annotated[
        EffortWord, msgspec.Meta(description="CPU spent on size; see the formats.")
    ] = "balanced"
    max_bytes: MaxBytes | None = None
    background: Annotated[
        OpaqueColour,
        msgspec.Meta(
            description="What transparency is laid on where no allowed format has any. "
            "Default 'white'."
        ),
    ] = "white"

    def choices(self, nature: Nature) -> tuple[Encoder, ...]:
        """Return the formats that suit a picture of this nature, best first."""
        everything = self.outlines()
        suited = [one for one in everything if _suits(one, nature)]
        return tuple(suited) or everything[:1]

    def outlines(self) -> tuple[Encoder, ...]:
        """Return the encoders of all allowed formats, in the order in which they are named."""
        said = {key: getattr(self, key) for key in ("quality", "effort", "max_bytes")}
        known: dict[str, Encoder] = {
            "avif": Avif(**said),
            "webp": Webp(**said),
            "jpeg": Jpeg(**said, background=self.background),
            "png": Png(**said),
            "gif": Gif(effort=self.effort),
        }
        return tuple(known[name] for name in dict.fromkeys(self.allow))


def _suits(encoder: Encoder, nature: Nature) -> bool:
    can = encoder.capabilities
    if nature.animated:
        return can.animation
    if encoder.name() == "gif":
        return False
    if nature.alpha and not can.alpha:
        return False
    if nature.graphic:
        return encoder.name() in {"webp", "png"}
    return encoder.name() != "png" or nature.alpha
