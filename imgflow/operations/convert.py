"""Convert: the format and the options that the result is written with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from imgflow.encoders import Encoder, parse_encoder
from imgflow.operations.directive import Directive

if TYPE_CHECKING:
    from collections.abc import Mapping


class Convert(Directive, frozen=True, tag="convert"):
    """Write the result in another format, or in the same with other options.

    It never encodes by itself: pixel steps may follow it, and the last one wins.
    """

    example: ClassVar[dict[str, Any]] = {"op": "convert", "format": "webp", "quality": 80}

    encoder: Encoder

    @classmethod
    def parse(cls, fields: Mapping[str, Any]) -> Self:
        """Take the options of the format beside ``format``, flat, as an output does."""
        options = {key: value for key, value in fields.items() if key != "op"}
        return cls(encoder=parse_encoder(options))

    def fields(self) -> dict[str, Any]:
        """Return ``op``, ``format`` and the options, flat."""
        return {"op": self.name(), **self.encoder.fields()}
