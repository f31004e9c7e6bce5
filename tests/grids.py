"""The settings among which the smallest file of each format is sought, all declared here.

A setting makes a file of an image at a quality. ``GRIDS`` crosses everything that an encoder lets
one choose; nothing of it goes through imgflow's encoders.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, NamedTuple

import mozjpeg_lossless_optimization as mozjpeg
import oxipng
import pyjpegli
from zopfli import png as zopfli

from imgflow.libvips import libvips

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Save = Callable[[Any, int], bytes]


class Setting(NamedTuple):
    """How to make a file of an image; ``qualities`` is the coarse axis, one where there is none."""

    name: str
    save: Save
    qualities: Sequence[int] = (100,)


_JPEG_QUALITIES = range(32, 101, 4)
_JPEG_EFFORTS: tuple[dict[str, Any], ...] = (
    {},
    {"optimize_coding": True, "interlace": True},
    {"optimize_coding": True, "interlace": True, "optimize_scans": True},
    {
        "optimize_coding": True,
        "interlace": True,
        "optimize_scans": True,
        "trellis_quant": True,
        "overshoot_deringing": True,
    },
)
_SAMPLINGS = {"4:2:0": "on", "4:4:4": "off"}
_WEBP_QUALITIES = range(36, 101, 4)
_AVIF_QUALITIES = range(36, 93, 8)
_FILTERS = ("none", "sub", "up", "avg", "paeth", "all")
_DEEP = 257
#: Zopfli's passes in oxipng, and its own.
_PASSES = 15


def _saver(operation: str, **options: Any) -> Save:
    """Return what saves by libvips, at a quality and without metadata."""
    return lambda image, quality: bytes(getattr(image, operation)(Q=quality, keep=0, **options))


def _jpegli(image: Any, quality: int) -> bytes:
    """Encode by jpegli, in the smallest progressive scans that mozjpeg finds without loss."""
    pixels = image.colourspace("srgb").write_to_memory()
    baseline = pyjpegli.encode(pixels, image.width, image.height, quality)
    return bytes(mozjpeg.optimize(baseline))


def _jpeg() -> list[Setting]:
    crossed = itertools.product(range(4), (0, 2, 3), _SAMPLINGS.items())
    settings = [
        Setting(
            f"effort {effort}, table {table}, {chroma}",
            _saver(
                "jpegsave_buffer",
                quant_table=table,
                subsample_mode=mode,
                **_JPEG_EFFORTS[effort],
            ),
            _JPEG_QUALITIES,
        )
        for effort, table, (chroma, mode) in crossed
    ]
    return [*settings, Setting("jpegli, mozjpeg's scans, 4:2:0", _jpegli, _JPEG_QUALITIES)]


def _webp() -> list[Setting]:
    settings = [
        Setting(
            f"effort {effort}, {preset}{', smart' if smart else ''}",
            _saver("webpsave_buffer", effort=effort, preset=preset, smart_subsample=smart),
            _WEBP_QUALITIES,
        )
        for effort, preset, smart in itertools.product(
            (0, 2, 4, 6), ("default", "photo"), (False, True)
        )
    ]
    near = [
        Setting(
            f"near-lossless, effort {effort}",
            _saver("webpsave_buffer", near_lossless=True, effort=effort),
            (0, 20, 40, 60, 80),
        )
        for effort in (2, 6)
    ]
    exact = [
        Setting(
            f"lossless, effort {effort}",
            _saver("webpsave_buffer", lossless=True, exact=True, effort=effort),
        )
        for effort in (0, 2, 4, 6)
    ]
    palettes = [_webp_palette(bits, dither) for bits in (8, 4) for dither in (0, 1)]
    return settings + near + exact + palettes


def _webp_palette(bits: int, dither: float) -> Setting:
    """Return a palette that is kept exactly."""
    save = _saver("pngsave_buffer", palette=True, bitdepth=bits, dither=dither, compression=0)
    return Setting(
        f"palette of {2**bits}, dither {dither:g}, lossless",
        lambda image, quality: bytes(
            libvips()
            .Image.new_from_buffer(save(image, quality), "")
            .webpsave_buffer(lossless=True, exact=True, effort=2, keep=0)
        ),
        (20, 40, 60, 80, 100),
    )


def _avif() -> list[Setting]:
    return [
        Setting(
            f"effort {effort}, {chroma}, {bits} bits",
            _avif_saver(effort, mode, bits),
            _AVIF_QUALITIES,
        )
        for effort, (chroma, mode), bits in itertools.product(range(5), _SAMPLINGS.items(), (8, 10))
    ]


def _avif_saver(effort: int, mode: str, bits: int) -> Save:
    save = _saver(
        "heifsave_buffer", compression="av1", effort=effort, subsample_mode=mode, bitdepth=bits
    )
    return save if bits == 8 else lambda image, quality: save(_deepened(image), quality)


def _deepened(image: Any) -> Any:
    space = "rgb16" if image.bands > 2 else "grey16"
    return (image * _DEEP).cast("ushort").copy(interpretation=space)


def _png(image: Any, **options: Any) -> bytes:
    return bytes(image.pngsave_buffer(keep=0, **options))


def _plain_png(level: int, name: str) -> Setting:
    return Setting(
        f"libvips {level}, {name}",
        lambda image, _: _png(image, compression=level, filter=name),
    )


def _oxipng(level: int) -> Setting:
    return Setting(
        f"oxipng {level}",
        lambda image, _: bytes(
            oxipng.optimize_from_memory(_png(image, compression=1), level=level)
        ),
    )


def _oxipng_zopfli(image: Any, _: int) -> bytes:
    deflater = oxipng.Deflaters.zopfli(_PASSES)
    return bytes(oxipng.optimize_from_memory(_png(image, compression=1), level=4, deflate=deflater))


def _zopfli(image: Any, _: int) -> bytes:
    return bytes(zopfli.optimize(_png(image, compression=1), num_iterations=_PASSES))


def _palette(bits: int, dither: float) -> Setting:
    """Return a palette of at most ``2**bits`` colours: an exact file where it is one."""
    save = _saver(
        "pngsave_buffer", palette=True, bitdepth=bits, dither=dither, effort=10, compression=1
    )
    return Setting(
        f"palette of {2**bits}, dither {dither:g}, oxipng 4",
        lambda image, quality: bytes(oxipng.optimize_from_memory(save(image, quality), level=4)),
        (20, 40, 60, 80, 100),
    )


def _lossless_png() -> list[Setting]:
    plain = [_plain_png(level, name) for level in (6, 9) for name in _FILTERS]
    optimised = [_oxipng(level) for level in (2, 4, 6)]
    zopflis = [
        Setting("oxipng 4, zopfli", _oxipng_zopfli),
        Setting("zopflipng", _zopfli),
    ]
    return [*plain, *optimised, *zopflis]


def _any_png() -> list[Setting]:
    return _lossless_png() + [_palette(bits, dither) for bits in (8, 4, 2) for dither in (0, 1)]


GRIDS: dict[str, Sequence[Setting]] = {
    "jpeg": _jpeg(),
    "webp": _webp(),
    "avif": _avif(),
    "png": _any_png(),
}
