"""Memory of worker processes: 24 MP photographs, one of 100 MP, and growth over thousands."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from pathlib import Path
from typing import Self

import bench
import fit

LARGE, HUGE = (6000, 4000), (12500, 8000)


class Watch:
    """Samples the memory of all descendants of a process while it runs."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.peak: dict[int, float] = {}
        self.samples: list[tuple[float, float]] = []
        self._started = time.perf_counter()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(0.05):
            now = 0.0
            for pid in descendants(self.pid):
                high, current = memory(pid)
                self.peak[pid] = max(self.peak.get(pid, 0.0), high)
                now = max(now, current)
            if now:
                self.samples.append((time.perf_counter() - self._started, now))


def descendants(pid: int) -> list[int]:
    """Return the processes below one, itself left out."""
    found = []
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        for thread in threads:
            children = (thread / "children").read_text().split()
            for child in map(int, children):
                found += [child, *descendants(child)]
    except OSError:
        return found
    return found


def memory(pid: int) -> tuple[float, float]:
    """Return peak and current resident memory in MB; zeros once the process is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0, 0.0
    values = dict(line.split(":", 1) for line in lines if ":" in line)

    def megabytes(key: str) -> float:
        return int(values.get(key, "0 kB").split()[0]) / 1024

    return megabytes("VmHWM"), megabytes("VmRSS")


def watched(command: list[str]) -> Watch:
    """Run a command to its end and return what its workers took."""
    process = subprocess.Popen(command)
    with Watch(process.pid) as watch:
        process.wait()
    return watch


def main() -> None:
    """Measure and print."""
    options = bench.parser(__doc__)
    options.add_argument("--count", type=int, default=5000, help="images of the long run")
    chosen = options.parse_args()
    with bench.scratch_folder() as scratch:
        recipe = scratch / "fit.yaml"
        recipe.write_text(fit.RECIPE)

        def run(*inputs: str, jobs: int = 2) -> Watch:
            out = str(scratch / "out")
            tail = ["--quiet", "--jobs", str(jobs), "--out", out]
            return watched(bench.imgflow("run", str(recipe), *inputs, *tail))

        photo = min(chosen.photos.rglob("*.jpg"))
        idle = max(run(*enlarged(photo, (64, 64), 4, scratch)).peak.values())
        print(f"worker, idle but for 64x64 px: {idle:.0f} MB")
        large = max(run(*enlarged(photo, LARGE, 6, scratch)).peak.values())
        print(f"worker, 24 MP JPEGs: {large:.0f} MB")
        huge = max(run(*enlarged(photo, HUGE, 2, scratch)).peak.values())
        print(f"worker, 100 MP JPEGs: {huge:.0f} MB, {huge - idle:.0f} MB above idle")
        bench.photographs(chosen.photos, chosen.count, scratch)
        long = run(str(scratch / "in"))
        report_growth(long, chosen.count)


def enlarged(photo: Path, size: tuple[int, int], count: int, scratch: Path) -> list[str]:
    """Write a photograph at some size under several names."""
    from PIL import Image

    paths: list[str] = []
    for number in range(count):
        path = scratch / f"{size[0]}-{number}.jpg"
        if number:
            os.link(paths[0], path)
        else:
            with Image.open(photo) as image:
                image.convert("RGB").resize(size).save(path, quality=90)
        paths.append(str(path))
    return paths


def report_growth(watch: Watch, count: int) -> None:
    """Print the largest worker's memory in the first and in the last fifth of a run."""
    end = watch.samples[-1][0]
    early = [mb for at, mb in watch.samples if end * 0.1 < at < end * 0.3]
    late = [mb for at, mb in watch.samples if at > end * 0.8]
    print(
        f"{count} images: largest worker {max(early):.0f} MB early, {max(late):.0f} MB late, "
        f"{len(watch.peak)} worker processes in all"
    )


if __name__ == "__main__":
    main()
