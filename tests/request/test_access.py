"""Whatever a request names, no job may ever touch a file outside the allowed folders."""

import json
import os
import posixpath
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from imgflow.errors import RecipeError, StorageError
from imgflow.guard import Allowed
from imgflow.guard.paths import parse_path
from imgflow.naming import source_fields
from imgflow.recipe import RecipeInvalid
from imgflow.request import Permissions, read_jobs
from imgflow.request.access import Access
from imgflow.template import parse_template
from imgflow.uris import encoded_for

PIECES = [
    *("..", ".", "", "a", "in", "out", "link", "%2e%2e", "%2E.", "%2f", "..%2f", "%00", "%5c"),
    *("\\", "..\\", "\0", "%252e%252e", "~", "{stem}", "{dir}", "{{..}}", "%7bdir%7d", "ünïcode"),
    *("{filename}", "{hash:8}", "a.jpg", "..jpg", "...", "x\n", " ", "in2", "escape.jpg"),
]


@pytest.fixture(scope="module")
def root() -> Iterator[str]:
    """A folder with allowed ones, and links that lead out of them."""
    with tempfile.TemporaryDirectory() as name:
        folder = os.path.realpath(name)
        for part in ("in/a", "out/a", "in2", "secret"):
            os.makedirs(f"{folder}/{part}")
        os.symlink(f"{folder}/secret", f"{folder}/in/link")
        os.symlink(f"{folder}/secret", f"{folder}/out/link")
        os.symlink("/etc/hostname", f"{folder}/in/escape.jpg")
        yield folder


def ways(prefixes: list[str]) -> st.SearchStrategy[str]:
    parts = st.lists(st.sampled_from(PIECES), max_size=6).map("/".join)
    return st.builds(lambda *texts: "".join(texts), st.sampled_from(prefixes), parts)


def inside(path: str, *folders: str) -> bool:
    real = os.path.realpath(path)
    return any(real == folder or real.startswith(f"{folder}/") for folder in folders)


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_no_path_leaves_the_allowed_folders(root: str, data: st.DataObject) -> None:
    heads = [f"{root}/in/", f"{root}/out/", f"file://{root}/in/", f"file://localhost{root}/out/"]
    heads += [f"{root}/", "/", "file:///", "file:", "", f"FILE://{root}/in/", f"{root}/in2/"]
    request: dict[str, Any] = {
        "input": data.draw(ways(heads)),
        "operations": [{"op": "overlay", "image": data.draw(ways(heads))}],
        "output": data.draw(ways(heads)),
    }
    permissions = Permissions(Allowed([f"{root}/in", f"file://{root}/out"]), str)
    try:
        (submission,) = read_jobs(
            json.dumps(request).encode(), permissions, lambda _: str(uuid.uuid4())
        ).submissions
    except RecipeInvalid:
        return
    job = submission.job
    folders = (f"{root}/in", f"{root}/out")
    assert job.input.startswith("file://") == (request["input"][:5].lower() == "file:")
    assert inside(parse_path(job.input), *folders)
    assert inside(job.steps[0]["image"], *folders)
    (output,) = job.outputs
    fields = {**source_fields(job), "ext": "jpg", "format": "jpeg", "hash": "0" * 64}
    fields = {name: encoded_for(output.path, text) for name, text in fields.items()}
    path = parse_template(output.path).render({**fields, "width": "1", "height": "1"})
    assert path.startswith("file://") == (request["output"][:5].lower() == "file:")
    path = parse_path(path)
    assert path in folders or inside(posixpath.dirname(path), *folders)
    assert msgspec.convert(msgspec.to_builtins(job), type(job)) == job


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=20))
def test_a_file_uri_means_the_file_of_that_name(name: str) -> None:
    access = Access(Permissions(Allowed(["/srv"]), str))
    try:
        expected = access.check(f"/srv/x/{name}")
    except StorageError:
        with pytest.raises(StorageError):
            access.check(f"file:///srv/x/{quote(name)}")
        return
    assert access.check(f"file:///srv/x/{quote(name)}") == expected
    text, folder = access.check_template(f"file:///srv/x/{quote(name)}-{{stem}}")
    assert parse_template(text).render({"stem": "s"}) == f"{expected}-s"
    assert folder == "/srv/x"


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=20))
def test_a_file_uri_stays_one_and_means_the_same(name: str) -> None:
    assume(name != ".")  # which the normal form leaves out
    permissions = Permissions(Allowed(["/srv"]), str)
    braces = quote(name).replace("%7B", "{{").replace("%7D", "}}")

    def paths(head: str, own: str) -> tuple[str, str]:
        request = {"input": f"{head}{own}/a.jpg", "output": f"{head}{braces}/{{stem}}-{{hash}}"}
        (only,) = read_jobs(json.dumps(request).encode(), permissions, str).submissions
        (output,) = only.job.outputs
        assert output.path.startswith(f"{output.root}/")
        return only.job.input, output.path

    try:
        given_input, given_output = paths("file:///srv/x/", quote(name))
    except RecipeInvalid:
        return
    assert given_input == f"file:///srv/x/{quote(name)}/a.jpg"
    rendered = parse_template(given_output).render({"stem": "s", "hash": "0" * 64})
    assert parse_path(rendered) == f"/srv/x/{name}/s-{'0' * 16}"


@settings(max_examples=300, deadline=None)
@given(st.lists(ways(["s3://bucket/", "s3://bucket/in/", "s3://other/", "s3:", "S3://bucket/"])))
def test_objects_stay_under_their_prefix_whatever_came_before(uris: list[str]) -> None:
    """Folders that were found allowed are remembered, and must not let others in."""
    access = Access(Permissions(Allowed(["s3://bucket/in"]), str))
    for uri in uris:
        try:
            alone = Allowed(["s3://bucket/in"]).check(uri)
        except StorageError:
            with pytest.raises(StorageError):
                access.check(uri)
        else:
            assert access.check(uri) == alone


def test_a_link_is_looked_at_each_time(tmp_path: Path) -> None:
    folder = tmp_path.resolve() / "in"
    folder.mkdir()
    (folder / "a.jpg").touch()
    access = Access(Permissions(Allowed([str(folder)]), str))
    assert access.check(f"{folder}/a.jpg") == f"{folder}/a.jpg"
    (folder / "b.jpg").symlink_to("/etc/hostname")
    with pytest.raises(StorageError):
        access.check(f"{folder}/b.jpg")


@pytest.mark.parametrize("template", ["/srv/{dir}/x.jpg", "/srv/x-{stem}/y.jpg", "/srv/a/{ext}"])
def test_a_prefix_ends_where_a_name_does(template: str) -> None:
    access = Access(Permissions(Allowed(["/srv/x", "/srv/a/jpg"]), str))
    with pytest.raises((StorageError, RecipeError)):
        access.check_template(template)
