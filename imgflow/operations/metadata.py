"""Metadata: which of the source's metadata the result keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import msgspec

from imgflow.metadata import Group, Keep
from imgflow.operations.directive import Directive

if TYPE_CHECKING:
    from imgflow.frames import Picture


class Metadata(Directive, frozen=True, tag="metadata"):
    """Say which metadata the result keeps, in place of the output's own policy."""

    example: ClassVar[dict[str, Any]] = {"op": "metadata", "keep": ["copyright", "exif"]}

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
