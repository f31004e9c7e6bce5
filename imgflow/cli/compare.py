"""``imgflow compare``: how close one picture looks to another."""

from typing import TYPE_CHECKING, Annotated

import typer

from imgflow.cli.bounds import Bounds, MaxMegapixels, MaxTotalMegapixels
from imgflow.cli.options import AllowLoader, AsJson

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgflow.quality.comparison import Compared, Comparison

Original = Annotated[str, typer.Argument(metavar="ORIGINAL", help="The picture as it should be.")]
Image = Annotated[str, typer.Argument(metavar="IMAGE", help="The picture to judge, of one size.")]
Diff = Annotated[
    str | None,
    typer.Option("--diff", metavar="FILE.png", help="Draw where they differ, as a PNG."),
]
Page = Annotated[
    str | None,
    typer.Option("--page", metavar="FILE.html", help="Write a page with both, to slide between."),
]


def compare(  # noqa: PLR0913 - the options of a command
    original: Original,
    image: Image,
    *,
    diff: Diff = None,
    page: Page = None,
    max_megapixels: MaxMegapixels = None,
    max_total_megapixels: MaxTotalMegapixels = None,
    allow_loader: AllowLoader = None,
    as_json: AsJson = False,
) -> None:
    """Score how close a picture looks to its original.

    The score is SSIMULACRA2: 90 and more cannot be told apart even by flipping between the two,
    80 not side by side; 70 is good, 50 medium, 30 low. Of animations, the worst frame counts.
    """
    from imgflow.cli.drawn import check_drawn
    from imgflow.cli.places import open_places
    from imgflow.cli.printing import print_json

    check_drawn("--diff", diff, (".png",), (original, image))
    check_drawn("--page", page, (".html",), (original, image))
    bounds = Bounds(
        max_megapixels=max_megapixels,
        max_total_megapixels=max_total_megapixels,
        allow_loader=tuple(allow_loader or ()),
    )
    limits = bounds.limits()
    storage = open_places(limits.source_bytes)
    try:
        from imgflow.quality.comparison import FilePair

        pair = FilePair(storage.read(original), storage.read(image), limits)
        comparison = pair.compare()
        if diff:
            storage.write(diff, pair.draw(comparison.frame))
        if page:
            from imgflow.pages.comparison_page import render_comparison

            storage.write(page, render_comparison(pair, comparison).encode())
    finally:
        storage.close()
    if as_json:
        print_json(comparison)
    else:
        _print(comparison)


def _print(comparison: "Comparison") -> None:
    from imgflow.cli.columns import print_columns
    from imgflow.cli.printing import print_error

    print_columns(_rows(comparison))
    for note in comparison.notes:
        print_error(note.message)


def _rows(comparison: "Comparison") -> "Iterator[tuple[str, str]]":
    from imgflow.quality.verdict import score_text

    one, two = comparison.original, comparison.picture
    yield "original", _described(one)
    yield "image", f"{_described(two)}, {two.bytes / max(one.bytes, 1):.0%} of the original"
    worst = f" in frame {comparison.frame + 1}" if one.frames == two.frames > 1 else ""
    if comparison.identical:
        yield "score", "100: identical, no pixel differs"
    else:
        level = comparison.level.replace("-", " ")
        yield "score", f"{score_text(comparison.score)}{worst}: {level}, {comparison.meaning}"


def _described(file: "Compared") -> str:
    from imgflow.wording import size_text

    frames = f", {file.frames} frames" if file.frames > 1 else ""
    return f"{file.name}, {file.format} {file.width}x{file.height}{frames}, {size_text(file.bytes)}"
