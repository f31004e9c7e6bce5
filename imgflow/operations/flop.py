"""Flop: swap left and right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from imgflow.operations.operation import ANY_SHRINK, Operation

if TYPE_CHECKING:
    from imgflow.frames import Picture
    from imgflow.geometry import Size


class Flop(Operation, frozen=True, tag="flop"):
    """Mirror the picture left to right."""

    example: ClassVar[dict[str, Any]] = {"op": "flop"}

    def apply(self, picture: Picture) -> Picture:
        """Reverse the columns of each frame, row by row as they stream past."""
        return picture.map(lambda image: image.fliphor(), picture.size)

    def outline(self, size: Size) -> Size:
        """Leave the size alone."""
        return size

    def shrink(self, size: Size) -> float:  # noqa: ARG002
        """Do not care about the number of pixels."""
        return ANY_SHRINK
