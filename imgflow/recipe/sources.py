"""Sources on this machine: files, folders and globs become paths."""

from __future__ import annotations

import os
import posixpath
from typing import TYPE_CHECKING, NamedTuple

from imgflow.recipe.globs import compile_both, compile_glob, compile_patterns, is_glob, split_glob
from imgflow.uris import scheme_of

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

#: What is an image, as far as a name can tell.
EXTENSIONS = (
    *("apng", "avif", "bmp", "cur", "dds", "gif", "heic", "heif", "icns", "ico", "j2k", "jfif"),
    *("jp2", "jpe", "jpeg", "jpf", "jpg", "jxl", "pbm", "pcx", "pgm", "png", "pnm", "ppm", "psd"),
    *("qoi", "sgi", "tga", "tif", "tiff", "webp"),
)
DEFAULT_INCLUDE = (f"*.{{{','.join(EXTENSIONS)}}}",)
#: What the name of a file beside a source ends in, after the whole name of the source.
SIDECAR = ".imgflow.yaml"
_TEMPORARY = ".imgflow-tmp"


class Found(NamedTuple):
    """A source: its path or URI, and its path below the folder that was searched, with slashes.

    ``version`` tells contents apart as far as a listing does.
    """

    path: str
    relative: str
    version: str = ""


class Search(NamedTuple):
    """A folder to search, and what to take from it; paths are relative to the folder.

    All that is taken begins with ``prefix``.
    """

    folder: str
    include: re.Pattern[str]
    exclude: re.Pattern[str]
    prefix: str = ""

    def takes(self, relative: str) -> bool:
        """Tell whether a file is one of the sources, as far as its path tells."""
        parts = relative.split("/")
        if any(part.startswith(".") for part in parts):
            return False
        folders = ("/".join(parts[:end]) for end in range(1, len(parts)))
        return (
            not any(self.skips(folder) for folder in folders)
            and not self.exclude.fullmatch(relative)
            and self.include.fullmatch(relative) is not None
        )

    def skips(self, folder: str) -> bool:
        """Tell whether a folder is left out with all that it holds."""
        return self.exclude.fullmatch(folder) is not None


def plan_search(text: str, include: tuple[str, ...], exclude: tuple[str, ...]) -> Search | Found:
    """Return what an input means: a file as it is, or a folder to search.

    A glob that names no extension, ``photos/**``, finds images only. Of ``file://`` URIs
    those of files stay as they are.
    """
    path = local_path(os.path.expanduser(text))
    if os.path.isdir(path):
        return search_folder(path, include, exclude)
    if is_glob(path) and not os.path.lexists(path):
        folder, pattern = split_glob(path)
        named = "." in posixpath.basename(pattern)
        wanted = compile_glob(pattern) if named else compile_both(pattern, DEFAULT_INCLUDE)
        return Search(folder or ".", wanted, compile_patterns(exclude))
    name = posixpath.basename(path.replace(os.sep, "/"))
    return Found(text if scheme_of(text) else path, name)


def local_path(text: str) -> str:
    """Return the path that a ``file://`` URI means, and a path as it is; raises StorageError."""
    if not scheme_of(text):
        return text
    from imgflow.guard.paths import parse_path

    return parse_path(text)


def search_folder(folder: str, include: tuple[str, ...], exclude: tuple[str, ...]) -> Search:
    """Return the search of a folder, for images unless ``include`` says what for."""
    patterns = compile_patterns(include or DEFAULT_INCLUDE)
    return Search(folder, patterns, compile_patterns(exclude))


def walk(search: Search) -> Iterator[Found]:
    """Yield the files of a folder of this machine that the patterns take, in any order.

    Hidden files and links to folders are passed over.

    A folder that cannot be read is yielded itself: it fails, and is not passed over.
    """
    home = "" if search.folder == "." else os.path.join(search.folder, "")
    include, exclude = search.include.fullmatch, search.exclude.fullmatch
    waiting = [""]
    while waiting:
        below = waiting.pop()
        try:
            entries = os.scandir((home + below) or ".")
        except FileNotFoundError:
            continue
        except OSError:
            yield Found((home + below).rstrip("/") or ".", below.rstrip("/"))
            continue
        with entries:
            for entry in entries:
                name = entry.name
                if name.startswith(".") or name.endswith(_TEMPORARY):
                    continue
                relative = below + name
                if entry.is_dir(follow_symlinks=False):
                    if not exclude(relative):
                        waiting.append(f"{relative}/")
                elif include(relative) and not exclude(relative) and not _is_folder_link(entry):
                    yield Found(home + relative, relative)


def _is_folder_link(entry: os.DirEntry[str]) -> bool:
    return entry.is_symlink() and entry.is_dir()
