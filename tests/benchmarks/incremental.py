"""A run that has nothing to do, of 1,000 and of 10,000 sources, in seconds of wall time."""

from __future__ import annotations

import io
import subprocess
import sys
from typing import TYPE_CHECKING

import bench

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Three files of each source, and a manifest of them all.
RECIPE = """\
version: 1
name: site
inputs: {from: photos}
manifest: site.json
steps:
  - {op: resize, width: 12}
outputs:
  - {path: "dist/{dir}/{stem}-{width}w.{ext}", formats: [jpeg, webp], widths: [6]}
  - {path: "dist/{dir}/{stem}.{ext}", format: png}
"""
#: The same without the manifest.
PLAIN = "".join(line for line in RECIPE.splitlines(True) if not line.startswith("manifest"))
#: Seconds that a second run may take.
TARGETS = {1000: 0.5, 10_000: 2.5}
_COMMANDS = ("run", "plan", "check")
_FOLDER = 100


def main() -> None:
    """Make all files once, then print the best of some runs that find them up to date."""
    options = bench.parser(__doc__)
    options.set_defaults(rounds=5)
    options.add_argument("--sources", type=int, nargs="*", default=list(TARGETS))
    options.add_argument("--manifest", action="store_true", help="with a manifest")
    chosen = options.parse_args()
    print("| sources | program | wall s | above start s | times start | CPU s | peak RSS MB |")
    print("|---|---|---|---|---|---|---|")
    for count in chosen.sources:
        with bench.scratch_folder() as scratch:
            draw(scratch / "photos", count)
            recipe = scratch / "recipe.yaml"
            recipe.write_text(RECIPE if chosen.manifest else PLAIN)
            made = bench.measure(command(recipe, "run"))
            costs = bench.race(list(contenders(recipe)), chosen.rounds)
        show(count, {"first run": [made], **costs})


def draw(folder: Path, count: int) -> None:
    """Write small JPEGs, no two of them alike, a hundred in a folder."""
    from PIL import Image

    for number in range(count):
        if number % _FOLDER == 0:
            (folder / f"{number // _FOLDER:03d}").mkdir(parents=True)
        stream = io.BytesIO()
        shade = (number % 256, number // 256, 128)
        Image.new("RGB", (16, 12), shade).save(stream, "JPEG", comment=str(number).encode())
        path = folder / f"{number // _FOLDER:03d}" / f"{number:05d}.jpg"
        path.write_bytes(stream.getvalue())


def contenders(recipe: Path) -> Iterator[bench.Contender]:
    """Yield what the start of a process costs, and the commands that are there."""
    yield bench.Contender("python -c pass", [sys.executable, "-c", "pass"])
    yield bench.Contender("imgflow --version", bench.imgflow("--version"))
    text = subprocess.run(bench.imgflow("--help"), capture_output=True, text=True, check=True)
    known = {line.split()[0] for line in text.stdout.splitlines() if line.strip()}
    for name in _COMMANDS:
        if name in known:
            yield command(recipe, name)


def command(recipe: Path, name: str) -> bench.Contender:
    """Return a command on the recipe."""
    return bench.Contender(
        f"imgflow {name}", bench.imgflow(name, recipe.name), cwd=str(recipe.parent)
    )


def show(count: int, costs: dict[str, list[bench.Cost]]) -> None:
    """Print the fastest run of each."""
    start = min(cost.wall for cost in costs["imgflow --version"])
    for name, runs in costs.items():
        best = min(runs, key=lambda cost: cost.wall)
        print(
            f"| {count:,} | {name} | {best.wall:.3f} | {best.wall - start:+.3f} "
            f"| {best.wall / start:.1f} | {best.cpu:.3f} | {best.rss:.0f} |"
        )
    slow = min(cost.wall for cost in costs["imgflow run"])
    if count in TARGETS:
        print(f"target of {count:,}: {TARGETS[count]} s, {slow:.2f} s found", file=sys.stderr)


if __name__ == "__main__":
    main()
