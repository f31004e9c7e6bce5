"""Sizes: how far our files are from the smallest that any setting of an encoder makes.

For every picture our file is compared with the smallest one of a declared grid (tests/grids.py)
that scores at most half a point less, by Pillow's decode. Prints each picture, and per format,
goal and effort the geometric mean of the ratios, the pictures that miss 1.05, and the worst.
``--settings`` tells instead what each setting of the grid costs in bytes at the goals. Only sizes
are measured: any machine with the same versions of the encoders gives the same.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bench

sys.path.append(str(bench.HERE.parent))

import samples
from graphics import GRAPHICS
from grids import GRIDS
from optima import MOST, SLACK, Match, Scene, geometric_mean
from PIL import Image, ImageOps
from skimage import data

from imgflow.encoders.goals import LEVELS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

WORDS = ("balanced", "fast", "max")
PHOTOS: dict[str, Callable[[], Any]] = {
    "portrait": samples.portrait,
    "cat": samples.cat,
    "coffee": samples.coffee,
    "cameraman": samples.cameraman,
    "rocket": data.rocket,
    "galaxies": data.hubble_deep_field,
    "tissue": data.immunohistochemistry,
    "motorcycle": lambda: data.stereo_motorcycle()[0],
}
DRAWN = ("text_page", "chart", "screenshot", "street_map", "diagram", "interface_with_photo")
#: AVIF's grid takes seconds a quality, so it is tried on fewer and smaller pictures by default.
AVIF_SIDE, AVIF_PHOTOS = 280, 4


def main() -> None:
    """Search and print."""
    chosen = _options().parse_args()
    for name in chosen.formats:
        scenes = list(_scenes(name, chosen))
        if chosen.settings:
            _compare_settings(name, scenes, chosen.goals)
        else:
            _compare_ours(name, scenes, chosen.goals, chosen.efforts)


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folders", nargs="*", type=Path, help="photos to take for our own")
    options.add_argument("--formats", nargs="+", default=list(GRIDS), choices=list(GRIDS))
    options.add_argument("--goals", nargs="+", default=["good", "high"], choices=list(LEVELS))
    options.add_argument("--efforts", nargs="+", default=list(WORDS), choices=WORDS)
    options.add_argument("--side", type=int, default=400, help="longer side of photos, in pixels")
    options.add_argument("--photos", type=int, default=1000, help="how many photos at most")
    options.add_argument("--drawn", type=int, default=len(DRAWN), help="how many graphics")
    options.add_argument("--full", action="store_true", help="spare AVIF nothing")
    options.add_argument("--settings", action="store_true", help="compare the grid's settings")
    return options


def _scenes(name: str, chosen: argparse.Namespace) -> Iterator[Scene]:
    """Give the pictures for a format; a few small ones where the grid is slow."""
    sparing = name == "avif" and not chosen.full
    side = min(chosen.side, AVIF_SIDE) if sparing else chosen.side
    count = min(chosen.photos, AVIF_PHOTOS) if sparing and not chosen.folders else chosen.photos
    for title, photo in list(_photos(chosen.folders))[:count]:
        photo.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=None)
        yield Scene(title, photo)
    if name != "avif":
        for title in DRAWN[: chosen.drawn]:
            yield Scene(title, GRAPHICS[title]())


def _photos(folders: Sequence[Path]) -> Iterator[tuple[str, Image.Image]]:
    if not folders:
        for name, make in PHOTOS.items():
            yield name, Image.fromarray(make())
    for folder in folders:
        for path in sorted(folder.rglob("*.jpg")):
            with Image.open(path) as image:
                image.draft("RGB", (1600, 1600))
                yield path.stem, ImageOps.exif_transpose(image).convert("RGB")


def _compare_ours(
    name: str, scenes: Sequence[Scene], goals: Sequence[str], efforts: Sequence[str]
) -> None:
    print(f"\n### {name}: grid of {len(GRIDS[name])} settings, {len(scenes)} pictures\n")
    print("| picture | asked | effort | bytes | score | smallest | its score | by | ratio |")
    print("|---|---|---|---|---|---|---|---|---|", flush=True)
    found: dict[tuple[str, str], list[Match]] = {}
    for scene in scenes:
        for goal in _asked(name, goals):
            for effort in efforts:
                match = scene.matched({"format": name, "quality": goal, "effort": effort})
                found.setdefault((goal, effort), []).append(match)
                print(_row(match, goal, effort), flush=True)
    _summary(name, found)


def _asked(name: str, goals: Sequence[str]) -> list[str]:
    return ["lossless", *goals] if name == "png" else list(goals)


def _row(match: Match, goal: str, effort: str) -> str:
    best = match.best
    return (
        f"| {match.picture} | {goal} | {effort} | {match.ours} | {match.score:.1f} | {best.size} "
        f"| {best.score:.1f} | {best.setting}, {best.quality} | {match.ratio:.3f} |"
    )


def _summary(name: str, found: dict[tuple[str, str], list[Match]]) -> None:
    print("\n| format | asked | effort | pictures | mean ratio | over 1.05 | worst |")
    print("|---|---|---|---|---|---|---|")
    for (goal, effort), matches in found.items():
        for kind in ("photos", "graphics"):
            some = [one for one in matches if (one.picture in DRAWN) == (kind == "graphics")]
            if some:
                print(f"| {name} | {goal} | {effort} | {len(some)} {kind} {_means(some)}")
    sys.stdout.flush()


def _means(matches: Sequence[Match]) -> str:
    ratios = [match.ratio for match in matches]
    over = sum(ratio > MOST for ratio in ratios)
    worst = max(matches, key=lambda match: match.ratio)
    return f"| {geometric_mean(ratios):.3f} | {over} | {worst.ratio:.3f} ({worst.picture}) |"


def _compare_settings(name: str, scenes: Sequence[Scene], goals: Sequence[str]) -> None:
    """Print the size of each setting where it first scores a goal, over the smallest of all."""
    print(f"\n### {name}: bytes at a score, over the smallest of the grid\n")
    print(f"| setting | {' | '.join(f'{goal} | reached' for goal in goals)} |")
    print(f"|---|{'---|' * 2 * len(goals)}", flush=True)
    floors = [LEVELS[goal] - SLACK for goal in goals]
    least = [[scene.smallest(GRIDS[name], floor).size for scene in scenes] for floor in floors]
    for setting in GRIDS[name]:
        cells = []
        for floor, sizes in zip(floors, least, strict=True):
            tries = [scene.smallest([setting], floor) for scene in scenes]
            pairs = zip(tries, sizes, strict=True)
            ratios = [one.size / size for one, size in pairs if one.reached]
            cells += [f"{geometric_mean(ratios):.3f}" if ratios else "-", f"{len(ratios)}"]
        print(f"| {setting.name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
