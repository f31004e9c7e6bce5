"""Whatever Python code may call an image, made ready to be opened as a picture."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from imgflow.errors import SourceError, UsageError
from imgflow.foreign import from_pillow
from imgflow.frames import Origin, Picture
from imgflow.image import open_picture
from imgflow.libvips import libvips
from imgflow.source import Source
from imgflow.storage.opening import open_usual

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

    from numpy.typing import NDArray
    from PIL.Image import Image as PillowImage
    from pyvips import Image

    from imgflow.geometry import Size
    from imgflow.limits import Limits

    ImageInput = str | os.PathLike[str] | bytes | BinaryIO | PillowImage | NDArray[Any]
    Shrink = Callable[[Size], float]

#: Format of a picture that was never a file, and so of what is made of it by default.
_UNENCODED = "png"
#: NumPy type -> libvips sample format.
_SAMPLES = {"uint8": "uchar", "uint16": "ushort"}
_SHAPES = (2, 3)
_MOST_CHANNELS = 4


class Input(NamedTuple):
    """An image to be processed; ``open`` starts a new lazy picture each time.

    ``source`` are its bytes, None if it was never encoded.
    """

    source: Source | None
    open: Callable[[Shrink], Picture]


def read_input(image: ImageInput, limits: Limits, *, orient: bool) -> Input:
    """Take a path or URI, bytes, a file object, a Pillow image or a NumPy array.

    Arrays are height x width, or height x width x channels, uint8 or uint16, sRGB or gray.
    Raises SourceError for a file that cannot be used, UsageError for any other object.
    """
    if _is_a(image, "PIL.Image", "Image"):
        return _from_pixels(_checked(_upright(image) if orient else image), from_pillow)
    if _is_a(image, "numpy", "ndarray"):
        return _from_pixels(image, _from_array)
    source = _read_source(image, limits)

    def start(shrink: Shrink) -> Picture:
        return open_picture(source, limits, orient=orient, shrink=shrink)

    return Input(source, start)


def _is_a(image: object, module: str, name: str) -> bool:
    """Tell whether an object is of a class, whose module is not imported for that."""
    return module in sys.modules and isinstance(image, getattr(sys.modules[module], name))


def _read_source(image: Any, limits: Limits) -> Source:  # noqa: ANN401
    if isinstance(image, (str, os.PathLike)):
        return open_usual(os.environ, limits).read(os.fspath(image))
    if isinstance(image, (bytes, bytearray, memoryview)):
        return Source("<bytes>", data=bytes(image))
    data = _read_file(image) if hasattr(image, "read") else None
    if not isinstance(data, (bytes, bytearray)):
        found = "a file opened as text" if isinstance(data, str) else type(image).__name__
        message = (
            "expected a path, bytes, a binary file object, a Pillow image or a NumPy array, "
            f"found {found}"
        )
        raise UsageError(message, code="bad-input")
    return Source(_name(image), data=bytes(data))


def _read_file(file: Any) -> Any:  # noqa: ANN401
    try:
        return file.read()
    except (OSError, ValueError) as error:  # ValueError: the file is closed
        message = f"{_name(file)}: expected a file that can be read, found: {error}"
        raise SourceError(message, code="source-unreadable") from error


def _name(file: Any) -> str:  # noqa: ANN401
    return str(getattr(file, "name", "<file>"))


def _from_pixels(pixels: Any, convert: Callable[[Any], Image]) -> Input:  # noqa: ANN401
    image = convert(pixels)

    def start(shrink: Shrink) -> Picture:  # noqa: ARG001
        return Picture(image, image.width, image.height, origin=Origin(_UNENCODED))

    return Input(None, start)


def _upright(picture: Any) -> Any:  # noqa: ANN401
    from PIL import ImageOps

    return ImageOps.exif_transpose(picture)


def _checked(picture: Any) -> Any:  # noqa: ANN401
    """Refuse a Pillow image without pixels, or with floats, of which none can say the scale."""
    if picture.mode == "F" or 0 in picture.size:
        message = (
            "expected a Pillow image with pixels of whole numbers, "
            f"found mode {picture.mode}, {picture.width} x {picture.height}"
        )
        raise UsageError(message, code="bad-input")
    return picture


def _from_array(array: NDArray[Any]) -> Image:
    height, width, channels = (*array.shape, 1, 1, 1)[:3]
    sample = _SAMPLES.get(str(array.dtype))
    if sample is None or array.ndim not in _SHAPES or not 1 <= channels <= _MOST_CHANNELS:
        message = (
            "expected an array of uint8 or uint16, height x width or height x width x 1 to 4, "
            f"found {array.dtype}, {' x '.join(map(str, array.shape)) or 'no axes'}"
        )
        raise UsageError(message, code="bad-input")
    if array.size == 0:
        message = "expected an array with pixels, found an empty one"
        raise UsageError(message, code="bad-input")
    image: Image = libvips().Image.new_from_memory(array.tobytes(), width, height, channels, sample)
    gray, colour = ("b-w", "srgb") if sample == "uchar" else ("grey16", "rgb16")
    return image.copy(interpretation=gray if channels < 3 else colour)  # noqa: PLR2004
