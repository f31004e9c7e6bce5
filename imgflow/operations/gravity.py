"""Gravity: which part of a picture to keep, by compass, by content or by faces."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from imgflow.geometry import Box, Compass, Size, centre_on, place
from imgflow.notes import Note
from imgflow.operations.faces import FACE_SIDE, find_detector
from imgflow.operations.framing import frame_faces
from imgflow.operations.operation import ANY_SHRINK
from imgflow.operations.saliency import find_salient
from imgflow.profiles import to_srgb

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyvips import Image

    from imgflow.frames import Picture

Gravity = Literal[Compass, "attention", "entropy", "faces"]
#: Gravities that look at the picture.
SMART = ("attention", "entropy", "faces")


class Choice(NamedTuple):
    """A box, the strategy that found it, how sure it is (0 to 1), and what else is to be said."""

    box: Box
    strategy: str
    confidence: float
    details: Mapping[str, Any] = MappingProxyType({})
    warnings: tuple[Note, ...] = ()


def analysis_shrink(size: Size, gravity: str) -> float:
    """Return by how much a picture may be reduced before :func:`choose_box` sees it."""
    return max(1.0, max(size) / FACE_SIDE) if gravity in SMART else ANY_SHRINK


def choose_box(picture: Picture, size: Size, gravity: str) -> tuple[Box, tuple[Note, ...]]:
    """Return the box of ``size`` to keep of a picture that is at least as large, and why.

    A smart gravity looks at the first frame, whose pixels must be readable twice, and says
    in a note which strategy was used in the end: faces give way to attention, and both
    attention and entropy to the centre.
    """
    if gravity not in SMART:
        return Box(*place(size, picture.size, gravity), *size), ()
    if size == picture.size:
        return Box(0, 0, *size), ()
    image = analysis_copy(picture)
    choice = _by_faces(image, picture.size, size) if gravity == "faces" else None
    choice = choice or _by_content(image, picture.size, size, gravity)
    return choice.box, (*choice.warnings, _note(choice, gravity))


def analysis_copy(picture: Picture) -> Image:
    """Return the first frame small, 8-bit sRGB, on gray where it is transparent."""
    image = picture.frame(0)
    scale = FACE_SIDE / max(image.width, image.height)
    if scale < 1:
        image = image.resize(scale)
    image = to_srgb(image).colourspace("srgb")
    if image.hasalpha():
        image = image.flatten(background=[128, 128, 128])
    return image.cast("uchar").copy_memory()


def _by_faces(image: Image, whole: Size, size: Size) -> Choice:
    detector = find_detector()
    if detector is None:
        message = (
            "gravity: faces cannot be looked for without the face detector, attention was used "
            "instead; pip install 'imgflow[faces]' brings it"
        )
        choice = _by_content(image, whole, size, "attention")
        return choice._replace(warnings=(Note("warning", "faces-missing", message),))
    faces = detector.detect(image)
    if not faces:
        return _by_content(image, whole, size, "attention")._replace(details={"faces": 0})
    framed = frame_faces(faces, whole, size)
    shown = framed.inside or faces[:1]
    confidence = sum(face.score for face in shown) / len(shown)
    details = {"faces": len(faces), "inside": len(framed.inside)}
    return Choice(framed.box, "faces", confidence, details)


def _by_content(image: Image, whole: Size, size: Size, gravity: str) -> Choice:
    find = find_salient(image, size, whole, "entropy" if gravity == "entropy" else "attention")
    if find is None:
        return Choice(Box(*place(size, whole, "centre"), *size), "centre", 0.0)
    box = centre_on(size, whole, find.x * whole.width, find.y * whole.height)
    return Choice(box, gravity, find.confidence)


def _note(choice: Choice, gravity: str) -> Note:
    found = choice.details.get("faces")
    counted = "" if found is None else f", faces found: {found}"
    strategy = choice.strategy
    used = strategy if strategy == gravity else f"{gravity} was asked for, {strategy} was used"
    message = f"gravity: {used} (confidence {choice.confidence:.2f}{counted})"
    details = {
        "asked": gravity,
        "strategy": choice.strategy,
        "confidence": round(choice.confidence, 3),
        **choice.details,
        "box": [*choice.box],
    }
    return Note("choice", "crop-gravity", message, details)
