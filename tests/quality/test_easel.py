"""What several encoders of one picture share, and what they must not."""

from __future__ import annotations

from typing import Any

import pytest
import samples
from PIL import Image

from imgflow.encoders import parse_encoder
from imgflow.finish import encode
from imgflow.image import open_picture
from imgflow.limits import DEFAULT_LIMITS
from imgflow.quality.easel import Easel
from imgflow.source import Source


@pytest.mark.parametrize("first", [0, 1])
def test_what_one_format_keeps_of_the_colours_is_not_handed_to_another(first: int) -> None:
    """JPEG keeps CMYK, which WebP cannot: no order of the two changes the file of either."""
    ink = Image.fromarray(samples.cat()[80:160, 120:220]).convert("CMYK")
    source = Source("in", data=samples.encoded(ink, "JPEG", quality=95))

    def easel() -> Easel:
        return Easel(open_picture(source, DEFAULT_LIMITS))

    def made(form: str, shared: Easel) -> bytes:
        said: dict[str, Any] = {"format": form, "quality": "good", "effort": "fast"}
        return encode(shared.picture, parse_encoder(said), None, "keep", None, shared).data

    forms = ["jpeg", "webp"]
    shared = easel()
    for form in (forms[first], forms[1 - first]):
        assert made(form, shared) == made(form, easel())
