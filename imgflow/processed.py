"""What the Python API returns: a picture that is not encoded until somebody asks."""

from __future__ import annotations

import contextlib
import functools
import os
from typing import TYPE_CHECKING, Any

from imgflow.economy import economize
from imgflow.encoders import ENCODERS, Encoder, encoder_for
from imgflow.errors import EncodeError, OperationError, UsageError
from imgflow.finish import Encoded, encode
from imgflow.image import check_decodes
from imgflow.libvips import libvips
from imgflow.operations import apply_steps, chain_encoder, largest_shrink
from imgflow.storage import Properties
from imgflow.storage.media_types import media_type
from imgflow.storage.opening import open_usual
from imgflow.target import direct

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from PIL.Image import Image as PillowImage
    from pyvips import Image

    from imgflow.frames import Picture
    from imgflow.geometry import Size
    from imgflow.inputs import Input
    from imgflow.notes import Note
    from imgflow.operations import Operation
    from imgflow.profiles import ProfilePolicy

#: Channels -> Pillow mode, for 8 bits a channel.
_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}


class ProcessedImage:
    """The result of a chain of steps.

    Pixels are computed and encoded on first use, straight from the source: nothing is
    encoded on the way. Everything that computes pixels may raise a SourceError (the file is
    damaged), an OperationError or an EncodeError.
    """

    def __init__(
        self,
        image: Input,
        steps: tuple[Operation, ...],
        *,
        metadata: Any,  # noqa: ANN401
        profile: ProfilePolicy,
    ) -> None:
        """Open the image and set up the chain; no pixel is computed yet if it can be helped."""
        self._input = image
        self._steps = steps
        self._metadata = metadata
        self._profile = profile
        self._fresh: Picture | None = None
        self._origin = ""
        picture = self._open()
        self._fresh, self._size, self._notes = picture, picture.size, picture.notes

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self._size.width, self._size.height

    @property
    def width(self) -> int:
        """Width in pixels."""
        return self._size.width

    @property
    def height(self) -> int:
        """Height in pixels."""
        return self._size.height

    @property
    def format(self) -> str:
        """The format of ``data`` in capitals, as Pillow names it: ``"JPEG"``, ``"WEBP"``.

        That of the last ``convert`` in the chain, else that of the source, else PNG.
        """
        return self._encoder.name().upper()

    @property
    def data(self) -> bytes:
        """The encoded file."""
        return self._encoded.data

    @property
    def notes(self) -> tuple[Note, ...]:
        """Choices that were made and warnings, those of the encoder among them."""
        return (*self._notes, *self._encoded.notes)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the file, whole or not at all, to a path or to ``s3://bucket/key``.

        Without a ``convert`` in the chain, the extension of ``path`` decides the format;
        with one, the extension must be one of that format. Raises EncodeError for an
        extension that no format has, UsageError for one of another format, StorageError if
        the file cannot be written.
        """
        name = os.fspath(path)
        encoder = self._encoder_for_file(name)
        data = self.data if encoder is None else self._encode(encoder).data
        said = Properties(content_type=media_type(name, data))
        open_usual(os.environ).write(name, data, said)

    def to_pillow(self) -> PillowImage:
        """Return the pixels as a Pillow image, never encoded; of an animation, the first frame."""
        from PIL import Image

        pixels = self._pixels()
        if pixels.format == "ushort" and pixels.bands == 1:
            return Image.frombytes("I;16", self.size, pixels.write_to_memory())
        if pixels.format == "ushort":
            pixels = (pixels >> 8).cast("uchar")
        return Image.frombytes(_MODES[pixels.bands], self.size, pixels.write_to_memory())

    def to_numpy(self) -> NDArray[Any]:
        """Return the pixels as height x width (x channels), uint8 or uint16; see to_pillow."""
        array: NDArray[Any] = self._pixels().numpy()
        return array

    def _open(self) -> Picture:
        """Return the picture, new each time: streamed pixels can be read but once."""
        if self._fresh is not None:
            picture, self._fresh = self._fresh, None
            return picture

        def shrink(size: Size) -> float:
            return largest_shrink(size, self._steps)

        picture = self._input.open(shrink)
        self._origin = picture.origin.format
        with self._explained():
            return apply_steps(picture, self._steps)

    def _pixels(self) -> Image:
        picture = self._open().srgb()
        with self._explained():
            return picture.frame(0).copy_memory()

    @functools.cached_property
    def _encoder(self) -> Encoder:
        return chain_encoder(self._steps) or encoder_for(self._origin)

    @functools.cached_property
    def _encoded(self) -> Encoded:
        return self._encode(self._encoder)

    def _encode(self, encoder: Encoder) -> Encoded:
        untouched = not any(step.changes_pixels for step in self._steps)
        original = self._input.source if untouched else None
        picture = self._open()
        with self._explained():
            directed, thrift = direct(encoder, self._steps)
            policies = self._metadata, self._profile
            if thrift:
                return economize(picture, directed, *policies, thrift, original)
            return encode(picture, directed, *policies, original)

    def _encoder_for_file(self, name: str) -> Encoder | None:
        """Return the encoder that a file name asks for, None if it is that of ``data``."""
        extension = os.path.splitext(name)[1].removeprefix(".").lower()
        if not extension:
            return None
        for candidate in ENCODERS.values():
            if extension in candidate.capabilities.extensions:
                break
        else:
            known = ", ".join(f".{kind.capabilities.extensions[0]}" for kind in ENCODERS.values())
            message = f"{name}: expected an extension of a known format ({known})"
            raise EncodeError(message, code="unsupported-format")
        asked = chain_encoder(self._steps)
        if asked is None:
            return encoder_for(candidate.name()) if candidate.name() != self._origin else None
        if asked.name() == candidate.name():
            return None
        message = (
            f"{name}: expected the extension .{asked.extension}, because the chain converts to "
            f"{asked.name()}; rename the file, or convert to {candidate.name()}"
        )
        raise UsageError(message, code="format-mismatch")

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn an error of libvips into one that says whether the file or a step is to blame."""
        try:
            yield
        except libvips().Error as error:
            if self._input.source:
                check_decodes(self._input.source, self._origin)
            message = f"the steps cannot be run on this image: {error}"
            raise OperationError(message, code="operation-failed") from error
