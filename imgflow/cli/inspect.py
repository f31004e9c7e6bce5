"""``imgflow inspect``: what an image is."""

from typing import TYPE_CHECKING, Annotated

import typer

from imgflow.cli import exits
from imgflow.cli.options import AllowLoader, AsJson

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgflow.errors import SourceError, StorageError
    from imgflow.inspection import ImageInfo

Images = Annotated[
    list[str], typer.Argument(metavar="IMAGE", help="Image files: paths, s3:// or https://.")
]


def inspect(images: Images, *, allow_loader: AllowLoader = None, as_json: AsJson = False) -> int:
    """Tell what images are: size, colours, metadata.

    Of images far away, only what tells this is fetched: a few kB.
    """
    from imgflow.cli.bounds import Bounds
    from imgflow.cli.places import open_places
    from imgflow.cli.printing import print_json
    from imgflow.errors import SourceError, StorageError
    from imgflow.inspection import inspect as look_at

    limits = Bounds(allow_loader=tuple(allow_loader or ())).limits()
    storage = open_places(limits.source_bytes)
    code = exits.OK
    for name in images:
        try:
            info = look_at(storage.locate(name), limits)
        except (SourceError, StorageError) as error:
            code = exits.FAILED
            _report(name, error, as_json=as_json)
        else:
            if as_json:
                print_json(info)
            else:
                _print(info)
    storage.close()
    return code


def _report(name: str, error: "SourceError | StorageError", *, as_json: bool) -> None:
    from imgflow.cli.failing import report_error
    from imgflow.cli.printing import print_json

    if as_json:
        print_json({"name": name, "error": {"code": error.code, "message": error.message}})
    else:
        report_error(error, as_json=False)


def _print(info: "ImageInfo") -> None:
    from imgflow.cli.columns import print_columns
    from imgflow.cli.printing import print_line

    print_line(info.name)
    print_columns(_rows(info), indent=2)


def _rows(info: "ImageInfo") -> "Iterator[tuple[str, str]]":
    from imgflow.wording import count_text, size_text

    stored = f"stored {info.stored_width}x{info.stored_height}, orientation {info.orientation}"
    yield "format", f"{info.format}, progressive" if info.progressive else info.format
    yield "size", _with(f"{info.width}x{info.height}", stored if info.orientation > 1 else "")
    yield "file", size_text(info.bytes)
    alpha = ", one of them alpha" if info.alpha else ""
    channels = count_text(info.channels, "channel")
    yield "colours", f"{info.colours}, {channels}{alpha}, {info.bits} bits each"
    if info.profile or "icc" in info.metadata:
        yield "profile", _with(info.profile or "unnamed", size_text(info.metadata.get("icc", 0)))
    if info.frames > 1:
        yield "frames", f"{info.frames} in {sum(info.delays) / 1000:g} s, {_loops(info.loop)}"
    elif info.pages > 1:
        yield "pages", f"{info.pages}, of which the first is used"
    groups = [
        f"{name} {size_text(length)}" for name, length in info.metadata.items() if name != "icc"
    ]
    yield "metadata", ", ".join(groups) or "none"
    if info.has_position:
        yield "position", "yes: it tells where it was taken"
    for name in ("copyright", "artist", "credit"):
        if text := getattr(info, name):
            yield name, text


def _with(text: str, remark: str) -> str:
    return f"{text} ({remark})" if remark else text


def _loops(loop: int) -> str:
    return "for ever" if loop == 0 else f"{loop} times"
