"""Manifests: what they tell, in which order, and that only what went in changes it."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
import samples

from imgflow.errors import UsageError
from imgflow.execute import execute
from imgflow.job import Job, Output, Result
from imgflow.manifest import (
    build_manifest,
    manifest_of,
    manifest_text,
    read_manifest,
    write_if_new,
)
from imgflow.recipe import schemas
from imgflow.storage import open_storages


def outputs(folder: Path, *formats: str) -> tuple[Output, ...]:
    widths = (100, 200, 300)
    return tuple(
        Output(
            path=f"{folder}/{{stem}}-{{width}}.{{ext}}",
            steps=({"op": "resize", "width": width, "enlarge": False},),
            encoder={"format": name},
            root=str(folder),
            widths=widths,
        )
        for width in widths
        for name in formats
    )


def work(folder: Path, name: str, **changes: Any) -> tuple[Job, Result]:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(samples.encoded(samples.cat(), "JPEG", quality=90))
    made = outputs(folder / "out", "webp", "jpeg")
    job = Job(input=str(path), relative=name, outputs=made, facts=True, **changes)
    result = execute(job, open_storages())
    assert result.error is None
    return job, result


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[Job, Result]]]:
    folder = tmp_path_factory.mktemp("site")
    return folder, [work(folder, name) for name in ("b/two.jpg", "one.jpg")]


def test_it_tells_of_the_files_that_are_there(done: tuple[Path, list[tuple[Job, Result]]]) -> None:
    folder, pairs = done
    found = json.loads(manifest_text(build_manifest(pairs, str(folder))))
    assert list(found["sources"]) == ["b/two.jpg", "one.jpg"]
    entry = found["sources"]["one.jpg"]
    source = (folder / "one.jpg").read_bytes()
    assert entry["sha256"] == hashlib.sha256(source).hexdigest()
    assert (entry["width"], entry["height"], entry["bytes"]) == (451, 300, len(source))
    assert [variant["width"] for variant in entry["variants"]] == [100, 100, 200, 200, 300, 300]
    for variant in entry["variants"]:
        data = (folder / variant["path"]).read_bytes()
        assert variant["bytes"] == len(data)
        digest = hashlib.sha256(data).digest()
        assert variant["sha256"] == digest.hex()
        assert variant["integrity"] == "sha256-" + base64.b64encode(digest).decode()
        assert samples.decoded(data).shape[:2] == (variant["height"], variant["width"])


def test_equal_input_gives_equal_bytes(
    done: tuple[Path, list[tuple[Job, Result]]], tmp_path: Path
) -> None:
    folder, pairs = done
    text = manifest_text(build_manifest(pairs, str(folder)))
    assert manifest_text(build_manifest(reversed(pairs), str(folder))) == text
    again = [work(tmp_path, name, date="2031-01-01") for name in ("one.jpg", "b/two.jpg")]
    assert manifest_text(build_manifest(again, str(tmp_path))) == text


def test_it_fits_its_schema(done: tuple[Path, list[tuple[Job, Result]]]) -> None:
    folder, pairs = done
    told = [(msgspec.structs.replace(job, alt="A cat"), result) for job, result in pairs]
    text = manifest_text(build_manifest(told, str(folder)))
    found = json.loads(text)
    validator = jsonschema.Draft7Validator(schemas()["manifest"])
    validator.validate(found)
    del found["sources"]["one.jpg"]["placeholders"]["colour"]
    assert not validator.is_valid(found)
    path = folder / "manifest.json"
    path.write_bytes(text)
    assert manifest_text(read_manifest(path)) == text
    assert read_manifest(path).entry("b/two.jpg").alt == "A cat"


def test_facts_change_no_file(done: tuple[Path, list[tuple[Job, Result]]], tmp_path: Path) -> None:
    _, pairs = done
    work(tmp_path, "one.jpg")
    job, result = pairs[1]
    plain = execute(
        Job(input=job.input, outputs=outputs(tmp_path / "plain", "webp", "jpeg")), open_storages()
    )
    assert plain.source is None
    assert [one.sha256 for one in plain.outputs] == [one.sha256 for one in result.outputs]


def test_sources_with_one_name_go_by_their_paths(tmp_path: Path) -> None:
    one, two = work(tmp_path / "x", "a.jpg"), work(tmp_path / "y", "a.jpg")
    found = build_manifest([one, two], str(tmp_path))
    assert list(found.sources) == [f"{tmp_path}/x/a.jpg", f"{tmp_path}/y/a.jpg"]


def test_failures_are_left_out(tmp_path: Path) -> None:
    job = Job(input=str(tmp_path / "no.jpg"), outputs=outputs(tmp_path, "webp"), facts=True)
    assert build_manifest([(job, execute(job, open_storages()))]).sources == {}


def test_files_that_are_no_manifest(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    with pytest.raises(UsageError, match="cannot be read"):
        read_manifest(path)
    path.write_text('{"version": 2, "sources": {}}')
    with pytest.raises(UsageError, match="found something else"):
        read_manifest(path)


def test_a_hashed_file_that_is_there_is_told_in_full(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(samples.encoded(samples.cat(), "JPEG"))
    template = f"{tmp_path}/{{hash:8}}.webp"
    made = (Output(path=template, root=str(tmp_path), encoder={"format": "webp"}),)
    job = Job(input=str(path), outputs=made, facts=True)
    texts = [manifest_text(build_manifest([(job, execute(job, open_storages()))])) for _ in "12"]
    assert texts[0] == texts[1]


def test_it_is_written_once(done: tuple[Path, list[tuple[Job, Result]]], tmp_path: Path) -> None:
    folder, pairs = done
    path = tmp_path / "site" / "manifest.json"
    storage = open_storages()
    assert write_if_new(str(path), manifest_of(str(path), pairs, storage), storage)
    before = path.stat().st_mtime_ns
    assert not write_if_new(str(path), manifest_of(str(path), pairs, storage), storage)
    assert path.stat().st_mtime_ns == before
    variant = read_manifest(path).entry("one.jpg").variants[0]
    assert (path.parent / variant.path).resolve() == (folder / "out/one-100.webp").resolve()
    assert write_if_new(str(path), manifest_of(str(path), pairs[1:], storage), storage)
    assert list(read_manifest(path).sources) == ["one.jpg"]


@pytest.mark.parametrize(
    ("file", "expected"),
    [("s3://assets/site/img/a.webp", "img/a.webp"), ("s3://other/a.webp", "s3://other/a.webp")],
)
def test_a_manifest_beside_objects_has_relative_paths(
    done: tuple[Path, list[tuple[Job, Result]]], file: str, expected: str
) -> None:
    job, result = done[1][0]
    written = msgspec.structs.replace(result.outputs[0], path=file)
    moved = job, msgspec.structs.replace(result, outputs=(written,))
    [entry] = build_manifest([moved], "s3://assets/site").sources.values()
    assert entry.variants[0].path == expected
