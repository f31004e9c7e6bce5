"""Run programs side by side and compare them: what all benchmarks share."""

from __future__ import annotations

import argparse
import dataclasses
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples" / "photos"


@dataclasses.dataclass(frozen=True)
class Cost:
    """What one run of a program took: seconds of wall and CPU time, peak memory in MB."""

    wall: float
    cpu: float
    rss: float


@dataclasses.dataclass(frozen=True)
class Contender:
    """A program to measure; ``stdin`` is fed to it, ``out`` emptied before each run."""

    name: str
    command: Sequence[str]
    stdin: str = ""
    out: Path | None = None
    cwd: str | None = None


def measure(contender: Contender) -> Cost:
    """Run a program to its end; processes it started and waited for are counted in."""
    if contender.out:
        shutil.rmtree(contender.out, ignore_errors=True)
    started = time.perf_counter()
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            contender.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            cwd=contender.cwd,
        )
        assert process.stdin is not None
        process.stdin.write(contender.stdin.encode())
        process.stdin.close()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in {0, 3}:
            errors.seek(0)
            sys.exit(f"{contender.name}: exit {process.returncode}\n{errors.read().decode()}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def race(contenders: Sequence[Contender], rounds: int) -> dict[str, list[Cost]]:
    """Run all contenders in turn, again and again, so that a noisy minute hits them alike."""
    costs: dict[str, list[Cost]] = {contender.name: [] for contender in contenders}
    for _ in range(rounds):
        for contender in contenders:
            costs[contender.name].append(measure(contender))
    return costs


def median(costs: Sequence[Cost], field: Literal["wall", "cpu", "rss"]) -> float:
    """Return the median of one figure."""
    return float(statistics.median(getattr(cost, field) for cost in costs))


def table(costs: Mapping[str, Sequence[Cost]], images: int, baseline: str) -> None:
    """Print a table of medians, with ratios of speed against the baseline.

    The ratio is the median of the ratios round by round: runs of one round stand closest
    in time.
    """
    print(f"| program | images/s | CPU ms/image | peak RSS MB | speed / {baseline} | CPU / |")
    print("|---|---|---|---|---|---|")
    for name, runs in costs.items():
        base = costs[baseline]
        speed = statistics.median(b.wall / r.wall for b, r in zip(base, runs, strict=True))
        cpu = statistics.median(r.cpu / b.cpu for b, r in zip(base, runs, strict=True))
        print(
            f"| {name} | {images / median(runs, 'wall'):.1f} "
            f"| {median(runs, 'cpu') / images * 1000:.2f} | {median(runs, 'rss'):.0f} "
            f"| {speed:.3f} | {cpu:.3f} |"
        )


def parser(description: str | None) -> argparse.ArgumentParser:
    """Return a parser with the options that all benchmarks have."""
    options = argparse.ArgumentParser(description=description)
    options.add_argument("--photos", type=Path, default=EXAMPLES, help="folder of photographs")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--sharp", help="folder in which `npm install sharp` was run")
    return options


def photographs(folder: Path, count: int, scratch: Path) -> list[str]:
    """Return paths of ``count`` JPEGs: those of a folder under as many names as it takes."""
    originals = sorted(folder.rglob("*.jpg"))
    inputs = scratch / "in"
    inputs.mkdir()
    paths = []
    for number in range(count):
        original = originals[number % len(originals)]
        path = inputs / f"{number:05d}-{original.stem}.jpg"
        os.link(original, path) if _same_device(original, inputs) else shutil.copy(original, path)
        paths.append(str(path))
    return paths


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Yield a folder that is gone afterwards; inputs and outputs of a run live in it."""
    with tempfile.TemporaryDirectory(prefix="imgflow-bench-") as folder:
        yield Path(folder)


def imgflow(*arguments: str) -> list[str]:
    """Return the command line of the console script beside this Python."""
    return [str(Path(sys.executable).parent / "imgflow"), *arguments]


def _same_device(one: Path, two: Path) -> bool:
    return one.stat().st_dev == two.stat().st_dev
