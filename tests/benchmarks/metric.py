"""SSIMULACRA2: CPU time a megapixel and memory, against a plain JPEG encode and other engines.

Each engine runs in a process of its own, in turn with the others. Times are the best of a few
calls, in CPU milliseconds a megapixel. The PyPI package ``ssimulacra2`` and the C++ program of
that name join in if they are installed; both have to do the whole pair each time.
"""

from __future__ import annotations

import json
import resource
import shutil
import statistics
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bench
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable

SIDES = (1000, 1600, 3000)
CALLS = 5


def main() -> None:
    """Race and print a table for each size."""
    if len(sys.argv) > 1 and sys.argv[1] == "--engine":
        engine, original, image = sys.argv[2:]
        print(json.dumps(ENGINES[engine](original, image)))
        return
    chosen = bench.parser(__doc__).parse_args()
    photo = max(sorted(chosen.photos.rglob("*.jpg")), key=lambda path: path.stat().st_size)
    for side in SIDES:
        with bench.scratch_folder() as scratch:
            pair = make_pair(photo, side, scratch)
            results: dict[str, list[dict[str, float]]] = {name: [] for name in present()}
            for _ in range(chosen.rounds):
                for name, runs in results.items():
                    runs.append(measure(name, *pair))
            report(side, results)


def make_pair(photo: Path, side: int, folder: Path) -> tuple[str, str]:
    """Write a square picture and what JPEG 80 makes of it, as PNG."""
    original, jpeg, image = (str(folder / name) for name in ("a.png", "b.jpg", "b.png"))
    picture = Image.open(photo).convert("RGB").resize((side, side))
    picture.save(original, compress_level=1)
    picture.save(jpeg, quality=80)
    Image.open(jpeg).save(image, compress_level=1)
    return original, image


def present() -> list[str]:
    """Return the engines that are installed."""
    missing = set()
    if find_spec("ssimulacra2") is None:
        missing.add("PyPI ssimulacra2, pair")
    if shutil.which("ssimulacra2") is None:
        missing.add("C++ ssimulacra2, pair")
    return [name for name in ENGINES if name not in missing]


def measure(name: str, original: str, image: str) -> dict[str, float]:
    """Run one engine in a fresh process."""
    command = [sys.executable, __file__, "--engine", name, original, image]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def report(side: int, results: dict[str, list[dict[str, float]]]) -> None:
    """Print medians, and how they compare with a plain encode."""
    pixels = side * side / 1e6
    plain = statistics.median(run["cpu"] for run in results["plain JPEG encode"])
    print(f"\n{side}x{side}, {pixels:.1f} MP")
    print("| engine | CPU ms/MP | x a plain encode | MB above the pixels | score |")
    print("|---|---|---|---|---|")
    for name, runs in results.items():
        cpu, memory = (statistics.median(run[key] for run in runs) for key in ("cpu", "memory"))
        score = runs[0].get("score")
        said = "-" if score is None else f"{score:.3f}"
        row = f"| {name} | {cpu / pixels * 1000:.0f} | {cpu / plain:.1f} | {memory:.0f} | {said} |"
        print(row)


def best(work: Callable[[], Any], calls: int = CALLS) -> float:
    """Return the least CPU seconds of some calls, children counted in."""
    times = []
    for _ in range(calls):
        before = spent()
        work()
        times.append(spent() - before)
    return min(times)


def spent() -> float:
    """Return the CPU seconds of this process and of the children that it waited for."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def peak() -> float:
    """Return the most memory that this process had, in MB; its children are not counted in."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def imgflow_cached(original: str, image: str) -> dict[str, float]:
    """Score against a reference that is kept."""
    one, two = load(original, image)
    from imgflow.quality.reference import Reference

    before = peak()
    reference = Reference(one)
    cpu = best(lambda: reference.score(two))
    return {"cpu": cpu, "memory": peak() - before, "score": reference.score(two)}


def imgflow_pair(original: str, image: str) -> dict[str, float]:
    """Score a pair from scratch."""
    one, two = load(original, image)
    from imgflow.quality.reference import Reference

    before = peak()
    cpu = best(lambda: Reference(one).score(two))
    return {"cpu": cpu, "memory": peak() - before, "score": Reference(one).score(two)}


def plain_encode(original: str, image: str) -> dict[str, float]:
    """Encode as libvips does by default."""
    one, _ = load(original, image)
    before = peak()
    return {"cpu": best(lambda: one.jpegsave_buffer(Q=80)), "memory": peak() - before}


def pypi(original: str, image: str) -> dict[str, float]:
    """Score with the NumPy port; it decodes the files, too."""
    from ssimulacra2 import compute_ssimulacra2

    before = peak()
    cpu = best(lambda: compute_ssimulacra2(original, image), 1)
    return {"cpu": cpu, "memory": peak() - before, "score": compute_ssimulacra2(original, image)}


def program(original: str, image: str) -> dict[str, float]:
    """Score with the published program; it decodes the files, too."""
    command = ["ssimulacra2", original, image]
    cpu = best(lambda: subprocess.run(command, capture_output=True, check=True), 3)
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return {"cpu": cpu, "memory": float("nan"), "score": float(done.stdout)}


def load(*paths: str) -> list[Any]:
    """Decode files into memory."""
    from imgflow.libvips import libvips

    return [libvips().Image.new_from_file(path).copy_memory() for path in paths]


ENGINES: dict[str, Callable[[str, str], dict[str, float]]] = {
    "imgflow, kept reference": imgflow_cached,
    "imgflow, pair": imgflow_pair,
    "plain JPEG encode": plain_encode,
    "PyPI ssimulacra2, pair": pypi,
    "C++ ssimulacra2, pair": program,
}

if __name__ == "__main__":
    main()
