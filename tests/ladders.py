"""A ladder with figures that are made up."""

from __future__ import annotations

from imgflow.ladder.rungs import Choice, Curve, Ladder, Rung
from imgflow.quality.verdict import judge


def a_rung(name: str, quality: int | str, size: int, score: float) -> Rung:
    return Rung(
        format=name,
        quality=quality,
        chroma="" if quality == "lossless" else "4:2:0",
        bytes=size,
        bits_per_pixel=round(size * 8 / (640 * 480), 4),
        score=score,
        level=judge(score).level,
    )


def _curve(name: str, steps: dict[int, tuple[int, float]], *chosen: Rung) -> Curve:
    rungs = tuple(a_rung(name, quality, *step) for quality, step in steps.items())
    levels = (("good", 70.0), ("high", 80.0), ("visually-lossless", 90.0))
    choices = tuple(
        Choice(level=level, goal=goal, reached=rung.score >= goal - 0.5, encodes=2, rung=rung)
        for (level, goal), rung in zip(levels, chosen, strict=True)
    )
    return Curve(format=name, rungs=rungs, choices=choices)


JPEG = _curve(
    "jpeg",
    {40: (20_000, 58.0), 75: (40_000, 75.5), 90: (80_000, 85.25), 97: (200_000, 91.5)},
    a_rung("jpeg", 66, 33_000, 70.9),
    a_rung("jpeg", 83, 55_000, 80.2),
    a_rung("jpeg", 97, 200_000, 91.5),
)
WEBP = _curve(
    "webp",
    {40: (15_000, 55.0), 80: (36_000, 76.0), 100: (150_000, 89.25)},
    a_rung("webp", 71, 30_000, 70.5),
    a_rung("webp", 87, 52_000, 79.75),
    a_rung("webp", 100, 150_000, 89.25),
)
PNG = a_rung("png", "lossless", 700_000, 100.0)


def a_ladder(
    name: str = "photos/cat.jpg",
    *,
    curves: tuple[Curve, ...] = (JPEG, WEBP),
    lossless: tuple[Rung, ...] = (PNG,),
) -> Ladder:
    return Ladder(
        name=name,
        format="jpeg",
        bytes=400_000,
        source=(1280, 960),
        width=640,
        height=480,
        graphic=False,
        effort="balanced",
        curves=curves,
        lossless=lossless,
    )
