"""Marks in files: they are found again, do not disturb anybody, and outlive a rewriting."""

from __future__ import annotations

import contextlib

import kinds
import numpy as np
import pytest
import samples
from hypothesis import given, settings
from hypothesis import strategies as st

from imgflow.containers import REWRITERS, MalformedError
from imgflow.containers.marks import MARKABLE, mark_of, read_mark, with_mark
from imgflow.metadata import Groups, exif

MARK = mark_of("high")
FILES = {
    "jpeg": ("jpeg", "jpeg-gray", "jpeg-cmyk", "exif-6"),
    "png": ("png", "png-alpha", "png-palette", "png-16"),
    "webp": ("webp", "webp-alpha", "webp-animated"),
    "avif": ("avif", "avif-alpha"),
}
CASES = [(kind, name) for kind, names in FILES.items() for name in names]


@pytest.mark.parametrize(("kind", "name"), CASES)
def test_a_mark_is_found_again_and_costs_little(kind: str, name: str) -> None:
    file = kinds.kind_file(name)
    assert read_mark(file, kind) == ""

    data = with_mark(file, kind, MARK)

    assert read_mark(data, kind) == "imgflow:1 quality=high"
    assert len(data) - len(file) <= 64
    assert np.array_equal(samples.decoded(data), samples.decoded(file))


@pytest.mark.parametrize(("kind", "name"), [case for case in CASES if case[0] in REWRITERS])
def test_a_mark_outlives_metadata(kind: str, name: str) -> None:
    data = with_mark(kinds.kind_file(name), kind, MARK)
    groups = Groups(exif=exif.build({exif.COPYRIGHT: b"(c) me"}))

    full = REWRITERS[kind](data, groups, False)
    bare = REWRITERS[kind](full, Groups(), False)

    assert read_mark(full, kind) == read_mark(bare, kind) == MARK.decode()
    assert REWRITERS[kind](full, groups, False) == full
    assert np.array_equal(samples.decoded(bare), samples.decoded(data))


@pytest.mark.parametrize("kind", ["jpeg", "png"])
def test_words_of_others_are_no_mark(kind: str) -> None:
    from PIL.PngImagePlugin import PngInfo

    text = PngInfo()
    text.add_text("Comment", "imgflow:1 quality=high")
    options = {"comment": "not imgflow:1"} if kind == "jpeg" else {"pnginfo": text}
    file = samples.encoded(kinds.photo(), kind.upper(), **options)

    assert read_mark(file, kind) == ""
    assert len(REWRITERS[kind](file, Groups(), False)) < len(file)


def test_formats_without_room_stay_as_they_are() -> None:
    for kind in ("gif", "tiff"):
        assert kind not in MARKABLE
        assert with_mark(kinds.kind_file(kind), kind, MARK) == kinds.kind_file(kind)
        assert read_mark(kinds.kind_file(kind), kind) == ""


@pytest.mark.parametrize("kind", FILES)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_damaged_files_never_crash(kind: str, data: st.DataObject) -> None:
    file = bytearray(with_mark(kinds.kind_file(kind), kind, MARK))
    for _ in range(data.draw(st.integers(0, 3))):
        file[data.draw(st.integers(0, min(len(file) - 1, 600)))] = data.draw(st.integers(0, 255))
    del file[data.draw(st.integers(1, len(file))) :]

    assert isinstance(read_mark(bytes(file), kind), str)
    with contextlib.suppress(MalformedError):
        with_mark(bytes(file), kind, MARK)
