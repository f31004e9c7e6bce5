"""What an encoder is: the typed, frozen options of one file format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

import msgspec

from imgflow.encoders.goals import Wish, count_bytes, goal_of
from imgflow.errors import RecipeError
from imgflow.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyvips import Image

    from imgflow.nature import Nature

MetadataGroup = Literal["exif", "xmp", "iptc", "icc"]

Chroma = Annotated[
    Literal["auto", "4:2:0", "4:4:4"],
    msgspec.Meta(
        description="How finely colour is sampled: '4:2:0' halves it, '4:4:4' keeps sharp "
        "coloured edges. Default 'auto': 4:4:4 from quality 90 up, else 4:2:0.",
    ),
]

_FULL_CHROMA_FROM = 90


class Capabilities(msgspec.Struct, frozen=True, kw_only=True):
    """What a file format can hold, as imgflow writes it.

    ``extensions`` without the dot, the usual one first; ``longest`` is the largest width
    or height in pixels; ``bits`` the largest number of bits a channel; ``gray`` says that
    there are files of one channel; ``metadata`` names the groups that survive.
    """

    media_type: str
    extensions: tuple[str, ...]
    longest: int
    alpha: bool = False
    animation: bool = False
    lossless: bool = False
    lossy: bool = False
    gray: bool = False
    cmyk: bool = False
    bits: int = 8
    metadata: tuple[MetadataGroup, ...] = ()


class Encoder(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="format",
):
    """The options of one format. A subclass declares them and calls libvips' saver."""

    capabilities: ClassVar[Capabilities]
    rules: ClassVar[tuple[Rule, ...]] = ()
    #: Points by which another decoder may find a file worse, or better.
    doubt: ClassVar[float] = 0.0

    def encode(self, image: Image, keep: int) -> bytes:
        """Return the file. The image has channels and colours that the format can hold.

        ``keep`` says what metadata to write: libvips' ``VipsForeignKeep`` flags. Raises
        EncodeError for options that do not suit this image.
        """
        raise NotImplementedError

    def draft(self, image: Image, keep: int) -> bytes:
        """Return a file with the pixels that :meth:`encode` gives, made as quickly as can be."""
        return self.encode(image, keep)

    def squeeze(self, draft: bytes) -> bytes:
        """Return what :meth:`encode` makes of a draft: the same pixels, and fewer bytes."""
        return draft

    def repeats(self, source: bytes, made: bytes) -> bool:  # noqa: ARG002
        """Tell whether a source shows that it was encoded before just as a file made of it.

        Another loss has then nothing to win but the picture's wear. False where that is not seen.
        """
        return False

    @property
    def wish(self) -> Wish | None:
        """What ``quality`` says; None where the format has no such option."""
        wish: Wish | None = getattr(self, "quality", None)
        return wish

    @property
    def number(self) -> int | None:
        """The quality where it is a plain number, 1 to 100."""
        return self.wish if isinstance(self.wish, int) else None

    @property
    def goal(self) -> float | None:
        """The score to reach, or None where the options say exactly how to encode."""
        return goal_of(self.wish)

    @property
    def loses(self) -> bool:
        """Whether pixels are changed to save bytes."""
        if self.wish == "lossless" or getattr(self, "lossless", False):
            return False
        return self.capabilities.lossy or getattr(self, "palette", False)

    @property
    def spares_nothing(self) -> bool:
        """Whether all the CPU is to be spent that may save a byte."""
        return getattr(self, "effort", None) == "max"

    @property
    def most_bytes(self) -> int | None:
        """The size that the file may not pass, if there is one."""
        cap = getattr(self, "max_bytes", None)
        return None if cap is None else count_bytes(cap)

    def frames_of(self, frames: int) -> int:
        """Return how many of so many frames a file has: all, or the first."""
        return frames if self.capabilities.animation else 1

    def ways(self, nature: Nature, score: float) -> tuple[Encoder, ...]:  # noqa: ARG002
        """Return the ways to reach a score, the likeliest first, as encoders to give a quality.

        None where the format is lossless anyway, or cannot trade bytes for quality.
        """
        return ()

    def at(self, quality: int) -> Self:
        """Return the encoder at a plain quality, with no score or size to meet."""
        plain: dict[str, int | None] = {"quality": quality}
        if "max_bytes" in self.options():
            plain["max_bytes"] = None
        return msgspec.structs.replace(self, **plain)

    def lossless_way(self) -> Encoder | None:
        """Return the encoder that loses nothing, if the format has one."""
        return None

    def choices(self, nature: Nature) -> tuple[Encoder, ...]:  # noqa: ARG002
        """Return the encoders of which the smallest file is taken: only ``auto`` has several."""
        return (self,)

    def outlines(self) -> tuple[Encoder, ...]:
        """Return one encoder for each format that may come of it."""
        return (self,)

    def target(self, goal: float) -> float:
        """Return the score that this way must have for a goal: more where scores flatter it."""
        return goal

    @property
    def curve(self) -> str:
        """Return the name of the curve that tells what score a quality gives."""
        return self.name()

    @property
    def sampling(self) -> str:
        """Return how finely colour is sampled, ``4:2:0`` or ``4:4:4``; empty where that is moot."""
        return ""

    @classmethod
    def versions(cls) -> tuple[str, ...]:
        """Return the versions of the software that the bytes depend on, beside libvips."""
        return ()

    @property
    def backdrop(self) -> str:
        """Return the colour that transparency is laid on where the format has none."""
        return "white"

    @classmethod
    def available(cls) -> bool:
        """Tell whether the libvips at hand can write this format."""
        return True

    @classmethod
    def parse(cls, options: Mapping[str, Any]) -> Self:
        """Build the encoder from ``{"format": "webp", "quality": 80}``; raises RecipeError."""
        try:
            encoder = msgspec.convert(options, cls)
        except msgspec.ValidationError as error:
            message = f"{cls.name()}: {error}"
            raise RecipeError(message, code="bad-parameter") from error
        for rule in cls.rules:
            if broken := rule.broken(options):
                message = f"{cls.name()}: {broken.message}"
                raise RecipeError(message, code="bad-parameter")
        return encoder

    def fields(self) -> dict[str, Any]:
        """Return the options as plain JSON, without those at their defaults."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain

    @classmethod
    def name(cls) -> str:
        """Return the name that ``format:`` has in a recipe."""
        return str(cls.__struct_config__.tag)

    @classmethod
    def options(cls) -> tuple[str, ...]:
        """Return the names of the options."""
        return cls.__struct_fields__

    @property
    def extension(self) -> str:
        """Return the usual extension, without the dot."""
        return self.capabilities.extensions[0]


def subsampling(chroma: str) -> dict[str, Any]:
    """Return libvips' options for a chroma; its own default is what we call auto."""
    if chroma == "auto":
        return {}
    return {"subsample_mode": "off" if chroma == "4:4:4" else "on"}


def has_full_chroma(chroma: str, quality: int) -> bool:
    """Tell whether colour is not subsampled, where libvips decides by quality."""
    return chroma == "4:4:4" or (chroma == "auto" and quality >= _FULL_CHROMA_FROM)
