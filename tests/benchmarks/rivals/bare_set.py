"""The best hand-written pyvips scripts for a responsive set: WebP of several widths.

``shared`` decodes once and derives each width from the next larger copy of at least twice
its size; ``unshared`` decodes once for each width.
Usage: bare_set.py OUT PROCESSES shared|unshared WIDTH... < list of files
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from functools import partial
from typing import Any


def orientation(image: Any) -> int:
    """Return the EXIF orientation, 1 where there is none."""
    return int(image.get("orientation")) if image.get_typeof("orientation") else 1


def prepare() -> None:
    """Load libvips in the child, with the settings that are fastest for batches."""
    os.environ["VIPS_CONCURRENCY"] = "1"
    import pyvips

    pyvips.cache_set_max(0)


def opened(data: bytes, width: int) -> tuple[Any, int, int]:
    """Open at the smallest size that is enough; return it upright, and the full size."""
    import pyvips

    image = pyvips.Image.new_from_buffer(data, "", access="sequential", fail_on="error")
    turn = orientation(image) > 4
    full = (image.height, image.width) if turn else (image.width, image.height)
    shrink = next((factor for factor in (8, 4, 2) if factor * width <= full[0]), 1)
    if shrink > 1:
        image = pyvips.Image.new_from_buffer(
            data, "", access="sequential", fail_on="error", shrink=shrink
        )
    if orientation(image) > 1:
        image = image.copy_memory().autorot()
    return image, *full


def scaled(image: Any, width: int, height: int) -> Any:
    """Resample to an exact size."""
    return image.resize(width / image.width, vscale=height / image.height, kernel="lanczos3")


def save(image: Any, path: str) -> None:
    """Encode as imgflow does by default."""
    if image.get_typeof("icc-profile-data"):
        image = image.icc_transform("srgb", embedded=True, intent="perceptual")
    image.webpsave(path, Q=80, effort=4, preset="photo", keep=0)


def make_set(path: str, out: str, mode: str, widths: list[int]) -> None:
    """Write all widths of one photograph."""
    with open(path, "rb") as file:
        data = file.read()
    name = os.path.splitext(os.path.basename(path))[0]
    copies: list[Any] = []
    image, across, down = opened(data, widths[0])
    for width in dict.fromkeys(min(width, across) for width in widths):
        if mode == "unshared":
            image, *_ = opened(data, width)
            copies = []
        start = next((copy for copy in reversed(copies) if copy.width >= 2 * width), None)
        start = start or (copies[0] if copies else image)
        result = scaled(start, width, max(1, round(down * width / across)))
        if mode == "shared":
            result = result.copy_memory()
            copies.append(result)
        save(result, f"{out}/{name}-{width}.webp")


def main() -> None:
    """Read the list, work on it with a pool of spawned processes."""
    out, processes, mode = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    widths = sorted(map(int, sys.argv[4:]), reverse=True)
    os.makedirs(out, exist_ok=True)
    paths = sys.stdin.read().split("\n")[:-1]
    work = partial(make_set, out=out, mode=mode, widths=widths)
    with multiprocessing.get_context("spawn").Pool(processes, prepare) as pool:
        for _ in pool.imap_unordered(work, paths, chunksize=1):
            pass


if __name__ == "__main__":
    main()
