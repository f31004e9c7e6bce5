"""What ``optimize`` makes of a picture: its source in fewer bytes, or a new file that is marked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imgflow.containers.marks import mark_of, with_mark
from imgflow.encoders.goals import wish_text
from imgflow.finish import WORTH, Encoded, encode
from imgflow.metadata import parse_policy
from imgflow.profiles import agrees
from imgflow.quality.easel import Easel
from imgflow.repack import PACKERS, repack, slim
from imgflow.repack.pixels import decode
from imgflow.source import Source

if TYPE_CHECKING:
    from imgflow.encoders import Encoder
    from imgflow.frames import Picture
    from imgflow.profiles import ProfilePolicy
    from imgflow.repack import Thrift


def economize(  # noqa: PLR0913, PLR0917
    picture: Picture,
    encoder: Encoder,
    metadata: Any,  # noqa: ANN401
    profile: ProfilePolicy,
    thrift: Thrift,
    original: Source | None = None,
    easel: Easel | None = None,
) -> Encoded:
    """Return the source repacked without loss, or the picture encoded where that is asked for.

    See :func:`imgflow.finish.encode`. A source that no step changed is never made larger, nor
    compressed with loss for less than 1 %, or for a second time. Without loss, there is
    nothing but the source: pictures that steps changed, or that become another format, are
    encoded as ``encoder`` says.
    """
    easel = easel or Easel(picture)
    lean = None
    own = next((one for one in encoder.outlines() if one.name() == picture.origin.format), None)
    if original and own and (profile != "p3" or agrees(picture.image, "p3")):
        policy = parse_policy(metadata if picture.metadata is None else picture.metadata)
        slimmed = slim(picture, original, policy, profile, thrift.effort)
        copied = len(slimmed.data) == original.size
        frames = own.frames_of(picture.frames)
        lean = Encoded(slimmed.data, frames, own, slimmed.notes, copied, repacked=not copied)
        if slimmed.final or (thrift.lossless and own is encoder):
            return lean
    made = _packed(encode(picture, encoder, metadata, profile, None, easel), encoder, thrift)
    if lean and len(made.data) >= len(lean.data) * WORTH:
        return lean
    return made.warned(original) if original else made


def _packed(made: Encoded, asked: Encoder, thrift: Thrift) -> Encoded:
    """Mark a file that has lost something, and pack it as tightly as a second run would."""
    kind, data = made.encoder.name(), made.data
    if made.encoder.loses:
        data = with_mark(data, kind, mark_of(wish_text(asked.wish)))
    if kind not in PACKERS:
        return made._replace(data=data)
    pixels = decode(Source("", data=data), kind)
    return made._replace(data=repack(data, kind, thrift.effort, pixels))
