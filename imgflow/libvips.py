"""libvips, loaded on first use and set up once for a process.

libvips must never be loaded in a process that forks later: its threads do not survive
a fork. The parent of a batch therefore does not call :func:`libvips` at all.
"""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING, Any

from imgflow.errors import ImgflowError

if TYPE_CHECKING:
    from types import ModuleType

    from pyvips import Image

#: First libvips without the TIFF and EXIF loader vulnerabilities of 2026.
OLDEST_SAFE = (8, 18, 3)

_LOADERS = {
    "avif": "VipsForeignLoadHeif",
    "gif": "VipsForeignLoadNsgif",
    "heic": "VipsForeignLoadHeif",
    "jpeg": "VipsForeignLoadJpeg",
    "jxl": "VipsForeignLoadJxl",
    "pdf": "VipsForeignLoadPdf",
    "png": "VipsForeignLoadPng",
    "svg": "VipsForeignLoadSvg",
    "tiff": "VipsForeignLoadTiff",
    "webp": "VipsForeignLoadWebp",
}
_TRUSTED = ("avif", "gif", "jpeg", "jxl", "png", "tiff", "webp")


@functools.cache
def libvips() -> ModuleType:
    """Return the pyvips module, with one thread a picture, no cache and few loaders.

    One thread a picture and one picture a core is the fastest way to run a batch, and
    makes AVIF files that do not depend on the number of cores. All loaders but the
    trusted ones are blocked for the whole process.
    """
    os.environ.setdefault("VIPS_CONCURRENCY", "1")
    import pyvips

    version = tuple(pyvips.version(part) for part in range(3))
    if version < OLDEST_SAFE:
        found, needed = (".".join(map(str, parts)) for parts in (version, OLDEST_SAFE))
        message = (
            f"libvips {found} has known security holes; {needed} or newer is needed: "
            "pip install --upgrade pyvips-binary"
        )
        raise ImgflowError(message, code="libvips-too-old")
    pyvips.cache_set_max(0)
    pyvips.operation_block_set("VipsForeignLoad", True)
    for name in _TRUSTED:
        pyvips.operation_block_set(_LOADERS[name], False)
    return pyvips


@functools.cache
def open_loader(name: str) -> None:
    """Unblock the loader of one untrusted format, for this process and for good."""
    libvips().operation_block_set(_LOADERS[name], False)


@functools.cache
def has_operation(name: str) -> bool:
    """Tell whether this libvips knows an operation, ``jxlsave_buffer`` say."""
    return bool(libvips().type_find("VipsOperation", name))


@functools.cache
def libvips_version() -> str:
    """Return the version of libvips, as in ``8.18.7``."""
    return ".".join(str(libvips().version(part)) for part in range(3))


def header_field(image: Image, name: str, default: Any) -> Any:  # noqa: ANN401
    """Return a header field of an image, or ``default`` where it has none."""
    return image.get(name) if image.get_typeof(name) else default
