"""The best hand-written pyvips script for: fit into a box, progressive JPEG of quality 85.

Shrink on load as far as it goes, one image a core, no cache, colour-managed only where a
profile is embedded. Usage: bare_fit.py OUT PROCESSES WIDTH HEIGHT < list of files
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


def fit(path: str, out: str, width: int, height: int) -> int:
    """Make one thumbnail and return its size in bytes."""
    import pyvips

    with open(path, "rb") as file:
        data = file.read()
    image = pyvips.Image.new_from_buffer(data, "", access="sequential", fail_on="error")
    turned = orientation(image) > 4
    across, down = (image.height, image.width) if turned else (image.width, image.height)
    scale = min(width / across, height / down, 1.0)
    shrink = next((factor for factor in (8, 4, 2) if factor * scale <= 1), 1)
    if shrink > 1:
        image = pyvips.Image.new_from_buffer(
            data, "", access="sequential", fail_on="error", shrink=shrink
        )
    target = (round(across * scale), round(down * scale))[:: -1 if turned else 1]
    if (image.width, image.height) != target:
        image = image.resize(
            target[0] / image.width, vscale=target[1] / image.height, kernel="lanczos3"
        )
    if orientation(image) > 1:
        image = image.copy_memory().autorot()
    if image.get_typeof("icc-profile-data"):
        image = image.icc_transform("srgb", embedded=True, intent="perceptual")
    elif image.interpretation == "cmyk":
        image = image.icc_transform("srgb", input_profile="cmyk", intent="perceptual")
    name = os.path.splitext(os.path.basename(path))[0]
    image.jpegsave(f"{out}/{name}.jpg", Q=85, interlace=True, optimize_coding=True, keep=0)
    return os.stat(f"{out}/{name}.jpg").st_size


def main() -> None:
    """Read the list, work on it with a pool of spawned processes."""
    out, processes, width, height = sys.argv[1], *map(int, sys.argv[2:5])
    os.makedirs(out, exist_ok=True)
    paths = sys.stdin.read().split("\n")[:-1]
    work = partial(fit, out=out, width=width, height=height)
    if processes == 1:
        prepare()
        for path in paths:
            work(path)
        return
    with multiprocessing.get_context("spawn").Pool(processes, prepare) as pool:
        for _ in pool.imap_unordered(work, paths, chunksize=4):
            pass


if __name__ == "__main__":
    main()
