"""Fits the curves of ``imgflow/quality/fitted.py``, and prints them to be put there.

Photographs from FOLDERs are encoded at many qualities by each coder, half of them at 640 and
half at 1600 pixels (480 and 640 where the coder is slow), and scored. A curve is the mean and the
standard deviation of the scores at each quality; the bent of each photograph at goals from 60 to
88 is then fitted to its features, by ridge regression. Comments say by how many points the first
try is off, each photograph being predicted by a fit to the others.

    python tests/benchmarks/fit_curves.py ~/photos --measured measured.json

What was measured is kept in that file, and taken from there if it is run again; ``--only
webp-5-smart`` measures that curve anew. Takes ten minutes of CPU time with 28 photographs.
"""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import graphics
import numpy as np

from imgflow.encoders.heif import Avif
from imgflow.encoders.jpeg import Jpeg
from imgflow.encoders.webp import Webp
from imgflow.libvips import libvips
from imgflow.profiles import to_srgb
from imgflow.quality.curves import Curve
from imgflow.quality.reference import Reference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgflow.encoders import Encoder

JPEG = (8, 28, 50, 65, 76, 85, 89, 92, 95, 98, 100)
WEBP = (5, 20, 40, 60, 73, 82, 86, 90, 94, 97, 100)
PALETTE = (10, 30, 50, 60, 70, 80, 85, 90, 95, 100)
AVIF = (10, 22, 40, 54, 66, 72, 78, 84, 90, 94, 97)
#: The first curve of a format is that of its coders that have none.
CODERS: tuple[tuple[Encoder, tuple[int, ...], tuple[int, int] | None], ...] = (
    (Jpeg(chroma="4:2:0"), JPEG, (640, 1600)),
    (Jpeg(chroma="4:4:4"), JPEG, (640, 1600)),
    (Jpeg(chroma="4:2:0", effort=3), JPEG, (640, 1600)),
    (Jpeg(chroma="4:2:0", effort="fast"), JPEG, (640, 1600)),
    (Jpeg(chroma="4:4:4", effort="fast"), JPEG, (640, 1600)),
    (Webp(effort="balanced"), WEBP, (480, 1000)),
    (Webp(effort="max"), WEBP, (480, 640)),
    (Webp(effort=4), WEBP, (640, 1600)),
    (Webp(effort="fast"), WEBP, (640, 1600)),
    (Avif(chroma="4:4:4", effort=3), AVIF, (480, 640)),
    (Avif(chroma="4:4:4", effort="fast"), AVIF, (640, 1600)),
    (Webp(palette=True), PALETTE, None),
)
#: Goals at which the bent of a picture is taken.
GOALS = (60, 70, 80, 88)
RIDGE = 1.0
_TINY = 1e-9

Measured = dict[str, Any]


def main() -> None:
    """Measure what is not known yet, and print the curves."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--measured", type=Path, required=True)
    parser.add_argument("--only", nargs="+", default=[])
    parser.add_argument("--count", type=int, default=28)
    chosen = parser.parse_args()
    known: Measured = json.loads(chosen.measured.read_text()) if chosen.measured.exists() else {}
    files = [file for folder in chosen.folders for file in sorted(folder.rglob("*.jpg"))]
    for encoder, qualities, sides in CODERS:
        name = encoder.curve
        if name in chosen.only or (name not in known and not chosen.only):
            pictures = photos(files[: chosen.count], sides) if sides else drawings()
            known[name] = measure(encoder, qualities, pictures)
            chosen.measured.write_text(json.dumps(known))
        if name in known:
            print(table(name, known[name]), flush=True)


def photos(files: list[Path], sides: tuple[int, int]) -> Iterator[Any]:
    """Yield photographs, one size and the other in turn."""
    for at, file in enumerate(files):
        side = sides[at % 2]
        yield to_srgb(libvips().Image.thumbnail(str(file), side, height=side, size="down"))


def drawings() -> Iterator[Any]:
    """Yield graphics."""
    for draw in graphics.GRAPHICS.values():
        pixels = np.asarray(draw().convert("RGB"))
        yield libvips().Image.new_from_array(pixels).copy(interpretation="srgb")


def measure(encoder: Encoder, qualities: tuple[int, ...], pictures: Iterator[Any]) -> Measured:
    """Return the features of pictures and their scores at some qualities."""
    features, scores = [], []
    for picture in pictures:
        image = picture.copy_memory()
        reference = Reference(image)
        features.append(reference.features)
        drafts = (encoder.at(quality).draft(image, 0) for quality in qualities)
        opened = (libvips().Image.new_from_buffer(draft, "") for draft in drafts)
        scores.append([reference.score(copy) for copy in opened])
    return {"qualities": qualities, "features": features, "scores": scores}


def table(name: str, known: Measured) -> str:
    """Return the source of a curve."""
    scores = np.maximum.accumulate(np.array(known["scores"]), axis=1)
    features = np.array(known["features"])
    if name == "palette":
        features *= 0
    curve = fit(known["qualities"], features, scores)
    off = [
        curve_error(known["qualities"], features, scores, at, goal)
        for goal in (70, 80, 90)
        for at in range(len(scores))
    ]
    errors = np.array(off).reshape(3, -1)
    told = ", ".join(f"{np.sqrt(np.nanmean(row**2)):.1f}" for row in errors)
    lines = (f"        {key}={_numbers(value)},\n" for key, value in curve._asdict().items())
    return f'    # off by {told} at 70, 80, 90\n    "{name}": Curve(\n{"".join(lines)}    ),'


def fit(qualities: Any, features: Any, scores: Any) -> Curve:
    """Return the curve of photographs."""
    means, spreads = scores.mean(axis=0), scores.std(axis=0)
    flat = Curve(tuple(qualities), tuple(means), tuple(spreads), ())
    bents = np.array([[_bent(flat, row, goal) for goal in GOALS] for row in scores])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        wanted = np.nanmean(bents, axis=1)
    there = ~np.isnan(wanted)
    given, wanted = features[there], wanted[there]
    middle, scale = given.mean(axis=0), given.std(axis=0) + _TINY
    normal = (given - middle) / scale
    inner = normal.T @ normal + RIDGE * np.eye(normal.shape[1])
    weights = np.linalg.solve(inner, normal.T @ (wanted - wanted.mean())) / scale
    return flat._replace(weights=(wanted.mean() - middle @ weights, *weights))


def curve_error(qualities: Any, features: Any, scores: Any, at: int, goal: float) -> float:
    """Return by how many points the first try for a photograph is off, fitted to the others."""
    others = np.arange(len(scores)) != at
    if scores[at, -1] < goal:
        return float("nan")
    curve = fit(qualities, features[others], scores[others])
    quality = round(curve.quality_for(goal, curve.predict(tuple(features[at]))))
    return float(np.interp(quality, qualities, scores[at])) - goal


def _bent(curve: Curve, scores: Any, goal: float) -> float:
    """Return the bent of a photograph where it reaches a goal."""
    if not scores[0] < goal < scores[-1]:
        return float("nan")
    rising = scores + np.arange(len(scores)) * 1e-9
    quality = np.interp(goal, rising, curve.qualities)
    spread = np.interp(quality, curve.qualities, curve.spreads)
    return float((goal - np.interp(quality, curve.qualities, curve.means)) / spread)


def _numbers(values: tuple[float, ...]) -> str:
    texts = (str(one) if isinstance(one, int) else _rounded(one) for one in values)
    return f"({', '.join(texts)})"


def _rounded(value: float) -> str:
    return f"{value:.3g}" if abs(value) < 10 else f"{value:.1f}"


if __name__ == "__main__":
    main()
