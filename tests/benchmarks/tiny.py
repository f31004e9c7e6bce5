"""Overhead: JPEGs of 100x100 px into 50x50, where the pixels cost next to nothing."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import bench

RECIPE = """\
version: 1
name: tiny
vars: {out: out}
outputs:
  - path: "{out}/{stem}.jpg"
    steps: [{op: resize, width: 50, height: 50, fit: inside}]
    format: jpeg
    effort: fast
"""


def main() -> None:
    """Race and print."""
    options = bench.parser(__doc__)
    options.add_argument("--count", type=int, default=1000)
    chosen = options.parse_args()
    with bench.scratch_folder() as scratch:
        paths = icons(chosen.photos, chosen.count, scratch / "in")
        recipe = scratch / "tiny.yaml"
        recipe.write_text(RECIPE)
        cores = str(len(os.sched_getaffinity(0)))
        out = str(scratch / "imgflow")
        script = str(bench.HERE / "rivals/bare_fit.py")
        contenders = [
            bench.Contender(
                "imgflow",
                bench.imgflow("run", str(recipe), str(scratch / "in"), "--quiet", "--out", out),
                out=scratch / "imgflow",
            ),
            bench.Contender(
                "bare pyvips",
                [sys.executable, script, str(scratch / "bare"), cores, "50", "50"],
                "".join(f"{path}\n" for path in paths),
                scratch / "bare",
            ),
        ]
        costs = bench.race(contenders, chosen.rounds)
        bench.table(costs, len(paths), "bare pyvips")
        ours, bare = (bench.median(costs[name], "cpu") for name in ("imgflow", "bare pyvips"))
        print(f"\nimgflow spends {(ours - bare) / len(paths) * 1000:+.2f} CPU ms an image more")


def icons(photos: Path, count: int, folder: Path) -> list[str]:
    """Write small JPEGs cut from photographs."""
    from PIL import Image

    folder.mkdir()
    originals = sorted(photos.rglob("*.jpg"))
    paths: list[str] = []
    for number in range(count):
        path = folder / f"{number:05d}.jpg"
        if number < len(originals):
            with Image.open(originals[number]) as image:
                image.convert("RGB").resize((100, 100)).save(path, quality=85)
        else:
            path.write_bytes(Path(paths[number % len(originals)]).read_bytes())
        paths.append(str(path))
    return paths


if __name__ == "__main__":
    main()
