"""Crop: a region, an aspect or a size, placed by hand, by compass or by what is in the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import msgspec

from imgflow.colours import Colour
from imgflow.errors import OperationError
from imgflow.geometry import Box, Size, centre_on, largest_with_aspect, parse_aspect, place
from imgflow.notes import Note
from imgflow.operations.aspects import Aspect
from imgflow.operations.canvas import backdrop, extend
from imgflow.operations.cutting import cut
from imgflow.operations.extent import check_grown
from imgflow.operations.gravity import SMART, Gravity, analysis_shrink, choose_box
from imgflow.operations.operation import ANY_SHRINK, Operation
from imgflow.operations.regions import Length, Position, measure
from imgflow.rules import AnyOf, Excludes, Needs, OnlyWith, Rule

if TYPE_CHECKING:
    from imgflow.frames import Picture

#: Decoders reduce by these factors, so a region must be a multiple of one to stay exact.
_FACTORS = (8, 4, 2)

Shares = Annotated[
    tuple[Annotated[float, msgspec.Meta(ge=0, le=1)], ...],
    msgspec.Meta(
        min_length=2,
        max_length=2,
        description="The point to keep nearest to the middle, as shares of width and height: "
        "[0, 0] is the top left corner, [1, 1] the bottom right one. Instead of `gravity`.",
        examples=[[0.3, 0.6]],
    ),
]


class Crop(Operation, frozen=True, tag="crop"):
    """Cut out a part: a region (x, y, width, height), or an aspect or a size, placed by gravity.

    An aspect is cut as large as it fits. Lengths are in pixels, or in percent as "25%".
    """

    rules: ClassVar[tuple[Rule, ...]] = (
        AnyOf(("aspect", "width")),
        Excludes("aspect", ("x", "y", "width", "height")),
        Needs("width", ("height",)),
        Needs("height", ("width",)),
        Needs("x", ("y", "width", "height")),
        Needs("y", ("x", "width", "height")),
        Excludes("x", ("gravity", "focus")),
        Excludes("focus", ("gravity",)),
        OnlyWith("background", "when_small", ("pad",)),
    )
    example: ClassVar[dict[str, Any]] = {"op": "crop", "aspect": "16:9", "gravity": "attention"}

    x: Annotated[Position, msgspec.Meta(description="Left edge, from the left.")] | None = None
    y: Annotated[Position, msgspec.Meta(description="Top edge, from the top.")] | None = None
    width: Annotated[Length, msgspec.Meta(description="Width.")] | None = None
    height: Annotated[Length, msgspec.Meta(description="Height.")] | None = None
    aspect: Annotated[Aspect, msgspec.Meta(description="Width to height.")] | None = None
    gravity: Annotated[
        Gravity,
        msgspec.Meta(
            description="Which part to keep. A compass direction or centre; attention looks for "
            "what draws the eye, entropy for detail, faces keeps every face if it can and "
            "falls back to attention. Default: centre."
        ),
    ] = "centre"
    focus: Shares | None = None
    when_small: Annotated[
        Literal["clamp", "pad", "error"],
        msgspec.Meta(
            description="If the picture is smaller than the region, or the region reaches "
            "outside. clamp: keep what there is, the result is smaller. pad: fill the rest "
            "with `background`. error: the image fails. Default: clamp."
        ),
    ] = "clamp"
    background: (
        Annotated[
            Colour,
            msgspec.Meta(
                description="Colour for `when_small: pad`. Default: transparent if the picture "
                "has transparency, else white."
            ),
        ]
        | None
    ) = None

    def apply(self, picture: Picture) -> Picture:
        """Cut each frame at the same place, which is chosen on the first one.

        Raises OperationError if the region lies outside of the picture, or reaches outside
        with ``when_small: error``.
        """
        region = self._region(picture.size)
        visible = self._visible(region, picture.size)
        box, notes = visible, tuple[Note, ...]()
        if self._looks:
            picture = picture.random_access()
            box, notes = choose_box(picture, visible.size, self.gravity)
        part = cut(picture, box).noting(*notes)
        if visible.size == region.size:
            return part
        if self.when_small == "clamp":
            return part.noting(_smaller(region, visible, picture.size))
        return self._pad(part, region.size, visible.x - region.x, visible.y - region.y)

    def outline(self, size: Size) -> Size:
        """Return the size of the part; raises OperationError where :meth:`apply` would."""
        region = self._region(size)
        visible = self._visible(region, size)
        return region.size if self.when_small == "pad" else visible.size

    def shrink(self, size: Size) -> float:
        """Return the largest reduction that the region, or the search for one, can bear."""
        region = self._region(size)
        if self.when_small == "pad" and region.inside(size) != region:
            return 1.0
        if self.x is None:
            return analysis_shrink(size, self.gravity)
        pixels = [
            length
            for length in (self.x, self.y, self.width, self.height)
            if isinstance(length, int)
        ]
        if not pixels:
            return ANY_SHRINK
        fitting = (factor for factor in _FACTORS if not any(each % factor for each in pixels))
        return float(next(fitting, 1))

    @property
    def _looks(self) -> bool:
        """Whether the place depends on what is in the picture."""
        return self.gravity in SMART

    def _region(self, size: Size) -> Box:
        """Return the region asked for, in the centre if only the pixels can tell where."""
        if self.x is not None:
            return measure(self.x, self.y or 0, self.width or 1, self.height or 1, size)
        if self.aspect is not None:
            asked = largest_with_aspect(size, parse_aspect(self.aspect))
        else:
            asked = measure(0, 0, self.width or 1, self.height or 1, size).size
        x, y = place(asked, size, "centre" if self._looks else self.gravity)
        if self.focus:
            inner = asked.within(size)
            near = centre_on(inner, size, self.focus[0] * size.width, self.focus[1] * size.height)
            x = near.x if inner.width == asked.width else x
            y = near.y if inner.height == asked.height else y
        return Box(x, y, *asked)

    def _visible(self, region: Box, size: Size) -> Box:
        """Return the part of the region that lies inside; raises OperationError if that fails."""
        visible = region.inside(size)
        if visible is None:
            message = (
                f"crop: expected a region inside of the picture of {size.width}x{size.height}, "
                f"found {_told(region)}, which lies wholly outside; move it"
            )
            raise OperationError(message, code="crop-outside")
        if visible.size != region.size and self.when_small == "error":
            message = (
                f"crop: expected a picture that holds {_told(region)}, found one of "
                f"{size.width}x{size.height}; choose a smaller region or when_small: clamp or pad"
            )
            raise OperationError(message, code="crop-too-small")
        return visible

    def _pad(self, picture: Picture, size: Size, x: int, y: int) -> Picture:
        check_grown("crop", size, picture.frames)
        colour = backdrop(picture, self.background)
        return picture.map(lambda image: extend(image, x, y, size, colour), size)


def _told(region: Box) -> str:
    return f"{region.width}x{region.height} at ({region.x}, {region.y})"


def _smaller(region: Box, visible: Box, size: Size) -> Note:
    message = (
        f"crop: {region.width}x{region.height} was asked for, but the picture of "
        f"{size.width}x{size.height} has only {visible.width}x{visible.height} there; "
        "when_small: pad fills the rest, error refuses"
    )
    details = {"asked": [*region.size], "size": [*visible.size]}
    return Note("warning", "smaller-than-asked", message, details)
