"""What ``imgflow cp`` does: from sources and a target to pairs, and these copied."""

from __future__ import annotations

import dataclasses
import itertools
import os
import posixpath
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from imgflow.cli import exits
from imgflow.cli.places import open_places
from imgflow.errors import ImgflowError, SourceError, StorageError, UsageError
from imgflow.template import stays_inside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgflow.storage import Entry, RoutedStorage, Storage

#: Copies at a time, and how many of them are known before the first is done.
_AT_ONCE, _AHEAD = 8, 256
_FEWEST = 2


class Pair(NamedTuple):
    """A file, and where it is copied to: inside ``root``, if there is one."""

    source: str
    target: str
    root: str = ""


@dataclasses.dataclass(frozen=True)
class Copying:
    """What the command was asked for."""

    places: tuple[str, ...]
    recursive: bool
    quiet: bool
    as_json: bool

    def run(self) -> int:
        """Copy everything, and return the exit code; raises UsageError before anything is done."""
        if len(self.places) < _FEWEST:
            raise UsageError("expected SOURCE and TARGET, found only one; see 'imgflow cp --help'")
        storage = open_places(sys.maxsize)
        try:
            pairs = self._below(storage) if self.recursive else iter(self._plain())
            return self._copy_all(storage, pairs)
        finally:
            storage.close()

    def _plain(self) -> list[Pair]:
        """Return the pairs of sources that are single files."""
        *sources, target = self.places
        into = len(sources) > 1 or _is_folder(target)
        pairs: dict[str, Pair] = {}
        for source in sources:
            if _is_folder(source):
                message = (
                    f"{source}: expected a file, found a folder; pass --recursive for all of it"
                )
                raise UsageError(message)
            name = posixpath.basename(_bare(source)) if into else ""
            pair = Pair(source, _joined(target, name) if into else target)
            if pair.source == pair.target:
                raise UsageError(f"{source}: expected another place to copy to, found the same")
            first = pairs.setdefault(pair.target, pair)
            if first is not pair:
                message = f"{first.source} and {source} would both be copied to {pair.target}"
                raise UsageError(f"{message}; copy them into different folders")
        return list(pairs.values())

    def _below(self, storage: RoutedStorage) -> Iterator[Pair]:
        """Yield the pairs for all that is below the sources, as it is listed."""
        *folders, target = self.places
        for folder in folders:
            if _joined(target, "").startswith(_joined(folder, "")):
                message = f"{target}: expected a place outside of {folder}, found one inside"
                raise UsageError(message)
        for folder in folders:
            home, place = storage.find(folder)
            place = place.rstrip("/") or "/"
            empty = True
            for entry in home.list(place):
                name = entry.uri[len(_joined(place, "")) :]
                yield Pair(entry.uri, _joined(target, name), target)
                empty = False
            if empty:
                raise SourceError(f"{folder}: expected files below it, found none")

    def _copy_all(self, storage: Storage, pairs: Iterator[Pair]) -> int:
        """Copy some at a time; one that fails does not keep the others from it."""
        code = exits.OK
        with ThreadPoolExecutor(_AT_ONCE, "imgflow-cp") as pool:
            while some := list(itertools.islice(pairs, _AHEAD)):
                results = pool.map(lambda pair: _copy(storage, pair), some)
                for pair, done in zip(some, results, strict=True):
                    code = max(code, self._tell(pair, done))
        return code

    def _tell(self, pair: Pair, done: Entry | ImgflowError) -> int:
        from imgflow.cli.failing import report_error
        from imgflow.cli.printing import print_json, print_line
        from imgflow.wording import size_text

        shown = {"source": pair.source, "target": pair.target}
        if isinstance(done, ImgflowError):
            if self.as_json:
                print_json({**shown, "error": {"code": done.code, "message": done.message}})
                return exits.FAILED
            return max(exits.FAILED, report_error(done, as_json=False))
        if self.as_json:
            print_json({**shown, "bytes": done.size})
        elif not self.quiet:
            print_line(f"{pair.source} -> {pair.target} ({size_text(done.size)})")
        return exits.OK


def _copy(storage: Storage, pair: Pair) -> Entry | ImgflowError:
    try:
        if pair.root and not stays_inside(pair.target, pair.root.rstrip("/") or "/"):
            message = f"{pair.target}: expected a name inside {pair.root}, found one that leaves it"
            raise StorageError(message, code="path-escapes", retryable=False)
        return storage.copy(pair.source, pair.target)
    except ImgflowError as error:
        return error


def _is_folder(place: str) -> bool:
    """Tell whether a place can only be a folder: a bucket is one, and a folder that is there."""
    scheme, mark, rest = place.partition("://")
    if mark and scheme.lower() != "file":
        return place.endswith("/") or "/" not in rest
    return place.endswith("/") or os.path.isdir(place)


def _bare(source: str) -> str:
    """Return a URI without what follows its path: a version, or on the web a query."""
    mark = "?versionId=" if source.startswith("s3") else "?"
    return source.partition(mark)[0] if "://" in source else source


def _joined(folder: str, name: str) -> str:
    return f"{folder}{name}" if folder.endswith("/") else f"{folder}/{name}"
