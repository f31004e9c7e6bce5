"""``imgflow ladder``: size against score for each format."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from imgflow.cli.bounds import Bounds, MaxMegapixels
from imgflow.cli.options import AllowLoader, AsJson

if TYPE_CHECKING:
    from imgflow.ladder.rungs import Ladder

Image = Annotated[str, typer.Argument(metavar="IMAGE", help="The picture to encode.")]
Formats = Annotated[
    str, typer.Option(metavar="LIST", help="Formats, with commas: jpeg, webp, avif, png, ...")
]
Width = Annotated[
    int | None,
    typer.Option(min=1, max=65500, metavar="N", help="Reduce it to so many pixels first."),
]
Effort = Annotated[
    Literal["fast", "balanced", "max"], typer.Option(help="CPU spent on size, as in a recipe.")
]
Plot = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="Draw the graph: .svg, .png, or .html with the figures."),
]
_ENDINGS = (".svg", ".png", ".html")


def ladder(  # noqa: PLR0913 - the options of a command
    image: Image,
    *,
    formats: Formats = "jpeg,webp,avif",
    width: Width = None,
    effort: Effort = "balanced",
    plot: Plot = None,
    max_megapixels: MaxMegapixels = None,
    allow_loader: AllowLoader = None,
    as_json: AsJson = False,
) -> None:
    """Show what quality costs: size against score for each format.

    A picture is encoded at many qualities, and as the search does it for the levels good (70),
    high (80) and visually-lossless (90). AVIF takes its time: --width and --effort fast help.
    """
    from imgflow.cli.drawn import check_drawn
    from imgflow.cli.places import open_places
    from imgflow.ladder.formats import choose_encoders

    check_drawn("--plot", plot, _ENDINGS, [image])
    bounds = Bounds(max_megapixels=max_megapixels, allow_loader=tuple(allow_loader or ()))
    limits = bounds.limits()
    encoders = choose_encoders(_names(formats), effort)
    storage = open_places(limits.source_bytes)
    try:
        from imgflow.cli.counting import counted
        from imgflow.ladder.climb import Climb

        climb = Climb(storage.read(image), encoders, effort, width=width, limits=limits)
        with counted(climb.files, hidden=as_json) as told:
            made = climb.climb(told)
        if plot:
            storage.write(plot, _drawn(made, plot))
    finally:
        storage.close()
    _show(made, as_json=as_json)


def _names(formats: str) -> tuple[str, ...]:
    from imgflow.errors import UsageError

    names = tuple(name.strip() for name in formats.split(",") if name.strip())
    if not names:
        message = f"--formats: expected formats like jpeg,webp, found '{formats}'"
        raise UsageError(message)
    return names


def _show(made: "Ladder", *, as_json: bool) -> None:
    from imgflow.cli.ladder_table import print_ladder
    from imgflow.cli.printing import print_error, print_json

    if as_json:
        print_json(made)
        return
    print_ladder(made)
    for note in made.notes:
        print_error(note.message)


def _drawn(made: "Ladder", plot: str) -> bytes:
    ending = plot.lower().rpartition(".")[2]
    if ending == "png":
        from imgflow.ladder.raster import paint_ladder

        return paint_ladder(made)
    if ending == "html":
        from imgflow.pages.ladder_page import render_ladder

        return render_ladder(made).encode()
    from imgflow.ladder.drawing import draw_ladder

    return draw_ladder(made).encode()
