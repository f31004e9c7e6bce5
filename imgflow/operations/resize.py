"""Resize: to exact sizes, in percent, or to fit bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import msgspec

from imgflow.geometry import Size, round_length
from imgflow.operations.operation import Operation
from imgflow.operations.resampling import resample
from imgflow.rules import AnyOf, Excludes, Needs, Rule

if TYPE_CHECKING:
    from imgflow.picture import Picture

Length = Annotated[int, msgspec.Meta(ge=1, le=65535)]


class Resize(Operation, frozen=True, tag="resize"):
    """Change the size."""

    rules: ClassVar[tuple[Rule, ...]] = (
        AnyOf(("width", "height", "percent")),
        Excludes("percent", ("width", "height", "fit", "preserve_aspect")),
        Needs("fit", ("width", "height")),
    )
    example: ClassVar[dict[str, Any]] = {"op": "resize", "width": 1200}
    rescales: ClassVar[bool] = True

    width: Annotated[Length, msgspec.Meta(description="Width in pixels.")] | None = None
    height: Annotated[Length, msgspec.Meta(description="Height in pixels.")] | None = None
    percent: Annotated[float, msgspec.Meta(gt=0, le=10000)] | None = None
    fit: Literal["inside", "outside", "cover", "contain", "fill"] | None = None
    enlarge: bool | None = None

    def apply(self, picture: Picture) -> Picture:
        """Resample each frame."""
        size = self.outline(picture.size)
        return picture.map(lambda image: resample(image, size), size)

    def outline(self, size: Size) -> Size:
        """Return the size after the step."""
        if self.percent:
            return size.scaled(self.percent / 100, self.percent / 100)
        if self.width and self.height:
            if self.fit == "inside":
                scale = min(self.width / size.width, self.height / size.height)
                return size.scaled(min(scale, 1.0), min(scale, 1.0))
            return Size(self.width, self.height)
        if self.width:
            width = min(self.width, size.width) if self.enlarge is False else self.width
            return Size(width, round_length(size.height * width / size.width))
        if self.height:
            return Size(round_length(size.width * self.height / size.height), self.height)
        return size

    def shrink(self, size: Size) -> float:
        """Return the reduction that is left to do."""
        target = self.outline(size)
        return max(1.0, min(size.width / target.width, size.height / target.height))

    def uniform(self, size: Size) -> bool:
        """Tell whether neither distortion, nor cutting, nor padding is involved."""
        return self.fit in {None, "inside", "outside"} and not (
            self.width and self.height and self.fit is None
        )
