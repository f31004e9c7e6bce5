"""Watch: from the end of a save to the finished outputs, against the same job by itself."""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

import bench

from imgflow.execute import execute
from imgflow.recipe import expand, load_recipe
from imgflow.storage import LocalStorage

if TYPE_CHECKING:
    from pathlib import Path

RECIPE = """\
version: 1
vars: {out: out}
inputs: {from: photos}
outputs:
  - path: "{out}/{stem}.jpg"
    steps: [{op: resize, width: 600}]
    format: jpeg
  - path: "{out}/{stem}.webp"
    steps: [{op: resize, width: 600}]
    format: webp
"""
#: Seconds that a save may take to show, before something is wrong.
PATIENCE = 60.0


def main() -> None:
    """Save one of some photographs again and again, and print how soon its files are there."""
    options = bench.parser(__doc__)
    options.set_defaults(rounds=20)
    options.add_argument("--count", type=int, default=1, help="photographs that are watched")
    options.add_argument("--rename", action="store_true", help="save as most editors do")
    chosen = options.parse_args()
    with bench.scratch_folder() as scratch:
        os.chdir(scratch)
        versions = draw(chosen.photos, chosen.rounds + 2)
        (scratch / "recipe.yaml").write_text(RECIPE)
        (scratch / "photos").mkdir()
        for number in range(chosen.count):
            (scratch / "photos" / f"{number:05d}.jpg").write_bytes(versions[0])
        command = bench.imgflow("watch", "recipe.yaml")
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            while not process.stdout.readline().startswith("watching"):
                pass
            time.sleep(1)
            save(scratch, versions[1], rename=chosen.rename)
            process.stdout.readline()
            runs = []
            for data in versions[2:]:
                seconds = save(scratch, data, rename=chosen.rename)
                inside = told(process.stdout.readline())
                time.sleep(0.5)
                runs.append(Run(seconds, inside, alone()))
            process.send_signal(signal.SIGINT)
    report(runs)


class Run(NamedTuple):
    """Seconds from a save to its files, of the job in that, and of the same job by itself."""

    wall: float
    job: float
    alone: float


def told(line: str) -> float:
    """Return the seconds that a line of the watch tells of."""
    number, unit = line.rsplit(", ", maxsplit=1)[-1].split()
    return float(number) / (1000 if unit == "ms" else 1)


def save(folder: Path, data: bytes, *, rename: bool) -> float:
    """Write a photograph, and return the seconds from then until both its files are new."""
    outputs = [folder / "out" / f"00000.{ending}" for ending in ("jpg", "webp")]
    before = [output.stat().st_ino for output in outputs]
    source = folder / "photos" / "00000.jpg"
    place = folder / "photos" / ".00000.jpg.new" if rename else source
    place.write_bytes(data)
    if rename:
        place.replace(source)
    started = time.perf_counter()
    while any(one.stat().st_ino == was for one, was in zip(outputs, before, strict=True)):
        if time.perf_counter() - started > PATIENCE:
            sys.exit("a save was not followed")
        time.sleep(0.001)
    return time.perf_counter() - started


def alone() -> float:
    """Return the seconds of the same job, in this process and with nothing around it."""
    job = next(iter(expand(load_recipe("recipe.yaml", out="alone"), ["photos/00000.jpg"])))
    started = time.perf_counter()
    result = execute(job, LocalStorage())
    assert result.status == "completed", result.error
    return time.perf_counter() - started


def draw(photos: Path, count: int) -> list[bytes]:
    """Return JPEGs, 1200 pixels wide, no two of them the same."""
    import io

    from PIL import Image

    files = []
    with Image.open(min(photos.rglob("*.jpg"))) as image:
        wide = image.convert("RGB").resize((1200, 1200 * image.height // image.width))
    for number in range(count):
        stream = io.BytesIO()
        wide.point([min(255, value + number) for value in range(256)] * 3).save(
            stream, "JPEG", quality=90
        )
        files.append(stream.getvalue())
    return files


def report(runs: list[Run]) -> None:
    """Print median and worst, and how much of that the job itself takes."""
    wall, job, alone_ = (statistics.median(column) * 1000 for column in zip(*runs, strict=True))
    worst = max(run.wall for run in runs) * 1000
    around = [(run.wall - run.job) * 1000 for run in runs]
    print(f"{len(runs)} saves, from the save to the files: median {wall:.0f} ms, worst {worst:.0f}")
    print(f"the job in that, decoding and encoding: median {job:.0f} ms, {job / wall:.0%}")
    print(f"all around it: median {statistics.median(around):.0f} ms, worst {max(around):.0f}")
    ratio = statistics.median(run.wall / run.alone for run in runs)
    print(f"execute alone: median {alone_:.0f} ms; a save takes {ratio:.2f} times that")


if __name__ == "__main__":
    main()
