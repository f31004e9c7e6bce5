"""Metadata: which of the source's metadata the result keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import msgspec

from imgflow.metadata import Group, Keep
from imgflow.operations.operation import ANY_SHRINK, Operation

if TYPE_CHECKING:
    from imgflow.frames import Picture
    from imgflow.geometry import Size


class Metadata(Operation, frozen=True, tag="metadata"):
    """Say which metadata the result keeps, in place of the output's own policy."""

    example: ClassVar[dict[str, Any]] = {"op": "metadata", "keep": ["copyright", "exif"]}
    changes_pixels: ClassVar[bool] = False

    keep: Annotated[
        tuple[Group, ...],
        msgspec.Meta(
            description="Groups to keep; none with an empty list. 'copyright' is copyright, "
            "artist and credit, wherever they stand; 'gps' is the position, which no other "
            "group keeps.",
            examples=[["copyright", "exif"], []],
        ),
    ]

    def apply(self, picture: Picture) -> Picture:
        """Set the policy for whoever encodes; the last one in a chain wins."""
        return picture.replace(metadata=Keep(keep=self.keep))

    def outline(self, size: Size) -> Size:
        """Leave the size alone."""
        return size

    def shrink(self, size: Size) -> float:  # noqa: ARG002
        """Do not care about pixels."""
        return ANY_SHRINK
