"""The files that the pictures are kept in."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

from .dunes import dunes_at_dusk
from .leaf import maple_leaf
from .ridges import misty_ridges
from .sea import waves
from .sky import milky_way
from .stones import pebbles

SCENES: Mapping[str, Callable[[], Image.Image]] = {
    "misty-ridges.jpg": misty_ridges,
    "dunes-at-dusk.jpg": dunes_at_dusk,
    "coast/waves.jpg": waves,
    "pebbles.jpg": pebbles,
    "milky-way.jpg": milky_way,
    "maple-leaf.png": maple_leaf,
}
PLACE = {
    GPS.GPSLatitudeRef: "N",
    GPS.GPSLatitude: (24.0, 44.0, 30.0),
    GPS.GPSLongitudeRef: "W",
    GPS.GPSLongitude: (15.0, 17.0, 6.0),
}
TAGS: Mapping[str, Mapping[int, Any]] = {
    "dunes-at-dusk.jpg": {
        Base.Copyright: "Example photos, CC0",
        Base.Artist: "imgflow",
        IFD.GPSInfo: PLACE,
    },
    "milky-way.jpg": {Base.Orientation: 6},
}


def write(name: str, folder: Path) -> Image.Image:
    """Render the picture ``name``, write it into ``folder`` and return it as stored."""
    picture, exif = SCENES[name](), Image.Exif()
    for tag, value in TAGS.get(name, {}).items():
        exif[tag] = value
    if Base.Orientation in exif:  # stored on its side, to be turned when displayed
        picture = picture.transpose(Image.Transpose.ROTATE_90)
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    picture.save(folder / name, quality=78, optimize=True, exif=exif)
    return picture
