"""A report of thousands of images: the size of the page, and the time to make and to open it."""

from __future__ import annotations

import itertools
import os
import random
import time
from pathlib import Path

import bench
import samples
from browser import browse
from PIL import Image

from imgflow.job import Result, Written
from imgflow.report import write_report
from imgflow.storage.opening import open_usual

_WIDTHS, _FORMATS, _SOURCE = (480, 960), ("webp", "jpeg"), 1600


def main() -> None:
    """Make the page and open it; print a table."""
    options = bench.parser(__doc__)
    options.add_argument("--images", type=int, default=2000)
    chosen = options.parse_args()
    with bench.scratch_folder() as scratch:
        results = list(_results(chosen.photos, scratch, chosen.images))
        page = scratch / "report.html"
        started = time.process_time()
        write_report(results, open_usual({}), str(page), "A report")
        spent = time.process_time() - started
        print("| what | |\n|---|---|")
        print(f"| page | {page.stat().st_size / 1e6:.1f} MB |")
        print(f"| CPU to make it | {spent:.1f} s, {1000 * spent / len(results):.1f} ms an image |")
        _open(page)


def _results(photos: Path, folder: Path, count: int) -> list[Result]:
    """Return what a run might have said of links to reduced photographs and their files."""
    chance = random.Random(1)  # noqa: S311 - no secret
    sets = [_files(path, folder) for path in sorted(photos.rglob("*.jpg"))]
    results = []
    for number, files in zip(range(count), itertools.cycle(sets)):
        source, *made = (_link(file, number) for file in files)
        results.append(
            Result(
                status="completed",
                input=source,
                input_bytes=os.path.getsize(source),
                outputs=tuple(_written(path, chance.gauss(72, 6)) for path in made),
                seconds=chance.uniform(0.1, 3),
            )
        )
    return results


def _files(photo: Path, folder: Path) -> list[Path]:
    with Image.open(photo) as opened:
        image = opened.convert("RGB")
    found = []
    for width, kind in ((_SOURCE, "jpeg"), *itertools.product(_WIDTHS, _FORMATS)):
        reduced = image.resize((width, round(width * image.height / image.width)))
        found.append(folder / f"{photo.stem}-{width}.{kind}")
        found[-1].write_bytes(samples.encoded(reduced, kind, quality=90 if len(found) == 1 else 50))
    return found


def _link(file: Path, number: int) -> str:
    target = file.with_name(f"{number:05}-{file.name}")
    os.link(file, target)
    return str(target)


def _written(path: str, score: float) -> Written:
    with Image.open(path) as image:
        return Written(
            path=path,
            format=path.rpartition(".")[2],
            width=image.width,
            height=image.height,
            bytes=os.path.getsize(path),
            score=min(score, 100.0),
            quality=50,
        )


def _open(page: Path) -> None:
    with browse() as browser:
        browser.look(1280, 900)
        started = time.monotonic()
        browser.open(page.as_uri())
        print(f"| Chromium opens it | {time.monotonic() - started:.1f} s |")
        took = browser.script(
            "const started = performance.now(); order.value = 'bytes';"
            "order.dispatchEvent(new Event('input')); document.body.offsetHeight;"
            "return performance.now() - started"
        )
        print(f"| sorts the list | {took / 1000:.2f} s |")
        for name, place in (("inside", 0), ("beside", 1500)):
            browser.open(page.as_uri())
            started = time.monotonic()
            browser.script("document.querySelectorAll('.open')[arguments[0]].click()", place)
            browser.wait(lambda: browser.script("return after.naturalWidth > 1"))
            print(f"| opens an image that is {name} | {time.monotonic() - started:.2f} s |")


if __name__ == "__main__":
    main()
