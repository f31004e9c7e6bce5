"""Speed: photographs into an 800x600 box, progressive JPEG of quality 85.

imgflow against the best hand-written pyvips script and, where it is at hand, sharp; start
of the processes included. ``--score`` also tells how good the pictures are.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import bench

RECIPE = """\
version: 1
name: fit
outputs:
  - path: "{out}/{stem}.jpg"
    steps: [{op: resize, width: 800, height: 600, fit: inside}]
    format: jpeg
    quality: 85
    effort: 1
    progressive: true
vars: {out: out}
"""


def main() -> None:
    """Race and print."""
    options = bench.parser(__doc__)
    options.add_argument("--count", type=int, default=1000)
    options.add_argument("--score", type=int, default=0, help="photographs to score")
    chosen = options.parse_args()
    with bench.scratch_folder() as scratch:
        paths = bench.photographs(chosen.photos, chosen.count, scratch)
        contenders = line_up(paths, scratch, chosen.sharp)
        costs = bench.race(contenders, chosen.rounds)
        print(f"{len(paths)} JPEGs, {megapixels(paths):.1f} megapixels on average\n")
        bench.table(costs, len(paths), "bare pyvips")
        if "sharp" in costs:
            print()
            bench.table(costs, len(paths), "sharp")
        if chosen.score:
            score(paths[: chosen.score], scratch, list(costs))


def line_up(paths: list[str], scratch: Path, sharp: str | None) -> list[bench.Contender]:
    """Return the programs, each with a folder of its own to write to."""
    listed = "".join(f"{path}\n" for path in paths)
    recipe = scratch / "fit.yaml"
    recipe.write_text(RECIPE)
    cores = str(len(os.sched_getaffinity(0)))
    size = ("800", "600")
    contenders = [
        bench.Contender(
            "imgflow",
            bench.imgflow(
                "run",
                str(recipe),
                str(scratch / "in"),
                "--quiet",
                "--out",
                str(scratch / "imgflow"),
            ),
            out=scratch / "imgflow",
        ),
        bench.Contender(
            "bare pyvips",
            [
                sys.executable,
                str(bench.HERE / "rivals/bare_fit.py"),
                str(scratch / "bare pyvips"),
                cores,
                *size,
            ],
            listed,
            scratch / "bare pyvips",
        ),
    ]
    if sharp:
        script = str(bench.HERE / "rivals/sharp_fit.mjs")
        command = ["node", script, str(scratch / "sharp"), cores, *size]
        contenders.append(bench.Contender("sharp", command, listed, scratch / "sharp", sharp))
    return contenders


def megapixels(paths: list[str]) -> float:
    """Return the mean size of the photographs."""
    from PIL import Image

    areas = []
    for path in paths[:200]:
        with Image.open(path) as image:
            areas.append(image.width * image.height / 1e6)
    return sum(areas) / len(areas)


def score(paths: list[str], scratch: Path, names: list[str]) -> None:
    """Print the mean SSIMULACRA2 and size of what each program made."""
    import io
    import statistics

    from PIL import Image, ImageCms, ImageOps
    from ssimulacra2 import compute_ssimulacra2

    reference = str(scratch / "reference.png")
    print("\n| program | SSIMULACRA2 | bytes |\n|---|---|---|")
    scores: dict[str, list[float]] = {name: [] for name in names}
    sizes: dict[str, list[int]] = {name: [] for name in names}
    for path in paths:
        image = Image.open(path)
        profile = image.info.get("icc_profile")
        upright = ImageOps.exif_transpose(image)
        if profile:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            target = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
            ImageCms.profileToProfile(upright, source, target, inPlace=True)
        for name in names:
            made = scratch / name / f"{Path(path).stem}.jpg"
            with Image.open(made) as result:
                upright.resize(result.size, Image.Resampling.LANCZOS).save(reference)
                result.save(str(scratch / "made.png"))
            scores[name].append(compute_ssimulacra2(reference, str(scratch / "made.png")))
            sizes[name].append(made.stat().st_size)
    for name in names:
        print(f"| {name} | {statistics.mean(scores[name]):.2f} | {sum(sizes[name])} |")


if __name__ == "__main__":
    main()
