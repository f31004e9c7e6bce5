"""From a picture to the bytes of a file, never more of them than the source had for nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from imgflow.containers import REWRITERS, MalformedError
from imgflow.fitting import carries_profile, check, fit
from imgflow.libvips import libvips
from imgflow.metadata import Groups, parse_policy, read_groups, select
from imgflow.metadata.groups import EXIF, EXIF_MARK, XMP
from imgflow.notes import Note
from imgflow.profiles import agrees, has_profile

if TYPE_CHECKING:
    from pyvips import Image

    from imgflow.encoders import Encoder
    from imgflow.picture import Picture
    from imgflow.profiles import ProfilePolicy
    from imgflow.source import Source

#: libvips' ``VipsForeignKeep`` flags.
_KEEP_EXIF, _KEEP_XMP, _KEEP_PROFILE = 1, 2, 8
_KILO = 1000
#: A lossy encode of a lossy file must save this much to be worth another loss: encoders
#: shave off a few bytes each time, and a batch that is run twice must not wear pictures out.
_WORTH = 0.99


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
    profile: ProfilePolicy,
    original: Source | None = None,
) -> Encoded:
    """Encode a picture under a metadata and a colour policy.

    ``original`` is the source if no step changed its pixels: its bytes are then returned
    where encoding them again in the same format would not make them fewer, or by less than
    1 % at another loss. A policy that
    the picture carries (from ``metadata`` among its steps) beats ``metadata``. Raises
    EncodeError if the format cannot hold the picture.
    """
    check(picture, encoder)
    policy = metadata if picture.metadata is None else picture.metadata
    writable = encoder.capabilities.metadata
    found = read_groups(picture.image)
    groups = select(found, parse_policy(policy), picture.origin.orientation, writable)
    image, notes = fit(picture, encoder, profile)
    data = _write(image, encoder, groups)
    frames = picture.frames if encoder.capabilities.animation else 1
    if original is None:
        return Encoded(data, frames, notes)
    copy = _copy(picture, encoder, groups, profile, original)
    if copy and len(data) >= len(copy) * (_WORTH if encoder.capabilities.lossy else 1):
        return Encoded(copy, frames, copied=True)
    return Encoded(data, frames, (*notes, *_growth(encoder, data, original)))


def _write(image: Image, encoder: Encoder, groups: Groups) -> bytes:
    """Encode, with metadata put in afterwards where we know how: libvips alters it."""
    keep = _KEEP_PROFILE if carries_profile(image, encoder) else 0
    if not any(groups):
        return encoder.encode(image, keep)
    if rewrite := REWRITERS.get(encoder.name()):
        return rewrite(encoder.encode(image, keep), groups, True)
    keep |= _KEEP_EXIF * bool(groups.exif) | _KEEP_XMP * bool(groups.xmp)
    return encoder.encode(_with_header(image, groups), keep)


def _with_header(image: Image, groups: Groups) -> Image:
    """Return the image with these blocks, and no other EXIF, in its header."""
    header: Any = image.copy()
    for name in image.get_fields():
        if name.startswith("exif-") or name == XMP:
            header.remove(name)
    blob = libvips().GValue.blob_type
    if groups.exif:
        header.set_type(blob, EXIF, EXIF_MARK + groups.exif)
    if groups.xmp:
        header.set_type(blob, XMP, groups.xmp)
    edited: Image = header
    return edited


def _copy(
    picture: Picture, encoder: Encoder, groups: Groups, profile: ProfilePolicy, original: Source
) -> bytes | None:
    """Return the source with the policies applied and the pixels as they are, if it can be."""
    origin, image = picture.origin, picture.image
    if origin.format != encoder.name() or origin.reoriented or not agrees(image, profile):
        return None
    if rewrite := REWRITERS.get(origin.format):
        try:
            return rewrite(original.read(), groups, profile != "srgb")
        except MalformedError:
            return None
    strips = any(read_groups(image)) or (profile == "srgb" and has_profile(image))
    return None if strips else original.read()


def _growth(encoder: Encoder, data: bytes, original: Source) -> tuple[Note, ...]:
    if len(data) <= original.size:
        return ()
    message = (
        f"as {encoder.name()} the picture grew from {original.size / _KILO:.1f} kB "
        f"to {len(data) / _KILO:.1f} kB"
    )
    details = {"source_bytes": original.size, "bytes": len(data)}
    return (Note("warning", "grew", message, details),)
