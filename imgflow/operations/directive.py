"""What the steps have in common that say how the result is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from imgflow.operations.operation import ANY_SHRINK, Operation

if TYPE_CHECKING:
    from imgflow.frames import Picture
    from imgflow.geometry import Size


class Directive(Operation, frozen=True):
    """A step for whoever encodes; the last one of a kind in a chain counts."""

    changes_pixels: ClassVar[bool] = False

    def apply(self, picture: Picture) -> Picture:
        """Leave the pixels alone: whoever encodes asks the chain for its directives."""
        return picture

    def outline(self, size: Size) -> Size:
        """Leave the size alone."""
        return size

    def shrink(self, size: Size) -> float:  # noqa: ARG002
        """Do not care about pixels."""
        return ANY_SHRINK
