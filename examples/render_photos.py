"""Render the example pictures of imgflow: ``python examples/render_photos.py [DIR]``.

The pictures (default place: ``photos/`` beside this script) are computed from fractal noise and
height maps with fixed seeds: the scenes are the same on every run, and nobody holds rights in them.
"""

from argparse import ArgumentParser
from pathlib import Path

from rendering.files import SCENES, write


def main() -> None:
    """Write all pictures, or one of them, to the directory named on the command line."""
    parser = ArgumentParser(description="Render the example pictures of imgflow.")
    photos = Path(__file__).with_name("photos")
    parser.add_argument("folder", metavar="DIR", nargs="?", type=Path, default=photos)
    parser.add_argument("--only", metavar="NAME", choices=SCENES, help=", ".join(SCENES))
    arguments = parser.parse_args()
    for name in [arguments.only] if arguments.only else SCENES:
        picture = write(name, arguments.folder)
        print(f"{name}: {picture.width}x{picture.height}")


if __name__ == "__main__":
    main()
