"""Start: `--help`, `--version` and a run of one photograph, in seconds of wall time."""

from __future__ import annotations

import statistics
import sys
from typing import TYPE_CHECKING

import bench
import fit

if TYPE_CHECKING:
    from pathlib import Path


def main() -> None:
    """Race and print the medians."""
    options = bench.parser(__doc__)
    options.set_defaults(rounds=15)
    chosen = options.parse_args()
    with bench.scratch_folder() as scratch:
        photo = twelve_megapixels(chosen.photos, scratch)
        recipe = scratch / "fit.yaml"
        recipe.write_text(fit.RECIPE)
        script = str(bench.HERE / "rivals/bare_fit.py")
        out = str(scratch / "out")
        costs = bench.race(
            [
                bench.Contender("python -c pass", [sys.executable, "-c", "pass"]),
                bench.Contender("imgflow --version", bench.imgflow("--version")),
                bench.Contender("imgflow --help", bench.imgflow("--help")),
                bench.Contender(
                    "bare pyvips, one photo",
                    [sys.executable, script, str(scratch / "bare"), "1", "800", "600"],
                    f"{photo}\n",
                ),
                bench.Contender(
                    "imgflow run, one photo",
                    bench.imgflow("run", str(recipe), photo, "--quiet", "--out", out),
                ),
            ],
            chosen.rounds,
        )
    bare = {"imgflow run, one photo": "bare pyvips, one photo"}
    print("| program | wall s | s above the baseline |\n|---|---|---|")
    for name, runs in costs.items():
        base = costs[bare.get(name, "python -c pass")]
        above = statistics.median(r.wall - b.wall for r, b in zip(runs, base, strict=True))
        print(f"| {name} | {bench.median(runs, 'wall'):.3f} | {above:+.3f} |")


def twelve_megapixels(photos: Path, scratch: Path) -> str:
    """Write one 12 MP JPEG, made of the first photograph."""
    from PIL import Image

    path = scratch / "twelve.jpg"
    with Image.open(min(photos.rglob("*.jpg"))) as image:
        image.convert("RGB").resize((4000, 3000)).save(path, quality=90)
    return str(path)


if __name__ == "__main__":
    main()
