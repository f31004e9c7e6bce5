"""What the queue costs on real images: ``imgflow worker`` against ``imgflow run``, same photos.

Photographs from scikit-image, enlarged so that a job takes about 50 ms of a core. Both run
with as many processes as there are cores. The pace is taken from the times at which files
appear, between the 10th percent and the last, so that no start-up is in it; the CPU time is
that of all processes that take part, Redis included.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import bench
import queue_ground as ground
from memory import descendants

if TYPE_CHECKING:
    from servers import RedisServer

RECIPE = """\
version: 1
name: overhead
vars: {out: out}
steps: [{op: resize, width: 1000}]
outputs:
  - path: "{out}/{stem}.jpg"
    format: jpeg
"""
#: The part of the files that is made before the clock starts.
WARM = 0.1
PATIENCE = 300.0


class Pace(NamedTuple):
    """Images a second, and the CPU time of each in milliseconds."""

    rate: float
    cpu: float


def main() -> None:
    """Race and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--count", type=int, default=300)
    options.add_argument("--width", type=int, default=4600, help="of the photographs")
    chosen = options.parse_args()
    paces: dict[str, list[Pace]] = {"imgflow run": [], "imgflow worker": []}
    with bench.scratch_folder() as scratch, ground.own_server() as server:
        photographs = enlarge(scratch / "in", chosen.count, chosen.width)
        recipe = scratch / "overhead.yaml"
        recipe.write_text(RECIPE)
        for number in range(chosen.rounds):
            for name, measured in (("imgflow run", alone), ("imgflow worker", queued)):
                out = scratch / f"{name.split()[-1]}-{number}"
                pace = measured(recipe, photographs, out, server)
                paces[name].append(pace)
                print(f"{name}: {pace}", file=sys.stderr)
    report(paces)


def report(paces: dict[str, list[Pace]]) -> None:
    """Print the table, and what was wanted: medians of the ratios round by round."""
    ground.head("program", "images/s", "CPU ms/image")
    for name, runs in paces.items():
        rate, cpu = (
            statistics.median(getattr(run, field) for run in runs) for field in Pace._fields
        )
        ground.row(name, f"{rate:.2f}", f"{cpu:.1f}")
    pairs = list(zip(paces["imgflow run"], paces["imgflow worker"], strict=True))
    slower = statistics.median(1 - queued.rate / alone.rate for alone, queued in pairs) * 100
    dearer = statistics.median(queued.cpu / alone.cpu - 1 for alone, queued in pairs) * 100
    print()
    ground.target("fewer images/s", slower, "<= 2", "%", met=slower <= 2)
    ground.target("more CPU time", dearer, "<= 2", "%", met=dearer <= 2)


def enlarge(folder: Path, count: int, width: int) -> Path:
    """Write photographs of a width, each under many names."""
    from PIL import Image
    from skimage import data

    folder.mkdir()
    originals = []
    for number, pixels in enumerate((data.astronaut(), data.coffee(), data.chelsea())):
        image = Image.fromarray(pixels)
        path = folder / f"{number:04d}.jpg"
        size = (width, round(image.height * width / image.width))
        image.resize(size, Image.Resampling.BICUBIC).save(path, quality=88)
        originals.append(path)
    for number in range(len(originals), count):
        os.link(originals[number % len(originals)], folder / f"{number:04d}.jpg")
    return folder


def alone(recipe: Path, photographs: Path, out: Path, server: RedisServer) -> Pace:
    """Run locally."""
    del server
    return watched(local_run(recipe, photographs, out), photographs, out)


def queued(recipe: Path, photographs: Path, out: Path, server: RedisServer) -> Pace:
    """Submit to a worker that waits, and follow until the end."""
    with server.client() as client:
        client.flushall()
    cores = str(len(os.sched_getaffinity(0)))
    worker = subprocess.Popen(
        bench.imgflow("worker", "--redis", server.url, "--concurrency", cores),
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for_worker(server)
        command = [*local_run(recipe, photographs, out), "--queue", server.url]
        return watched(command, photographs, out)
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait(PATIENCE)


def local_run(recipe: Path, photographs: Path, out: Path) -> list[str]:
    """Return the command line of a run."""
    return bench.imgflow("run", str(recipe), str(photographs), "--quiet", "--out", str(out))


def watched(command: list[str], photographs: Path, out: Path) -> Pace:
    """Run a command, and return its pace once it is warm."""
    count = len(os.listdir(photographs))
    warm = round(WARM * count)
    out.mkdir()
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    wait_for_files(out, warm)
    before = seconds_of_all()
    wait_for_files(out, count)
    cpu = seconds_of_all() - before
    if running.wait(PATIENCE):
        sys.exit(f"{command}: exit {running.returncode}")
    times = sorted(path.stat().st_mtime_ns / 1e9 for path in out.iterdir())
    images = count - warm
    return Pace(images / (times[-1] - times[warm - 1]), cpu / images * 1000)


def wait_for_files(out: Path, count: int) -> None:
    """Wait until so many files are there."""
    deadline = time.monotonic() + PATIENCE
    while sum(name[0] != "." for name in os.listdir(out)) < count:
        if time.monotonic() > deadline:
            sys.exit(f"{out}: fewer than {count} files after {PATIENCE:.0f} s")
        time.sleep(0.01)


def wait_for_worker(server: RedisServer) -> None:
    """Wait until a worker has signed on."""
    deadline = time.monotonic() + PATIENCE
    with server.client() as client:
        while not client.zcard("{imgflow:default}:workers"):
            if time.monotonic() > deadline:
                sys.exit("imgflow worker does not start")
            time.sleep(0.05)


def seconds_of_all() -> float:
    """Return the CPU time of all processes below this one, with that of those they waited for."""
    ticks = 0
    for pid in descendants(os.getpid()):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
