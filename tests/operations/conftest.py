"""What the tests of operations share: a watermark file in the working directory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageDraw

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def watermark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return ``watermark.png``, red on transparent, 40x20, in the working directory."""
    image = Image.new("RGBA", (40, 20), (0, 0, 0, 0))
    ImageDraw.Draw(image).rectangle((4, 4, 35, 15), fill=(200, 30, 40, 255))
    path = tmp_path / "watermark.png"
    image.save(path)
    monkeypatch.chdir(tmp_path)
    return path
