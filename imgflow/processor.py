"""The Python API for one image: ``ImageProcessor``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, get_args

from imgflow.errors import UsageError
from imgflow.inputs import read_input
from imgflow.limits import DEFAULT_LIMITS, Limits
from imgflow.operations import parse_steps
from imgflow.processed import ProcessedImage
from imgflow.profiles import ProfilePolicy

if TYPE_CHECKING:
    from imgflow.inputs import ImageInput

PROFILE_POLICIES: tuple[str, ...] = get_args(ProfilePolicy)


class ImageProcessor:
    """Runs steps on one image at a time, in this process.

    ``limits`` bound what is opened; ``metadata`` and ``profile`` are the policies of an
    output in a recipe; with ``orient`` the EXIF orientation is applied first.

    Every method takes a path, bytes, a binary file object, a Pillow image or a NumPy array,
    and raises a RecipeError for a parameter that is wrong, a SourceError for an image that
    cannot be opened and an OperationError for a step that cannot be done.

    >>> processor = ImageProcessor()
    >>> processor.resize("input.jpg", width=800).save("small.webp")  # doctest: +SKIP
    """

    def __init__(
        self,
        *,
        limits: Limits = DEFAULT_LIMITS,
        metadata: Any = "copyright",  # noqa: ANN401
        profile: ProfilePolicy = "srgb",
        orient: bool = True,
    ) -> None:
        """Keep the policies; raises UsageError for a profile policy that there is not."""
        if profile not in PROFILE_POLICIES:
            message = f"profile: expected one of {', '.join(PROFILE_POLICIES)}, found {profile!r}"
            raise UsageError(message)
        self._limits = limits
        self._metadata = metadata
        self._profile = profile
        self._orient = orient

    def process(self, image: ImageInput, steps: Iterable[Mapping[str, Any]]) -> ProcessedImage:
        """Run a chain of steps, written as in a recipe: ``{"op": "resize", "width": 800}``.

        A ``convert`` may stand anywhere in it: the result is encoded once, at the end.
        """
        if not isinstance(steps, Iterable) or isinstance(steps, (str, bytes, Mapping)):
            message = f"expected a list of steps like {{'op': 'flip'}}, found {steps!r}"
            raise UsageError(message, code="bad-input")
        return ProcessedImage(
            read_input(image, self._limits, orient=self._orient),
            parse_steps(steps),
            metadata=self._metadata,
            profile=self._profile,
        )

    def resize(
        self,
        image: ImageInput,
        width: int | None = None,
        height: int | None = None,
        **options: Any,  # noqa: ANN401
    ) -> ProcessedImage:
        """Change the size to ``width`` x ``height`` pixels.

        One side alone keeps the proportions, as does ``preserve_aspect=True`` with both,
        which then are bounds. ``options`` are those of the operation ``resize``:
        ``percent``, ``fit``, ``enlarge``, ``gravity``, ``background``, ``linear``.
        """
        return self.process(image, [_step("resize", width=width, height=height, **options)])

    def crop(
        self,
        image: ImageInput,
        x: float | str | None = None,
        y: float | str | None = None,
        width: float | str | None = None,
        height: float | str | None = None,
        **options: Any,  # noqa: ANN401
    ) -> ProcessedImage:
        """Cut out a region, in pixels from the top left corner or in percent (``"50%"``).

        ``options`` are those of the operation ``crop``: ``aspect``, ``gravity``, ``focus``,
        ``when_small`` and others.
        """
        region = {"x": x, "y": y, "width": width, "height": height}
        return self.process(image, [_step("crop", **region, **options)])

    def convert(self, image: ImageInput, format: str, **options: Any) -> ProcessedImage:  # noqa: A002, ANN401
        """Write in another format, ``"webp"`` say, with its options: ``quality=80``."""
        return self.process(image, [_step("convert", format=format, **options)])


def _step(op: str, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return a step as in a recipe, without the parameters that were not given."""
    given = {key: value for key, value in parameters.items() if value is not None}
    return {"op": op, **given}
