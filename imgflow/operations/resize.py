"""Resize: to exact sizes, in percent, or to fit bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

import msgspec

from imgflow.colours import Colour
from imgflow.geometry import Box, Size, centre_on, largest_with_aspect, place
from imgflow.notes import Note
from imgflow.operations.canvas import backdrop, extend
from imgflow.operations.cutting import cut
from imgflow.operations.extent import LONGEST, check_grown
from imgflow.operations.gravity import SMART, Gravity, analysis_shrink, choose_box
from imgflow.operations.operation import Operation
from imgflow.operations.resampling import reduce_loosely, resample
from imgflow.rules import AnyOf, Excludes, Needs, OnlyWith, Rule

if TYPE_CHECKING:
    from imgflow.frames import Picture

#: A change of aspect above this share is worth a warning.
_VISIBLE_DISTORTION = 0.02

Length = Annotated[int, msgspec.Meta(ge=1, le=LONGEST)]


class Resize(Operation, frozen=True, tag="resize"):
    """Change the size, with Lanczos3: one side, both sides, in percent, or within bounds.

    One side given: that side exactly, the other in proportion, rounded half up. Both sides
    without `fit`: exactly that size, distorted if need be, with a warning above 2 %.
    """

    rules: ClassVar[tuple[Rule, ...]] = (
        AnyOf(("width", "height", "percent")),
        Excludes("percent", ("width", "height", "fit", "preserve_aspect")),
        Excludes("preserve_aspect", ("fit",)),
        Needs("fit", ("width", "height")),
        OnlyWith("gravity", "fit", ("cover", "contain")),
        OnlyWith("gravity", "fit", ("cover",), values=SMART),
        OnlyWith("background", "fit", ("contain",)),
    )
    example: ClassVar[dict[str, Any]] = {"op": "resize", "width": 1200}
    rescales: ClassVar[bool] = True

    width: (
        Annotated[Length, msgspec.Meta(description="Width in pixels.", examples=[800])] | None
    ) = None
    height: (
        Annotated[Length, msgspec.Meta(description="Height in pixels.", examples=[600])] | None
    ) = None
    percent: (
        Annotated[
            float,
            msgspec.Meta(
                gt=0, le=10000, description="Scale of both sides in percent.", examples=[50, 200]
            ),
        ]
        | None
    ) = None
    fit: (
        Annotated[
            Literal["inside", "outside", "cover", "contain", "fill"],
            msgspec.Meta(
                description="What width and height mean. inside: the largest size within both. "
                "outside: the smallest size that reaches both. cover: exactly that size, the "
                "rest cut off. contain: exactly that size, the rest filled with `background`. "
                "fill: exactly that size, distorted. Default: fill, with a warning."
            ),
        ]
        | None
    ) = None
    gravity: Annotated[
        Gravity,
        msgspec.Meta(
            description="What `cover` keeps, or where `contain` puts the picture; attention, "
            "entropy and faces are for `cover`. Default: centre."
        ),
    ] = "centre"
    background: (
        Annotated[
            Colour,
            msgspec.Meta(
                description="Colour that `contain` fills with. Default: transparent if the "
                "picture has transparency, else white."
            ),
        ]
        | None
    ) = None
    enlarge: (
        Annotated[
            bool,
            msgspec.Meta(
                description="Whether the picture may grow. Default: yes for one side, both "
                "sides without `fit`, percent and fill; no for the other fits. With false, an "
                "exact size is met only as far as each side of the picture goes."
            ),
        ]
        | None
    ) = None
    linear: Annotated[
        bool,
        msgspec.Meta(
            description="Resample in linear light: truer brightness of fine detail, at several "
            "times the cost. The result is sRGB. Default: false."
        ),
    ] = False
    preserve_aspect: Annotated[
        bool, msgspec.Meta(description="True is another way to write `fit: inside`.")
    ] = False

    def apply(self, picture: Picture) -> Picture:
        """Resample each frame, then cut or pad it to size; raises OperationError if too large."""
        scaled, final = self._scaled(picture.size), self.outline(picture.size)
        warnings = self._warnings(picture.size, final)
        box, notes = Box(0, 0, *final), tuple[Note, ...]()
        if final != scaled and self.gravity in SMART:
            picture = picture.random_access()
            box, notes = _look(picture, scaled, final, self.gravity)
        elif final != scaled:
            box = Box(*place(final, scaled, self.gravity), *final)
        picture = _resample(picture, scaled, linear=self.linear).noting(*warnings, *notes)
        if self.fit != "contain" or final == scaled:
            return cut(picture, box)
        check_grown("resize", final, picture.frames)
        colour = backdrop(picture, self.background)
        return picture.map(lambda image: extend(image, -box.x, -box.y, final, colour), final)

    def outline(self, size: Size) -> Size:
        """Return the size after the step: a side given is met, the other rounded half up."""
        if self.fit == "contain" and self.width and self.height:
            return Size(self.width, self.height)
        if self.fit == "cover" and self.width and self.height:
            wanted, scaled = Size(self.width, self.height), self._scaled(size)
            if wanted.within(scaled) == wanted:
                return wanted
            return largest_with_aspect(scaled, self.width / self.height)
        return self._scaled(size)

    def shrink(self, size: Size) -> float:
        """Return the reduction that is left to do before anything is cut off or padded."""
        if self.linear:
            return 1.0
        scaled = self._scaled(size)
        left = max(1.0, min(size.width / scaled.width, size.height / scaled.height))
        return min(left, analysis_shrink(size, self.gravity))

    def effect(self, size: Size) -> Self | None:
        """Return nothing for a picture that has its size, and else a width within bounds."""
        if self.outline(size) == size and not self._warnings(size, size):
            return None
        if self.enlarge is False and self.width and not self.height:
            return msgspec.structs.replace(self, width=min(self.width, size.width), enlarge=None)
        return self

    def uniform(self, size: Size) -> bool:
        """Tell whether this is a plain reduction, by one factor, of gamma-encoded pixels."""
        even = self._exact is None and self.fit in {None, "inside", "outside"}
        scaled = self._scaled(size)
        return even and not self.linear and scaled.within(size) == scaled

    @property
    def _exact(self) -> Size | None:
        """The size that both sides are to have, whatever becomes of the proportions."""
        if self.width and self.height and self.fit in {None, "fill"} and not self.preserve_aspect:
            return Size(self.width, self.height)
        return None

    def _scaled(self, size: Size) -> Size:
        """Return the size that the whole picture is resampled to."""
        return size.scaled(*self._scales(size))

    def _scales(self, size: Size) -> tuple[float, float]:
        """Return the factors that width and height are multiplied by."""
        x = self.width / size.width if self.width else None
        y = self.height / size.height if self.height else None
        if x and y and self._exact:
            return (min(x, 1.0), min(y, 1.0)) if self.enlarge is False else (x, y)
        if x and y:
            scale = max(x, y) if self.fit in {"outside", "cover"} else min(x, y)
            grows = bool(self.enlarge)
        else:
            scale = x or y or (self.percent or 100.0) / 100
            grows = self.enlarge is not False
        scale = scale if grows else min(scale, 1.0)
        return scale, scale

    def _warnings(self, size: Size, final: Size) -> list[Note]:
        notes = []
        wanted = Size(self.width or 0, self.height or 0)
        if (self._exact or self.fit == "cover") and final != wanted:
            message = (
                f"resize: {wanted.width}x{wanted.height} was asked for, but the picture has only "
                f"{size.width}x{size.height} and was not enlarged: the result is "
                f"{final.width}x{final.height}; add enlarge: true if it should grow"
            )
            asked = {"asked": [*wanted], "size": [*final]}
            notes.append(Note("warning", "smaller-than-asked", message, asked))
        change = _distortion(size, final)
        if self._exact and self.fit is None and change > _VISIBLE_DISTORTION:
            message = (
                f"resize: {final.width}x{final.height} distorts a picture of "
                f"{size.width}x{size.height} by {change:.1%}; choose a fit: cover, contain or "
                "inside keep the proportions, fill says that this is meant"
            )
            details = {"distortion": round(change, 4)}
            notes.append(Note("warning", "distorted", message, details))
        return notes


def _distortion(size: Size, final: Size) -> float:
    """Return by which share the aspect changes; 0 if it is only rounding to whole pixels."""
    height = final.width * size.height / size.width
    width = final.height * size.width / size.height
    if abs(final.height - height) < 1 or abs(final.width - width) < 1:
        return 0.0
    return max(final.height / height, height / final.height) - 1


def _look(
    picture: Picture, scaled: Size, final: Size, gravity: str
) -> tuple[Box, tuple[Note, ...]]:
    """Choose what ``cover`` keeps while the picture is large: small faces are hard to see.

    The note has the box in pixels of the picture as it came; returned is that of the scaled one.
    """
    x, y = picture.width / scaled.width, picture.height / scaled.height
    box, notes = choose_box(picture, final.scaled(x, y).within(picture.size), gravity)
    middle = (box.x + box.width / 2) / x, (box.y + box.height / 2) / y
    return centre_on(final, scaled, *middle), notes


def _resample(picture: Picture, size: Size, *, linear: bool) -> Picture:
    if linear and picture.pixel_size != size:
        picture = picture.srgb()
    if picture.extent:
        reduced = reduce_loosely(picture.image, picture.extent, size)
        if reduced is not None:
            return picture.replace(image=reduced, width=size.width, height=size.height, extent=None)
        picture = picture.filled()
    if size.within(picture.pixel_size) != size:
        check_grown("resize", size, picture.frames)
        picture = picture.random_access()
    return picture.map(lambda image: resample(image, size, linear=linear), size)
