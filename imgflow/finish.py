"""From a picture to the bytes of a file, never more of them than the source had for nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from imgflow.containers import REWRITERS, MalformedError
from imgflow.errors import EncodeError
from imgflow.fitting import carries_profile, check, fit
from imgflow.libvips import libvips
from imgflow.metadata import Groups, parse_policy, read_groups, select
from imgflow.metadata.groups import EXIF, EXIF_MARK, XMP
from imgflow.notes import Note
from imgflow.profiles import agrees, has_profile
from imgflow.quality.easel import Easel
from imgflow.quality.found import Found
from imgflow.quality.search import seek
from imgflow.wording import size_text

if TYPE_CHECKING:
    from pyvips import Image

    from imgflow.encoders import Encoder
    from imgflow.frames import Picture
    from imgflow.profiles import ProfilePolicy
    from imgflow.source import Source

#: libvips' ``VipsForeignKeep`` flags.
_KEEP_EXIF, _KEEP_XMP, _KEEP_PROFILE = 1, 2, 8
#: A lossy encode of a lossy file must save this much to be worth another loss: encoders
#: shave off a few bytes each time, and a batch that is run twice must not wear pictures out.
WORTH = 0.99


class Encoded(NamedTuple):
    """An encoded file, the frames in it, and what happened on the way.

    ``encoder`` is the plain one that was used in the end, ``score`` what was found where one was
    asked for, ``encodes`` how many it took. ``copied`` says that these are the bytes of the
    source, which no encode could beat; ``repacked`` that they are its pixels in fewer bytes.
    """

    data: bytes
    frames: int
    encoder: Encoder
    notes: tuple[Note, ...] = ()
    copied: bool = False
    score: float | None = None
    encodes: int = 1
    repacked: bool = False

    @property
    def findings(self) -> dict[str, Any]:
        """What was used and found, under the names that results give it."""
        if self.copied:
            return {}
        if self.repacked:
            return {"quality": "lossless"}
        return {
            "score": None if self.score is None else round(self.score, 2),
            "quality": self.encoder.wish or "",
            "chroma": self.encoder.sampling,
            "encodes": self.encodes,
        }

    @property
    def missed(self) -> bool:
        """Whether the score that was asked for could not be had."""
        return any(note.code in {"quality-lowered", "score-missed"} for note in self.notes)

    def warned(self, original: Source) -> Encoded:
        """Return it with a warning if it is larger than the source."""
        return self._replace(notes=(*self.notes, *_growth(self.encoder, self.data, original)))


def encode(  # noqa: PLR0913, PLR0917
    picture: Picture,
    encoder: Encoder,
    metadata: Any,  # noqa: ANN401
    profile: ProfilePolicy,
    original: Source | None = None,
    easel: Easel | None = None,
) -> Encoded:
    """Encode a picture under a metadata and a colour policy.

    An ``easel`` keeps what is found out about the picture for its other encoders.

    ``original`` is the source if no step changed its pixels: its bytes are then returned
    where encoding them again in the same format would not make them fewer, or by less than
    1 % at another loss. A policy that
    the picture carries (from ``metadata`` among its steps) beats ``metadata``. Raises
    EncodeError if the format cannot hold the picture.
    """
    easel = easel or Easel(picture)
    policy = parse_policy(metadata if picture.metadata is None else picture.metadata)
    choices = encoder.outlines()
    if len(choices) > 1:
        choices = encoder.choices(easel.nature)
    made: list[Encoded] = []
    failures: list[EncodeError] = []
    for choice in choices:
        try:
            made.append(_encode_as(easel, choice, policy, profile, original))
        except EncodeError as error:
            failures.append(error)
    if not made:
        raise failures[0]
    best = min(made, key=lambda one: (one.missed, len(one.data)))
    return best._replace(encodes=sum(one.encodes for one in made))


def _encode_as(
    easel: Easel,
    encoder: Encoder,
    policy: frozenset[str],
    profile: ProfilePolicy,
    original: Source | None,
) -> Encoded:
    """Encode by one format."""
    searched = encoder.goal is not None or encoder.most_bytes is not None
    if searched:
        easel.settle()
    picture = easel.picture
    check(picture, encoder)
    writable = encoder.capabilities.metadata
    groups = select(read_groups(picture.image), policy, picture.origin.orientation, writable)
    image, notes = fit(picture, encoder, profile)
    if not searched:
        found = Found(FilePress(image, encoder, groups).whole(), encoder)
    else:
        subject = easel.subject(image, encoder, profile)
        press = FilePress(subject.image, encoder, groups)
        found = seek(subject, encoder, easel.nature, press)
    notes = (*notes, *found.notes)
    frames = encoder.frames_of(picture.frames)
    made = Encoded(found.data, frames, found.encoder, notes, False, found.score, found.encodes)
    if original is None:
        return made
    copy = _copy(picture, encoder, groups, profile, original)
    if copy and not _is_worth_it(encoder, copy, made.data):
        return Encoded(copy, frames, encoder, copied=True)
    return made.warned(original)


class FilePress:
    """Makes files of one image in one format, with metadata.

    That is put in afterwards where we know how: libvips alters it.
    """

    def __init__(self, image: Image, encoder: Encoder, groups: Groups) -> None:
        """Take the image as it is fitted to the format."""
        self._encoder, self._groups = encoder, groups
        self._keep = _KEEP_PROFILE if carries_profile(image, encoder) else 0
        self._rewrite = REWRITERS.get(encoder.name()) if any(groups) else None
        self._image = image
        if any(groups) and not self._rewrite:
            self._keep |= _KEEP_EXIF * bool(groups.exif) | _KEEP_XMP * bool(groups.xmp)
            self._image = _with_header(image, groups)

    def whole(self) -> bytes:
        """Return the file of the encoder as it is."""
        return self._dressed(self._encoder.encode(self._image, self._keep))

    def draft(self, encoder: Encoder) -> bytes:
        """Return a file that shows what an encoder of the format makes of the image."""
        return encoder.draft(self._image, self._keep)

    def finish(self, encoder: Encoder, draft: bytes) -> bytes:
        """Return the file to write, of a draft by the same encoder."""
        return self._dressed(encoder.squeeze(draft))

    def _dressed(self, data: bytes) -> bytes:
        return self._rewrite(data, self._groups, True) if self._rewrite else data


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


def _is_worth_it(encoder: Encoder, copy: bytes, made: bytes) -> bool:
    """Tell whether a new file is better than the old one, which another loss would wear out."""
    most = len(copy) * (WORTH if encoder.capabilities.lossy else 1)
    return len(made) < most and not encoder.repeats(copy, made)


def _growth(encoder: Encoder, data: bytes, original: Source) -> tuple[Note, ...]:
    if len(data) <= original.size:
        return ()
    message = (
        f"as {encoder.name()} the picture grew from {size_text(original.size)} "
        f"to {size_text(len(data))}"
    )
    details = {"source_bytes": original.size, "bytes": len(data)}
    return (Note("warning", "grew", message, details),)
