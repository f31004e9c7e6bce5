"""A picture that several encoders take: what one learns of it, the next need not compute."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.frames import settle
from imgflow.nature import Nature, look_at
from imgflow.profiles import has_profile
from imgflow.quality.subject import Subject

if TYPE_CHECKING:
    from pyvips import Image

    from imgflow.encoders import Encoder
    from imgflow.frames import Picture
    from imgflow.profiles import ProfilePolicy


class Easel:
    """Holds a picture; its pixels are computed when they are first wanted twice."""

    def __init__(self, picture: Picture) -> None:
        """Put a picture up."""
        self.picture = picture
        self._nature: Nature | None = None
        self._subjects: dict[tuple[object, ...], Subject] = {}

    @property
    def nature(self) -> Nature:
        """What kind of picture it is."""
        if self._nature is None:
            self.settle()
            self._nature = look_at(self.picture)
        return self._nature

    def settle(self) -> None:
        """Compute the pixels, so that they can be read any number of times."""
        if not self._subjects and self._nature is None:
            image = settle(self.picture.image)
            self.picture = self.picture.replace(image=image, streaming=False)

    def subject(self, image: Image, encoder: Encoder, profile: ProfilePolicy) -> Subject:
        """Return the picture as it is fitted to an encoder and a colour policy: the ``image``.

        Encoders to which it is fitted alike share one.
        """
        frames = encoder.frames_of(self.picture.frames)
        flattened = self.picture.has_alpha and not image.hasalpha()
        ground = encoder.backdrop if flattened else ""
        look = (profile, frames, ground, image.interpretation, has_profile(image))
        if look not in self._subjects:
            self._subjects[look] = Subject(image, frames)
        return self._subjects[look]
