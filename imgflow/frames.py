"""The value that flows through a chain of steps: pixels that are not computed yet.

A picture is one frame or many. Frames lie one below the other in a single libvips
image, as libvips itself keeps them; :meth:`Picture.map` applies a function to each.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from imgflow.geometry import Size, round_length
from imgflow.libvips import libvips
from imgflow.profiles import to_srgb

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyvips import Image

    from imgflow.notes import Note

#: Above this many bytes of pixels, a copy is kept in a temporary file and not in memory.
MEMORY_COPY_BYTES = 160_000_000


@dataclasses.dataclass(frozen=True, slots=True)
class Origin:
    """Where a picture came from, as far as steps and encoders need to know.

    ``format`` is the format of the source file, ``orientation`` the EXIF orientation
    (1 to 8) that the pixels still have; 1 once it has been applied.
    """

    format: str
    orientation: int = 1
    reoriented: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Picture:
    """Pixels, their size and what is to become of them.

    ``width`` and ``height`` are those of one frame as steps see it. The libvips image
    may be smaller, if the file was opened at a fraction of its size: ``reduced`` tells.
    ``extent`` is then set if a part of a pixel is missing at the right or lower edge: it is
    the width and height that the whole picture would have in memory.
    ``streaming`` pixels can be read once, from top to bottom. ``delays`` are in
    milliseconds, one a frame; ``loop`` 0 means for ever.
    """

    image: Image
    width: int
    height: int
    origin: Origin
    frames: int = 1
    delays: tuple[int, ...] = ()
    loop: int = 0
    streaming: bool = False
    extent: tuple[float, float] | None = None
    metadata: Any = None
    notes: tuple[Note, ...] = ()

    @property
    def size(self) -> Size:
        """Width and height of one frame, in pixels."""
        return Size(self.width, self.height)

    @property
    def pixel_size(self) -> Size:
        """Width and height of one frame as it lies in memory."""
        return Size(self.image.width, self.image.height // self.frames)

    @property
    def reduced(self) -> bool:
        """Tell whether the pixels are a reduced copy of what ``size`` says."""
        return self.pixel_size != self.size

    @property
    def has_alpha(self) -> bool:
        """Tell whether there is an opacity channel."""
        return bool(self.image.hasalpha())

    def replace(self, **changes: Any) -> Picture:  # noqa: ANN401
        """Return a picture with some fields changed."""
        return dataclasses.replace(self, **changes)

    def noting(self, *notes: Note) -> Picture:
        """Return this picture with more notes."""
        return self.replace(notes=(*self.notes, *notes))

    def frame(self, index: int) -> Image:
        """Return the pixels of one frame."""
        if self.frames == 1:
            return self.image
        width, height = self.pixel_size
        return self.image.crop(0, index * height, width, height)

    def map(self, function: Callable[[Image], Image], size: Size | None = None) -> Picture:
        """Apply a function to each frame and stack what comes back.

        ``size`` is the new size as steps see it, by default that of the pixels. The
        function must return the same size for every frame.
        """
        if self.extent:
            return self.filled().map(function, size)
        if self.frames == 1:
            image = function(self.image)
        else:
            frames = [function(self.frame(index)) for index in range(self.frames)]
            image = libvips().Image.arrayjoin(frames, across=1)
        width, height = size or (image.width, image.height // self.frames)
        return self.replace(image=image, width=width, height=height)

    def filled(self) -> Picture:
        """Return the picture with no part of a pixel missing: the edge is repeated."""
        if not self.extent:
            return self
        width, height = map(round_length, self.extent)
        image = self.image.embed(0, 0, width, height, extend="copy")
        return self.replace(image=image, extent=None)

    def random_access(self) -> Picture:
        """Return the same pixels, computed now if need be, readable in any order.

        Large pictures go to a temporary file, so that memory stays bounded.
        """
        if not self.streaming:
            return self
        return self.replace(image=settle(self.image), streaming=False)

    def srgb(self) -> Picture:
        """Return the picture in sRGB (or gray), as steps that draw or mix colours need it."""
        return self.replace(image=to_srgb(self.image))


def settle(image: Image) -> Image:
    """Compute all pixels of an image, in memory or in a temporary file."""
    sample_bytes = {"uchar": 1, "ushort": 2, "float": 4}.get(str(image.format), 8)
    if image.width * image.height * image.bands * sample_bytes <= MEMORY_COPY_BYTES:
        return image.copy_memory()
    copy: Image = libvips().Image.new_temp_file("%s.v")
    image.write(copy)
    return copy
