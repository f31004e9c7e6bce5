"""Optimize: the result in as few bytes as can be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import msgspec

from imgflow.encoders.goals import Level, Lossless, Quality, Score
from imgflow.operations.directive import Directive
from imgflow.repack.thrift import Effort, Thrift

if TYPE_CHECKING:
    from collections.abc import Collection

    from imgflow.encoders import Encoder

#: What 'lossless' comes to where there are new pixels, and the format loses some of them.
_NEXT_TO_LOSSLESS = "high"
#: Options that say what may be lost.
_QUALITIES = {"lossless", "near_lossless", "palette", "quality"}


class Optimize(Directive, frozen=True, tag="optimize"):
    """Write the result in as few bytes as can be, never in more than the source has.

    Without loss, a source that no step changes keeps every pixel: JPEG gets better scans of the
    same coefficients, PNG, lossless WebP and GIF are packed harder, other files stay as they
    are. It never encodes by itself: steps may follow it, and the format is that of the
    output, of `convert` or of the source.
    """

    example: ClassVar[dict[str, Any]] = {"op": "optimize", "quality": "high"}

    quality: Annotated[
        Quality | Lossless | Level | Score,
        msgspec.Meta(
            description="What may be lost: 'lossless' (default), how good it must look ('good', "
            "'high', 'visually-lossless' or {score: N}), or a quality, 1 to 100. What was "
            "compressed with loss is marked, and not compressed again. Where steps change pixels, "
            "and the format is a lossy one, 'lossless' comes to 'high'.",
            examples=["lossless", "high", 85],
        ),
    ] = "lossless"
    effort: Annotated[
        Effort,
        msgspec.Meta(
            description="CPU spent on size: 'balanced' (default), or 'max': the last percent, in "
            "several times the time."
        ),
    ] = "balanced"

    def direct(self, encoder: Encoder, said: Collection[str]) -> tuple[Encoder, Thrift]:
        """Return an encoder as this step has it, and what is asked of the file.

        Options that were ``said`` of the encoder itself count more.
        """
        changes: dict[str, Any] = {}
        lossless = self.quality == "lossless"
        if _QUALITIES & set(said):
            lossless = encoder.wish == "lossless"
        elif "quality" in encoder.options() and (encoder.capabilities.lossy or not lossless):
            changes["quality"] = _NEXT_TO_LOSSLESS if lossless else self.quality
        if "effort" in encoder.options() and "effort" not in said:
            changes["effort"] = self.effort
        return msgspec.structs.replace(encoder, **changes), Thrift(lossless, self.effort)
