"""A source in fewer bytes: metadata as the policy says, the same pixels, never more of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from imgflow.containers import REWRITERS, MalformedError
from imgflow.containers.marks import MARKABLE, read_mark
from imgflow.containers.png import is_animated
from imgflow.encoders import ENCODERS
from imgflow.image import orientation_of
from imgflow.libvips import header_field
from imgflow.metadata import read_groups, select
from imgflow.notes import Note
from imgflow.profiles import agrees
from imgflow.repack.packing import PACKERS, repack
from imgflow.repack.pixels import decode

if TYPE_CHECKING:
    from collections.abc import Collection

    from pyvips import Image

    from imgflow.frames import Picture
    from imgflow.metadata import Groups
    from imgflow.profiles import ProfilePolicy
    from imgflow.repack.thrift import Effort
    from imgflow.source import Source

#: What JPEGs carry that is brighter on some screens: Adobe's, ISO's (21496-1) and Apple's word.
_GAIN_MAPS = (b"hdrgm:", b"urn:iso:std:iso:ts:21496", b"HDRGainMap")


class Slim(NamedTuple):
    """A source that was repacked, or is as it was.

    ``final`` says that it may not be compressed with loss: it was before, by us, or an
    encoder would lose more of it than quality.
    """

    data: bytes
    final: bool
    notes: tuple[Note, ...] = ()


def slim(
    picture: Picture,
    original: Source,
    policy: Collection[str],
    profile: ProfilePolicy,
    effort: Effort,
) -> Slim:
    """Return a source in fewer bytes, or as it is where there is no way to fewer.

    A profile other than sRGB stays whatever the policy is, because the pixels do. Raises
    SourceError if the source is damaged.
    """
    kind, source = picture.origin.format, original.read()
    pixels = decode(original, kind)
    if reason := _whole(source, kind, pixels):
        note = Note("choice", "left-alone", f"left as it is: {reason}")
        return Slim(source, True, (note,))
    mark = read_mark(source, kind)
    notes: tuple[Note, ...] = ()
    if mark:
        note = Note("choice", "compressed-before", f"compressed before, and marked '{mark}'")
        notes = (note,)
    found = read_groups(picture.image)
    groups = _selected(found, policy, pixels, kind)
    keep_profile = profile == "keep" or not agrees(picture.image, "srgb")
    bare = _rewritten(source, kind, groups, keep_profile=keep_profile)
    packed = repack(bare, kind, effort, pixels)
    final = bool(mark) or kind not in MARKABLE or (kind == "png" and is_animated(source))
    if len(packed) < len(source):
        return Slim(packed, final, notes)
    return Slim(source, final, notes + _unstripped(found, groups, kind))


def _whole(source: bytes, kind: str, pixels: Image) -> str:
    """Say why a file is best left alone, if it is."""
    if kind == "jpeg" and any(word in source for word in _GAIN_MAPS):
        return "its gain map, which brightens it on HDR screens, would be lost"
    if kind not in PACKERS and header_field(pixels, "n-pages", 1) > 1:
        return "it holds several pictures"
    return ""


def _selected(found: Groups, policy: Collection[str], pixels: Image, kind: str) -> Groups:
    writable = ENCODERS[kind].capabilities.metadata
    return select(found, policy, orientation_of(pixels), writable)


def _rewritten(source: bytes, kind: str, groups: Groups, *, keep_profile: bool) -> bytes:
    rewrite = REWRITERS.get(kind)
    try:
        return rewrite(source, groups, keep_profile) if rewrite else source
    except MalformedError:
        return source


def _unstripped(found: Groups, groups: Groups, kind: str) -> tuple[Note, ...]:
    """Warn of metadata that stays against the policy."""
    pairs = zip(found._fields, found, groups, strict=True)
    kept = [name for name, had, has in pairs if len(has) < len(had)]
    if not kept:
        return ()
    message = f"{kind} left as it is, with all its {' and '.join(kept)}: it would not be smaller"
    return (Note("warning", "metadata-kept", message, {"groups": kept}),)
