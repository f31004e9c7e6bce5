"""Cost: images a minute for each format and effort, the price of a goal, and sharp.

Photographs are fitted into a square of 1600 pixels by whole jobs, from the file that is read to the
one that is written. Each photograph goes through all contenders in turn, so that a noisy minute
hits them alike. CPU time is counted, never the clock's: images a minute are those that two cores
make if they do nothing else.
"""

from __future__ import annotations

import dataclasses
import io
import json
import os
import resource
import statistics
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bench
import numpy as np
from PIL import Image, ImageCms, ImageOps

os.environ.setdefault("VIPS_CONCURRENCY", "1")

from imgflow.execute import execute
from imgflow.job import Job, Output
from imgflow.libvips import libvips
from imgflow.quality.reference import Reference
from imgflow.storage import LocalStorage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SIDE, CORES, MINUTE = 1600, 2, 60
#: The pictures a minute that two cores have to make.
REQUIRED = 1000
#: AVIF takes seconds a picture, so fewer are made.
AVIF_PHOTOS = 3
QUALITIES = {"jpeg": 80, "webp": 80, "avif": 60, "png": "lossless"}
WORDS = ("fast", "balanced", "max")
#: Ours, and what it has to beat: the same picture in fewer seconds.
PAIRS = (("fast", "sharp"), ("balanced", "sharp, mozjpeg"))
RIVALS: dict[str, dict[str, Any]] = {
    "sharp": {"quality": 80},
    "sharp, mozjpeg": {"quality": 80, "mozjpeg": True},
}


@dataclasses.dataclass
class Bill:
    """What one contender took and made, picture by picture: CPU seconds, bytes, scores."""

    cpu: list[float] = dataclasses.field(default_factory=list)
    sizes: list[int] = dataclasses.field(default_factory=list)
    scores: list[float] = dataclasses.field(default_factory=list)
    encodes: list[int] = dataclasses.field(default_factory=list)


def main() -> None:
    """Race and print."""
    options = bench.parser(__doc__)
    options.add_argument("--count", type=int, default=12, help="how many photographs")
    options.add_argument("--formats", nargs="+", default=list(QUALITIES), choices=list(QUALITIES))
    chosen = options.parse_args()
    photos = sorted(chosen.photos.rglob("*.jpg"))[: chosen.count]
    with bench.scratch_folder() as scratch, _sharp(chosen.sharp) as node:
        _make(
            photos[0], {"format": "jpeg", "quality": "high"}, scratch
        )  # loads what is loaded once
        print(f"{len(photos)} photographs of {_megapixels(photos):.1f} megapixels on average\n")
        for name in chosen.formats:
            some = photos[:AVIF_PHOTOS] if name == "avif" else photos
            _race(name, some, scratch, node if name == "jpeg" else None)


def _race(
    name: str, photos: Sequence[Path], scratch: Path, node: subprocess.Popen[str] | None
) -> None:
    """Make all pictures of one format, and print what they took."""
    goals = ("lossless",) if name == "png" else (QUALITIES[name], "high")
    ours = {
        (word, goal): {"format": name, "quality": goal, "effort": word}
        for word in WORDS
        for goal in goals
    }
    bills = {key: Bill() for key in ours}
    rivals = {title: Bill() for title in (RIVALS if node else ())}
    for number, photo in enumerate(photos):
        judge = _reference(photo) if node else None
        for key, options in ours.items():
            _note(bills[key], *_make(photo, options, scratch), judge)
        for title, bill in rivals.items():
            assert node
            # The first picture is made twice: sharp has to load its libraries, too.
            for _ in range(2 if number == 0 else 1):
                made = _rival(node, photo, RIVALS[title], scratch)
            _note(bill, *made, judge)
    _print_bills(name, bills, rivals)
    if rivals:
        _print_pairs(bills, rivals)


def _make(photo: Path, encoder: dict[str, Any], scratch: Path) -> tuple[float, Path, int]:
    """Do a whole job, and return its CPU seconds, the file, and how many encodes it took."""
    output = Output(
        path=str(scratch / "ours.{ext}"),
        root=str(scratch),
        steps=({"op": "resize", "width": SIDE, "height": SIDE, "fit": "inside"},),
        encoder=encoder,
    )
    before = _spent()
    result = execute(Job(input=str(photo), outputs=(output,), force=True), LocalStorage())
    cpu = _spent() - before
    if result.error:
        sys.exit(f"{photo}: {result.error.message}")
    return cpu, Path(result.outputs[0].path), result.outputs[0].encodes


def _rival(
    node: subprocess.Popen[str], photo: Path, jpeg: dict[str, Any], scratch: Path
) -> tuple[float, Path, int]:
    assert node.stdin
    assert node.stdout
    out = scratch / "rival.jpg"
    order = {"path": str(photo.resolve()), "out": str(out), "side": SIDE, "jpeg": jpeg}
    node.stdin.write(json.dumps(order) + "\n")
    node.stdin.flush()
    return float(node.stdout.readline()), out, 1


def _note(bill: Bill, cpu: float, path: Path, encodes: int, judge: Image.Image | None) -> None:
    bill.cpu.append(cpu)
    bill.sizes.append(path.stat().st_size)
    bill.encodes.append(encodes)
    if judge:
        with Image.open(path) as made:
            small = judge.resize(made.size, Image.Resampling.LANCZOS)
            bill.scores.append(Reference(_to_vips(small)).score(_to_vips(made)))


def _print_bills(name: str, bills: dict[tuple[str, Any], Bill], rivals: dict[str, Bill]) -> None:
    print(f"\n### {name}\n")
    print("| effort | quality | CPU s | images a minute | kB | encodes | score | x plain |")
    print("|---|---|---|---|---|---|---|---|")
    for (word, goal), bill in bills.items():
        plain = next(other for (effort, _), other in bills.items() if effort == word)
        factor = statistics.mean(bill.cpu) / statistics.mean(plain.cpu)
        print(f"| {word} | {goal} {_row(bill)} | {factor:.2f} |")
    for title, bill in rivals.items():
        print(f"| {title} | {RIVALS[title]['quality']} {_row(bill)} | |")
    sys.stdout.flush()


def _row(bill: Bill) -> str:
    cpu = statistics.mean(bill.cpu)
    minute = CORES * MINUTE / cpu
    mark = "" if minute >= REQUIRED else f" ({minute / REQUIRED:.2f} of {REQUIRED})"
    score = f"{statistics.mean(bill.scores):.1f}" if bill.scores else ""
    return (
        f"| {cpu:.3f} | {minute:.0f}{mark} | {statistics.mean(bill.sizes) / 1000:.0f} "
        f"| {statistics.mean(bill.encodes):.1f} | {score}"
    )


def _print_pairs(bills: dict[tuple[str, Any], Bill], rivals: dict[str, Bill]) -> None:
    print("\n| ours | rival | our speed / its | our bytes / its | our score - its |")
    print("|---|---|---|---|---|")
    for word, title in PAIRS:
        ours, rival = bills[word, QUALITIES["jpeg"]], rivals[title]
        speed = statistics.median(b / a for a, b in zip(ours.cpu, rival.cpu, strict=True))
        size = sum(ours.sizes) / sum(rival.sizes)
        better = statistics.mean(ours.scores) - statistics.mean(rival.scores)
        print(f"| {word} | {title} | {speed:.2f} | {size:.2f} | {better:+.1f} |")


def _reference(photo: Path) -> Image.Image:
    """Return a photograph upright and in sRGB, as Pillow reads it, twice as large as needed."""
    with Image.open(photo) as image:
        profile = image.info.get("icc_profile")
        image.draft("RGB", (2 * SIDE, 2 * SIDE))
        upright = ImageOps.exif_transpose(image).convert("RGB")
    if profile:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
        ImageCms.profileToProfile(upright, source, target, inPlace=True)
    return upright


def _to_vips(image: Image.Image) -> Any:
    pixels = np.ascontiguousarray(image.convert("RGB"))
    height, width, bands = pixels.shape
    data = libvips().Image.new_from_memory(pixels.tobytes(), width, height, bands, "uchar")
    return data.copy(interpretation="srgb")


def _spent() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _megapixels(photos: Sequence[Path]) -> float:
    areas = []
    for photo in photos:
        with Image.open(photo) as image:
            areas.append(image.width * image.height / 1e6)
    return statistics.mean(areas)


@contextmanager
def _sharp(folder: str | None) -> Iterator[subprocess.Popen[str] | None]:
    """Run sharp beside us, if it is at hand."""
    if not folder:
        yield None
        return
    script = str(bench.HERE / "rivals/sharp_cost.mjs")
    with subprocess.Popen(
        ["node", script], cwd=folder, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as node:
        yield node
        assert node.stdin
        node.stdin.close()


if __name__ == "__main__":
    main()
