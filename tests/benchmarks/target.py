"""How well the search meets a score, and what that costs.

For each format and level: how many outputs end within -0.5 and +2 points of the goal, the worst
that fell short, the encodes, the points above the goal, how many came out lossless, with a
palette (of which more is asked) or missed the goal and said so, and the CPU time as a multiple
of that of a plain encode at the quality found, at the same effort. Outputs are decoded by Pillow
and scored anew. Pictures are the photographs in FOLDERs, or those of scikit-image, and graphics
that are drawn.

    python tests/benchmarks/target.py ~/photos --formats jpeg webp --side 1600 --count 20
"""

from __future__ import annotations

import argparse
import io
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import graphics
import numpy as np
import samples
from PIL import Image

from imgflow.encoders import parse_encoder
from imgflow.finish import FilePress
from imgflow.frames import Origin, Picture
from imgflow.libvips import libvips
from imgflow.metadata import Groups
from imgflow.nature import look_at
from imgflow.profiles import to_srgb
from imgflow.quality.search import seek
from imgflow.quality.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgflow.encoders import Encoder
    from imgflow.quality.found import Found

LEVELS = (70, 80, 90)
BELOW, ABOVE = -0.5, 2.0


class Run(NamedTuple):
    """One output: its file, the points above the goal, and CPU seconds with and without search."""

    found: Found
    over: float
    searched: float
    plain: float

    @property
    def told(self) -> bool:
        """Whether it is lossless, has a palette, or says that the goal was missed."""
        encoder = self.found.encoder
        exact = getattr(encoder, "quality", "") == "lossless" or getattr(encoder, "palette", False)
        return exact or bool(self.found.notes)


def main() -> None:
    """Measure, and print a row for each format and level."""
    chosen = options()
    pictures = list(photos(chosen.folders, chosen.side, chosen.count))
    if not chosen.no_graphics:
        pictures += [(name, drawn(draw())) for name, draw in graphics.GRAPHICS.items()]
    print(f"{len(pictures)} pictures, effort {chosen.effort}")
    print("format  goal    n  inside  worst  encodes (most)  over  told  cpu")
    for form in chosen.formats:
        for goal in chosen.levels:
            said = {"quality": {"score": goal}, "effort": chosen.effort}
            encoder = parse_encoder({"format": form, **said})
            runs = [run(encoder, pixels) for _, pixels in pictures]
            print(f"{form:6} {goal:5} {row(runs)}", flush=True)


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--formats", nargs="+", default=["jpeg", "webp", "avif"])
    parser.add_argument("--levels", nargs="+", type=float, default=LEVELS)
    parser.add_argument("--effort", default="balanced")
    parser.add_argument("--side", type=int, default=1600)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--no-graphics", action="store_true")
    return parser.parse_args()


def photos(folders: list[Path], side: int, count: int) -> Iterator[tuple[str, Any]]:
    """Yield photographs, evenly picked, as lossless sRGB no longer than ``side``."""
    if not folders:
        for take in (samples.portrait, samples.cat, samples.coffee, samples.cameraman):
            yield take.__name__, image(take())
    files = [file for folder in folders for file in sorted(folder.rglob("*.jpg"))]
    step = max(1, len(files) / count)
    for at in range(min(count, len(files))):
        file = files[int(at * step)]
        small = libvips().Image.thumbnail(str(file), side, height=side, size="down")
        yield file.name, image(np.asarray(to_srgb(small)))


def image(pixels: Any) -> Any:
    """Return pixels as an image of libvips with an empty header."""
    kind = "b-w" if pixels.ndim == 2 else "srgb"
    return libvips().Image.new_from_array(np.ascontiguousarray(pixels)).copy(interpretation=kind)


def drawn(graphic: Image.Image) -> Any:
    """Return a graphic of Pillow's as an image of libvips."""
    mode = "RGBA" if graphic.has_transparency_data else "RGB"
    return image(np.asarray(graphic.convert(mode)))


def run(encoder: Encoder, pixels: Any) -> Run:
    """Search, encode plainly what was found, and judge it."""
    if pixels.hasalpha() and not encoder.capabilities.alpha:
        pixels = pixels.flatten(background=255).copy_memory()
    picture = Picture(pixels, pixels.width, pixels.height, Origin("png"))
    press = FilePress(pixels, encoder, Groups())
    before = time.process_time()
    subject = Subject(pixels)
    found = seek(subject, encoder, look_at(picture), press)
    between = time.process_time()
    FilePress(pixels, found.encoder, Groups()).whole()
    after = time.process_time()
    seen = np.asarray(Image.open(io.BytesIO(found.data)).convert(mode_of(pixels)))
    (_, reference), *_ = subject.references
    over = reference.score(image(seen)) - (encoder.goal or 0)
    return Run(found, over, between - before, after - between)


def mode_of(pixels: Any) -> str:
    """Return Pillow's name for the channels of an image."""
    return {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[pixels.bands]


def row(runs: list[Run]) -> str:
    """Return the figures of some outputs."""
    judged = [one for one in runs if not one.told]
    inside = [one for one in judged if BELOW <= one.over <= ABOVE]
    encodes = [one.found.encodes for one in runs]
    told = len(runs) - len(judged)
    cost = sum(one.searched for one in runs) / sum(one.plain for one in runs)
    worst = min((one.over for one in judged), default=0.0)
    over = statistics.fmean([one.over for one in judged] or [0.0])
    share = len(inside) / max(1, len(judged))
    return (
        f"{len(runs):4}  {share:6.1%}  {worst:+5.2f}  {statistics.fmean(encodes):7.2f} "
        f"({max(encodes)})  {over:+10.2f}  {told:4}  {cost:4.2f}"
    )


if __name__ == "__main__":
    main()
