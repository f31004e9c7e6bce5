"""mozjpeg inside libvips: any picture that JPEG can hold, by efforts from 0 to 3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from imgflow.encoders.encoder import has_full_chroma, subsampling

if TYPE_CHECKING:
    from pyvips import Image

#: The largest file, in bytes, that is not progressive by default.
PROGRESSIVE_ABOVE = 10_000
#: The efforts from which on something more is done.
HUFFMAN, SCANS, TRELLIS = 1, 2, 3

#: The table tuned for MS-SSIM: 6 to 9 % fewer bytes at one SSIMULACRA2 score than the
#: standard's. Colour that is sampled in full does better with the standard's, by 3 %.
_QUANT_TABLE, _FULL_CHROMA_TABLE = 2, 0
_HEADER_BYTES = 700
#: Bits a pixel that a small photograph takes, for each unit of quality / 100.
_USUAL_BITS = 2
_RGB = 3


class Mozjpeg(NamedTuple):
    """The saver at a quality, a sampling of colour and an effort."""

    quality: int
    chroma: str
    effort: int

    def save(self, image: Image, keep: int, *, progressive: bool) -> bytes:
        """Return a file; ``keep`` is as for encoders."""
        options: dict[str, Any] = {**subsampling(self.chroma)}
        if self.effort >= SCANS and progressive:
            options["optimize_scans"] = True
        if self.effort >= TRELLIS:
            options |= {"trellis_quant": True, "overshoot_deringing": True}
        data: bytes = image.jpegsave_buffer(
            Q=self.quality,
            interlace=progressive,
            optimize_coding=self.effort >= HUFFMAN,
            quant_table=_FULL_CHROMA_TABLE if self._is_full(image) else _QUANT_TABLE,
            keep=keep,
            **options,
        )
        return data

    def save_by_size(self, image: Image, keep: int) -> bytes:
        """Return a file that is progressive exactly where it is over the mark."""
        smallest, largest = self._bounds(image)
        if smallest > PROGRESSIVE_ABOVE:
            return self.save(image, keep, progressive=True)
        if largest <= PROGRESSIVE_ABOVE:
            return self.save(image, keep, progressive=False)
        return self._save_by_guess(image.copy_memory(), keep)

    def _save_by_guess(self, image: Image, keep: int) -> bytes:
        """Guess, and try again if the guess was wrong: the image must allow two passes.

        Where only the baseline file is over the mark, the progressive one is taken.
        """
        usual = image.width * image.height * _USUAL_BITS * self.quality / 100 / 8
        guess = usual > PROGRESSIVE_ABOVE
        data = self.save(image, keep, progressive=guess)
        if guess == (len(data) > PROGRESSIVE_ABOVE):
            return data
        other = self.save(image, keep, progressive=not guess)
        return data if guess and len(other) > PROGRESSIVE_ABOVE else other

    def _is_full(self, image: Image) -> bool:
        """Tell whether the image has colour, and it is not subsampled."""
        return image.bands == _RGB and has_full_chroma(self.chroma, self.quality)

    def _bounds(self, image: Image) -> tuple[int, int]:
        """Return the least and the most bytes that an image of this size can come to.

        Each 8x8 block has at least one bit in each scan that refines its mean. The most
        is measured on black and white noise, with room to spare.
        """
        whole = image.bands != _RGB or self._is_full(image)
        cell, blocks_a_cell = (8, image.bands) if whole else (16, 6)
        blocks = -(-image.width // cell) * -(-image.height // cell) * blocks_a_cell
        least_bits = 1 if self.effort >= SCANS else 2
        most_bytes = 56 if self.quality <= 95 else 72  # noqa: PLR2004
        most_bytes = most_bytes if self.effort >= HUFFMAN else most_bytes * 3 // 2
        return blocks * least_bits // 8, _HEADER_BYTES + blocks * most_bytes
