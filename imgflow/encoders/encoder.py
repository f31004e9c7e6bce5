"""What an encoder is: the typed, frozen options of one file format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

import msgspec

from imgflow.errors import RecipeError
from imgflow.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyvips import Image


class Capabilities(msgspec.Struct, frozen=True, kw_only=True):
    """What a file format can hold.

    ``extensions`` without the dot, the usual one first; ``longest`` is the largest width
    or height in pixels; ``bits`` the largest number of bits a channel.
    """

    media_type: str
    extensions: tuple[str, ...]
    longest: int
    alpha: bool = False
    animation: bool = False
    lossless: bool = False
    lossy: bool = False
    bits: int = 8
    metadata: tuple[str, ...] = ()


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

    def encode(self, image: Image, keep: int) -> bytes:
        """Return the file. The image already has the channels and depth the format takes.

        ``keep`` says what metadata to write: libvips' ``VipsForeignKeep`` flags.
        """
        raise NotImplementedError

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

    @property
    def extension(self) -> str:
        """Return the usual extension, without the dot."""
        return self.capabilities.extensions[0]
