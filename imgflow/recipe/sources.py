"""Find the sources of a run: files, folders and globs become paths, in a stable order."""

from __future__ import annotations

import os
import posixpath
from typing import TYPE_CHECKING, NamedTuple

from imgflow.recipe.globs import compile_both, compile_glob, compile_patterns, is_glob, split_glob

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator

#: What is an image, as far as a name can tell.
EXTENSIONS = (
    *("apng", "avif", "bmp", "cur", "dds", "gif", "heic", "heif", "icns", "ico", "j2k", "jfif"),
    *("jp2", "jpe", "jpeg", "jpf", "jpg", "jxl", "pbm", "pcx", "pgm", "png", "pnm", "ppm", "psd"),
    *("qoi", "sgi", "tga", "tif", "tiff", "webp"),
)
DEFAULT_INCLUDE = (f"*.{{{','.join(EXTENSIONS)}}}",)
_TEMPORARY = ".imgflow-tmp"


class Found(NamedTuple):
    """A source: its path, and its path below the folder that was searched, with slashes."""

    path: str
    relative: str


class Search(NamedTuple):
    """A folder to search, and what to take from it; paths are relative to the folder."""

    folder: str
    include: re.Pattern[str]
    exclude: re.Pattern[str]

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

    A glob that names no extension, ``photos/**``, finds images only.
    """
    path = os.path.expanduser(text)
    if os.path.isdir(path):
        return search_folder(path, include, exclude)
    if is_glob(path) and not os.path.lexists(path):
        folder, pattern = split_glob(path)
        named = "." in posixpath.basename(pattern)
        wanted = compile_glob(pattern) if named else compile_both(pattern, DEFAULT_INCLUDE)
        return Search(folder or ".", wanted, compile_patterns(exclude))
    return Found(path, posixpath.basename(path.replace(os.sep, "/")))


def search_folder(folder: str, include: tuple[str, ...], exclude: tuple[str, ...]) -> Search:
    """Return the search of a folder, for images unless ``include`` says what for."""
    patterns = compile_patterns(include or DEFAULT_INCLUDE)
    return Search(folder, patterns, compile_patterns(exclude))


def find_sources(
    inputs: Iterable[str], include: tuple[str, ...], exclude: tuple[str, ...]
) -> list[Found]:
    """Return the sources of some inputs, in their order, each once.

    Folders are searched at any depth, in the order of names; hidden files and links to
    folders are passed over.
    """
    found: dict[str, Found] = {}
    for text in inputs:
        plan = plan_search(text, include, exclude)
        sources = [plan] if isinstance(plan, Found) else sorted(_walk(plan))
        for source in sources:
            found.setdefault(os.path.normpath(source.path), source)
    return list(found.values())


def _walk(search: Search) -> Iterator[Found]:
    """Yield the files of a folder that the patterns take.

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
