"""What an operation is: a typed, frozen step from picture to picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

import msgspec

from imgflow.errors import RecipeError
from imgflow.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imgflow.frames import Picture
    from imgflow.geometry import Size

#: What :meth:`Operation.shrink` answers if the size of the pixels does not matter to it.
ANY_SHRINK = float("inf")


class Operation(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="op",
):
    """One step. A subclass is the declaration of its parameters and the code that does it.

    ``rules`` say what must hold between parameters; ``example`` is shown in the reference.
    """

    rules: ClassVar[tuple[Rule, ...]] = ()
    example: ClassVar[dict[str, Any]] = {}
    #: True for a step after which the pixels have their final scale (a resize).
    rescales: ClassVar[bool] = False
    #: False for a step that sets how the result is written, and leaves the pixels alone.
    changes_pixels: ClassVar[bool] = True

    def apply(self, picture: Picture) -> Picture:
        """Return the picture after this step, without computing pixels if it can be helped.

        Raises OperationError if the step cannot be done on this picture.
        """
        raise NotImplementedError

    def files(self) -> tuple[str, ...]:
        """Return the paths of files that the step reads besides the source."""
        return ()

    def effect(self, size: Size) -> Self | None:  # noqa: ARG002
        """Return the step in the plainest words for a picture of this size; None if idle.

        Two outputs whose steps have the same effect are made once.
        """
        return self

    def uniform(self, size: Size) -> bool:  # noqa: ARG002
        """Tell whether this step does no more than scale the whole picture evenly."""
        return False

    def outline(self, size: Size) -> Size | None:  # noqa: ARG002
        """Return the size after this step, or None if only the pixels can tell."""
        return None

    def shrink(self, size: Size) -> float:  # noqa: ARG002
        """Return by how much the source may be reduced before this step, at no loss.

        1 means not at all. Only steps that answer more are ever given a reduced picture.
        """
        return 1.0

    @classmethod
    def parse(cls, fields: Mapping[str, Any]) -> Self:
        """Build the step from its fields, ``{"op": "resize", "width": 800}`` say.

        Raises RecipeError naming the field at fault.
        """
        try:
            step = msgspec.convert(fields, cls)
        except msgspec.ValidationError as error:
            message = f"{cls.name()}: {error}"
            raise RecipeError(message, code="bad-parameter") from error
        given = {key: value for key, value in fields.items() if value is not None}
        for rule in cls.rules:
            if broken := rule.broken(given):
                message = f"{cls.name()}: {broken.message}"
                raise RecipeError(message, code="bad-parameter")
        return step

    def fields(self) -> dict[str, Any]:
        """Return the step as plain JSON, without parameters at their defaults."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain

    @classmethod
    def name(cls) -> str:
        """Return the name that ``op:`` has in a recipe."""
        return str(cls.__struct_config__.tag)
