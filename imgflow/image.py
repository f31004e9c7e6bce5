"""Open a source image: the one place that decodes.

Everything that can be refused is refused from the header: the kind of file, its size,
the number of pixels. Pixels are decoded later, when an encoder asks for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imgflow import foreign, gif
from imgflow.errors import SourceError
from imgflow.frames import Origin, Picture
from imgflow.geometry import Size
from imgflow.libvips import header_field, libvips, open_loader
from imgflow.limits import (
    MEGA,
    TRUSTED_LOADERS,
    UNTRUSTED_LOADERS,
    Limits,
    check_pixels,
    check_samples,
)
from imgflow.metadata import png, tiff
from imgflow.parts import WatchedFile
from imgflow.sniff import SNIFF_BYTES, sniff

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyvips import Image

    from imgflow.parts import Parts
    from imgflow.source import Source

#: libjpeg can decode to a half, a quarter or an eighth of the size, and saves the work.
_JPEG_SHRINKS = (8, 4, 2)
#: libwebp's own scaler is plain, so it leaves a factor of two to Lanczos.
_WEBP_HEADROOM = 2
#: Formats whose libvips loader is not called after them.
_LOADERS = {"avif": "heifload", "heic": "heifload"}
#: libjpeg only warns of most damage; other decoders also warn of what is harmless.
_FAIL_ON = {"jpeg": "warning"}
#: Milliseconds that a frame of an animation without timing is shown, as browsers do.
_DELAY = 100
_ANIMATED = ("gif", "webp")
#: EXIF orientations that swap width and height.
_TURNED = (5, 6, 7, 8)
#: Orientation 2 mirrors each row, which can be done while streaming.
_UPRIGHT, _MIRRORED = 1, 2


def open_picture(
    source: Source,
    limits: Limits,
    *,
    orient: bool = True,
    shrink: Callable[[Size], float] | None = None,
) -> Picture:
    """Open an image without decoding it.

    ``shrink`` is asked, with the size of the upright image, by how much the file may be
    reduced while it is decoded; the picture then says ``reduced``. With ``orient`` the
    EXIF orientation is applied. Raises SourceError for everything that is no image, is
    broken, not allowed or too large.
    """
    kind = identify(source, limits)
    header = _read_header(source, kind, limits)
    frames = frame_count(header, kind)
    orientation = orientation_of(header)
    stored = Size(header.width, header.height)
    size = Size(*reversed(stored)) if orient and orientation in _TURNED else stored
    factor = shrink(size) if shrink and frames == 1 else 1.0
    options = _shrink_options(kind, factor) | ({"n": -1} if frames > 1 else {})
    image = load(source, kind, **options) if options else header
    picture = Picture(
        image,
        *size,
        origin=Origin(kind, 1 if orient else orientation, orient and orientation != _UPRIGHT),
        streaming=kind not in foreign.FORMATS,
        frames=frames,
        extent=_extent(image, stored, options["shrink"]) if "shrink" in options else None,
    )
    if frames > 1:
        delays = header_field(picture.image, "delay", [_DELAY] * frames)
        picture = picture.replace(delays=tuple(delays), loop=header_field(picture.image, "loop", 0))
    return _upright(picture, orientation) if orient else picture


def _read_header(source: Source, kind: str, limits: Limits) -> Image:
    """Open a file and refuse it if its header asks for too much, or if it is cut off."""
    if kind in foreign.FORMATS:
        return foreign.load(source, kind, limits)
    header = load(source, kind)
    if kind == "tiff":
        header = tiff.with_rights(header, source)
    if kind == "png":
        header = png.with_rights(header, source)
    size = Size(header.width, header.height)
    check_pixels(source.name, size, frame_count(header, kind), limits)
    check_samples(source.name, header)
    if kind == "gif" and gif.is_cut_off(source.read()):
        message = f"{source.name}: expected a whole gif image, found one that is cut off"
        raise SourceError(message, code="source-corrupt")
    return header


def identify(source: Source, limits: Limits) -> str:
    """Return the format of a source by its content; refuse what may not be opened."""
    if source.size == 0:
        message = f"{source.name}: expected an image, found an empty file"
        raise SourceError(message, code="source-empty")
    if source.size > limits.source_bytes:
        message = (
            f"{source.name}: expected at most {limits.source_bytes // MEGA} MB, "
            f"found {source.size // MEGA} MB; raise the limit with --max-megabytes"
        )
        raise SourceError(message, code="source-too-large")
    kind = sniff(source.head(SNIFF_BYTES))
    if kind in TRUSTED_LOADERS or kind in foreign.FORMATS:
        return kind
    if kind in UNTRUSTED_LOADERS and kind in limits.loaders:
        open_loader(kind)
        return kind
    raise _refusal(source, kind)


def load(source: Source, kind: str, **options: Any) -> Image:  # noqa: ANN401
    """Open a file with the libvips loader of its format: the header is read, pixels come later."""
    pyvips = libvips()
    options |= {"access": "sequential", "fail_on": _FAIL_ON.get(kind, "error")}
    loader = _LOADERS.get(kind, f"{kind}load")
    try:
        if source.parts is not None:
            image: Image = _load_parts(source.parts, f"{loader}_source", options)
        elif source.path is not None:
            image = getattr(pyvips.Image, loader)(source.path, **options)
        else:
            image = getattr(pyvips.Image, f"{loader}_buffer")(source.data, **options)
    except pyvips.Error as error:
        raise broken(source, kind, error) from error
    return image


def _load_parts(parts: Parts, loader: str, options: dict[str, Any]) -> Image:
    """Open an image that is far away; what cannot be fetched is told as it is."""
    file = WatchedFile(parts)
    remote = libvips().SourceCustom()
    remote.on_read(file.fetch)
    remote.on_seek(file.move)
    try:
        image: Image = getattr(libvips().Image, loader)(remote, **options)
    finally:
        file.check()
    # libvips calls back as long as there is this image, or one made from it.
    image._references.append(remote)  # noqa: SLF001 -- where pyvips keeps what an image needs
    return image


def broken(source: Source, kind: str, error: Exception) -> SourceError:
    """Return the error for a file that looks like ``kind`` but cannot be decoded."""
    lines = [line.strip() for line in str(error).splitlines()[1:]]
    reason = "; ".join(dict.fromkeys(line for line in lines if line)) or "it cannot be decoded"
    message = f"{source.name}: expected a whole {kind} image, found a damaged one: {reason}"
    return SourceError(message, code="source-corrupt")


def check_decodes(source: Source, kind: str) -> None:
    """Decode a whole source for the sake of its errors; raises SourceError if it is damaged."""
    if kind in foreign.FORMATS:
        return
    every = {"n": -1} if kind in _ANIMATED else {}
    try:
        load(source, kind, **every).avg()
    except libvips().Error as error:
        raise broken(source, kind, error) from error


def orientation_of(header: Image) -> int:
    """Return the EXIF orientation, 1 to 8; 1 where there is none or it is nonsense."""
    value: int = header_field(header, "orientation", 1)
    return value if value in range(1, 9) else 1


def frame_count(header: Image, kind: str) -> int:
    """Return the number of frames of an animation, 1 for all else."""
    return int(header_field(header, "n-pages", 1)) if kind in _ANIMATED else 1


def _shrink_options(kind: str, factor: float) -> dict[str, Any]:
    if kind == "jpeg":
        fitting = [shrink for shrink in _JPEG_SHRINKS if shrink <= factor]
        return {"shrink": fitting[0]} if fitting else {}
    if kind == "webp" and factor >= 2 * _WEBP_HEADROOM:
        return {"scale": 1 / int(factor / _WEBP_HEADROOM)}
    return {}


def _extent(image: Image, stored: Size, shrink: int) -> tuple[float, float] | None:
    """Return the size that a reduced JPEG would have if libvips kept all of its last block.

    The pixels it has, taken for the whole, would be stretched by up to a pixel.
    """
    extent = stored.width / shrink, stored.height / shrink
    return None if (image.width, image.height) == extent else extent


def _upright(picture: Picture, orientation: int) -> Picture:
    if orientation == _UPRIGHT:
        return picture
    picture = picture.filled()
    if orientation != _MIRRORED:
        picture = picture.random_access()
    return picture.replace(image=picture.image.autorot())


def _refusal(source: Source, kind: str | None) -> SourceError:
    known = ", ".join(sorted({*TRUSTED_LOADERS, *foreign.FORMATS}))
    if kind in UNTRUSTED_LOADERS:
        message = (
            f"{source.name}: found {kind}, which is not opened unless it is allowed; "
            f"allow it with --allow-loader {kind} if you trust the file"
        )
        return SourceError(message, code="source-not-allowed")
    found = f"a {kind} file" if kind else "something that is no image"
    message = f"{source.name}: expected an image ({known}), found {found}"
    return SourceError(message, code="source-unsupported")
