"""Files that were made go to where they belong: those far away side by side."""

from __future__ import annotations

import functools
import os
import stat
from typing import TYPE_CHECKING, NamedTuple, Protocol

import msgspec

from imgflow.errors import StorageError
from imgflow.storage import IMMUTABLE, Properties
from imgflow.storage.media_types import media_type
from imgflow.template import parse_template
from imgflow.uris import is_remote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from imgflow.job import Output, Written
    from imgflow.source import Source
    from imgflow.storage import Storage
    from imgflow.target import Target

#: Requests of one job at a time; less than the connections that a store keeps open.
MOST_AT_ONCE = 8


class Made(NamedTuple):
    """A file that is ready to be written; ``data`` is None if it is there already.

    ``replaces`` says that it takes the place of the source.
    """

    order: Target
    written: Written
    data: bytes | None
    replaces: bool = False


class Delivery(Protocol):
    """Does with files what :func:`deliver` does, or something else."""

    def __call__(
        self, files: Sequence[Made], storage: Storage, told: Callable[[], None], *, force: bool
    ) -> tuple[Written, ...]:
        """Return what became of the files; ``told`` is called after each."""


def deliver(
    files: Sequence[Made], storage: Storage, told: Callable[[], None], *, force: bool
) -> tuple[Written, ...]:
    """Write all files, and return what became of them; ``told`` is called after each.

    A file far away whose name holds the digest of all it depends on is written unless it is
    there, by one request; with ``force`` it is replaced. Raises StorageError: some files may
    be written by then, each of them whole.
    """
    put = functools.partial(_put, storage, force=force)
    done = []
    for file in _each(put, files):
        if file.data is not None:
            told()
        done.append(file.written)
    return tuple(done)


def is_content_addressed(output: Output) -> bool:
    """Tell whether the name of a file holds the digest of all that its bytes depend on."""
    return "hash" in parse_template(output.path).fields


def withhold(
    files: Sequence[Made],
    storage: Storage,  # noqa: ARG001 - nothing goes there
    told: Callable[[], None],  # noqa: ARG001
    *,
    force: bool,  # noqa: ARG001
) -> tuple[Written, ...]:
    """Write nothing, and return what would have become of the files."""
    return tuple(file.written for file in files)


def is_there(path: str, data: bytes, source: Source, storage: Storage) -> bool:
    """Tell whether a file holds these very bytes already, so that it need not be written."""
    if path == source.name:
        return data == source.read()
    entry = storage.stat(path)
    return entry is not None and entry.size == len(data) and storage.read(path).read() == data


def _check_replaceable(path: str) -> None:
    """Refuse a source that its owner protects, and links: the file they lead to is another."""
    if is_remote(path):
        return
    if os.path.islink(path):
        message = (
            f"{path}: expected a file to replace, found a link to "
            f"{os.path.realpath(path)}; name that file, or write elsewhere"
        )
        raise StorageError(message, code="is-a-link", retryable=False)
    if not os.stat(path).st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
        message = (
            f"{path}: expected a file that may be changed, found one that is read-only; "
            "allow it with chmod u+w, or write elsewhere"
        )
        raise StorageError(message, code="read-only", retryable=False)


def _each(put: Callable[[Made], Made], files: Sequence[Made]) -> Iterator[Made]:
    far = sum(is_remote(file.written.path) for file in files)
    if far < 2:  # noqa: PLR2004 - nothing to be had side by side
        yield from map(put, files)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(min(far, MOST_AT_ONCE)) as pool:
        yield from pool.map(put, files)


def _put(storage: Storage, file: Made, *, force: bool) -> Made:
    if file.data is None:
        return file
    path, output = file.written.path, file.order.output
    if file.replaces:
        _check_replaceable(path)
    if not is_remote(path):
        storage.write(path, file.data)
        return file
    entry = storage.write(path, file.data, _properties(output, file.data, force=force))
    if not entry.kept:
        return file
    return file._replace(written=msgspec.structs.replace(file.written, status="kept"))


def _properties(output: Output, data: bytes, *, force: bool) -> Properties:
    """Return what is said about an object: what the output says, and its type."""
    lasting = is_content_addressed(output)
    said = output.properties
    return msgspec.structs.replace(
        said,
        content_type=said.content_type or media_type("", data),
        cache_control=said.cache_control or (IMMUTABLE if lasting else ""),
        if_absent=lasting and not force,
    )
