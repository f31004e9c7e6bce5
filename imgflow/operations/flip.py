"""Flip: turn the picture upside down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from imgflow.operations.operation import ANY_SHRINK, Operation

if TYPE_CHECKING:
    from imgflow.frames import Picture
    from imgflow.geometry import Size


class Flip(Operation, frozen=True, tag="flip"):
    """Mirror the picture top to bottom."""

    example: ClassVar[dict[str, Any]] = {"op": "flip"}

    def apply(self, picture: Picture) -> Picture:
        """Reverse the rows of each frame; the last comes first, so all are decoded."""
        return picture.random_access().map(lambda image: image.flipver(), picture.size)

    def outline(self, size: Size) -> Size:
        """Leave the size alone."""
        return size

    def shrink(self, size: Size) -> float:  # noqa: ARG002
        """Do not care about the number of pixels."""
        return ANY_SHRINK
