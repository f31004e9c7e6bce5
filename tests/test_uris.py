"""What URIs mean as text, and that no rendered one leaves its root."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgflow.job import Job, Output
from imgflow.naming import source_fields
from imgflow.template import parse_template, stays_inside
from imgflow.uris import base_name, is_inside, is_remote, output_fault, sealed

NAMES = st.text(st.sampled_from("ab./\\?#% é:{}"), max_size=12)


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        ("s3://b/x/cat.jpg", "cat.jpg"),
        ("s3://b/x/cat?a#b%20.jpg", "cat?a#b%20.jpg"),
        ("s3+media://b/cat.jpg?versionId=3/L4.k~", "cat.jpg"),
        ("https://h.example/x/a%20b.jpg?w=1/2", "a b.jpg"),
        ("https://h.example/x/a%2fb.jpg", "a_b.jpg"),
        ("https://h.example/", "h.example"),
        ("file:///x/a%20b.jpg", "a b.jpg"),
        ("x/a%20b.jpg", "a%20b.jpg"),
    ],
)
def test_names(uri: str, name: str) -> None:
    assert base_name(uri) == name
    assert source_fields(Job(input=uri, outputs=()))["filename"] == name


@pytest.mark.parametrize(
    ("uri", "far"), [("s3://b/a", True), ("HTTPS://h/", True), ("FILE:///a", False), ("a:b", False)]
)
def test_far(uri: str, *, far: bool) -> None:
    assert is_remote(uri) is far


@pytest.mark.parametrize(
    "template",
    ["https://h.example/{stem}.jpg", "s3://{dir}/a", "s3://b{dir}/a", "ftp://h/a", "s3:///a"],
)
def test_what_cannot_be_written_to(template: str) -> None:
    assert output_fault(template) is not None
    assert output_fault("s3://bucket/{dir}/{stem}.jpg") is None


def test_a_key_never_becomes_a_version() -> None:
    assert sealed("s3://b/a?versionId=1") == "s3://b/a?versionId=1?versionId="
    assert sealed("s3://b/a.jpg") == "s3://b/a.jpg"


@given(NAMES, NAMES, st.sampled_from(["s3://bucket", "s3://bucket/pre fix", "s3+m://b.c/p"]))
def test_rendered_keys_stay_in_bucket_and_prefix(folder: str, stem: str, root: str) -> None:
    template = parse_template(f"{root}/{{dir}}/{{stem}}.webp")
    assert template.root == root
    path = template.render({"dir": folder, "stem": stem})
    if stays_inside(path, root):
        assert path.startswith(f"{root}/")
        assert not {".", ".."} & set(path.split("/"))
    assert not stays_inside(path, root + "x")
    assert not is_inside(f"{root}/../{path}", root)


def test_a_root_has_a_bucket() -> None:
    assert not stays_inside("s3://b/a.jpg", "s3://")
    assert not stays_inside("s3://b/a.jpg", "")
    assert Output(path="s3://b/a").root == ""
