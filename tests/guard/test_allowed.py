"""The allow-list: nothing by itself, whole names only, and no way out."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgflow.errors import StorageError, UsageError
from imgflow.guard import Allowed


def refusal(allowed: Allowed, uri: str) -> str:
    with pytest.raises(StorageError) as caught:
        allowed.check(uri)
    assert not caught.value.retryable
    return caught.value.code


@pytest.fixture(scope="module")
def land(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with links that stay inside and links that lead out, beside a secret."""
    land = tmp_path_factory.mktemp("land").resolve()
    (land / "root" / "sub").mkdir(parents=True)
    (land / "root2").mkdir()
    for secret in ("secret", "root2/secret", "root/%2e%2e", "root/file"):
        (land / secret).write_text(secret)
    for name, target in (
        ("out", land),
        ("up", ".."),
        ("sub/upup", "../.."),
        ("stolen", land / "secret"),
        ("dangling", land / "root2" / "new"),
        ("loop", "loop"),
        ("inside", "sub"),
    ):
        (land / "root" / name).symlink_to(target)
    return land


@pytest.mark.parametrize(
    "uri", ["/etc/passwd", "file:///etc/passwd", "s3://bkt/k", "https://a.io/x"]
)
def test_nothing_is_allowed_by_default(uri: str) -> None:
    assert refusal(Allowed(), uri) == "not-allowed"


def test_what_is_allowed_is_said() -> None:
    with pytest.raises(StorageError) as caught:
        Allowed(["s3://bucket/", "/srv"], setting="WHERE").check("s3://other/x")
    assert caught.value.message == (
        "s3://other/x: expected a place that WHERE allows (s3://bucket/, /srv), found another"
    )


@pytest.mark.parametrize(
    ("prefix", "uri", "normal"),
    [
        ("file:///", "/etc/hosts", "/etc/hosts"),
        ("file:///srv/photos", "file:///srv/photos/a.jpg", "/srv/photos/a.jpg"),
        ("file:///srv/photos/", "/srv//photos/./a.jpg", "/srv/photos/a.jpg"),
        ("/srv/photos", "FILE://localhost/srv/photos/a%20b.jpg", "/srv/photos/a b.jpg"),
        ("/srv/photos", "/srv/photos/a%20b.jpg", "/srv/photos/a%20b.jpg"),
        ("/srv/photos", "/srv/photos/{stem}-{width}.webp", "/srv/photos/{stem}-{width}.webp"),
        ("/srv/photos", "/srv/photos/..a/b..", "/srv/photos/..a/b.."),
        ("s3://bucket", "s3://bucket/a.jpg", "s3://bucket/a.jpg"),
        ("s3://bucket/", "S3://bucket/a b?c#d.jpg", "s3://bucket/a b?c#d.jpg"),
        ("s3://bucket/raw", "s3://bucket/raw/a.jpg", "s3://bucket/raw/a.jpg"),
        ("s3://", "s3://any-bucket/a.jpg", "s3://any-bucket/a.jpg"),
        ("s3+media://", "s3+media://any-bucket/a.jpg", "s3+media://any-bucket/a.jpg"),
        (
            "S3+media://bucket/raw/",
            "S3+media://bucket/raw/a b.jpg",
            "s3+media://bucket/raw/a b.jpg",
        ),
        ("https://a.io/", "HTTPS://A.io:443/x#y", "https://a.io/x"),
        ("https://a.io", "https://a.io?q=1", "https://a.io/?q=1"),
        ("https://a.io/p", "https://a.io/p/x%2Fy?u=../z", "https://a.io/p/x%2Fy?u=../z"),
        ("https://a.io:8443/", "https://a.io:8443/x", "https://a.io:8443/x"),
        ("https://", "https://any.example/ä.jpg", "https://any.example/%C3%A4.jpg"),
        ("http://127.0.0.1:9000/", "http://127.0.0.1:9000/x", "http://127.0.0.1:9000/x"),
        ("http://[::1]:9000/", "http://[0:0::1]:9000/x", "http://[::1]:9000/x"),
        ("private+http://a.corp.io/", "http://a.corp.io/x", "http://a.corp.io/x"),
    ],
)
def test_admitted(prefix: str, uri: str, normal: str) -> None:
    allowed = Allowed(["s3://something-else/", prefix])
    assert allowed.check(uri) == normal
    assert allowed.check(normal) == normal


@pytest.mark.parametrize(
    ("prefix", "uri"),
    [
        ("file:///srv/photos", "/srv/photos2/a.jpg"),
        ("file:///srv/photos", "/srv/photo"),
        ("file:///srv/photos", "/SRV/photos/a.jpg"),
        ("s3://bucket", "s3://bucket2/a.jpg"),
        ("s3://bucket", "s3://bucket.evil/a.jpg"),
        ("s3://bucket/raw", "s3://bucket/raw2/a.jpg"),
        ("s3://bucket/raw/", "s3://bucket/raw"),
        ("s3://", "s3+media://bucket/a.jpg"),
        ("s3+media://", "s3://bucket/a.jpg"),
        ("s3+media://bucket", "s3+media2://bucket/a.jpg"),
        ("s3+media://bucket", "s3://bucket/a.jpg"),
        ("https://a.io", "https://a.io.evil.example/x"),
        ("https://a.io", "http://a.io/x"),
        ("https://a.io", "https://a.io:8443/x"),
        ("https://a.io", "https://b.a.io/x"),
        ("https://a.io/p", "https://a.io/p2"),
        ("https://a.io/p/", "https://a.io/p%2Fx"),
        ("https://a.io:8443/", "https://a.io/x"),
        ("https://", "http://a.io/x"),
        ("https://", "https://a.io:8443/x"),
        ("http://127.0.0.1:9000/", "http://127.0.0.1:9001/x"),
        ("http://127.0.0.1:9000/", "http://127.0.0.2:9000/x"),
        ("http://127.0.0.1:9000/", "http://localhost:9000/x"),
    ],
)
def test_borders(prefix: str, uri: str) -> None:
    assert refusal(Allowed([prefix]), uri) == "not-allowed"


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "photo.jpg",
        "~/photo.jpg",
        "file:photo.jpg",
        "file://host/srv/photo.jpg",
        "file:///srv/%2e%2e/etc/passwd",
        "file:///srv/%2E./etc/passwd",
        "file:///srv/..%2fetc",
        "file:///srv/a%00.jpg",
        "file:///srv/%ff.jpg",
        "/srv/../etc/passwd",
        "/srv/a\0.jpg",
        "/srv/a\n.jpg",
        "/srv/\ud800.jpg",
        "s3:/bucket/key",
        "s3://",
        "s3:///key",
        "s3://Bucket/key",
        "s3://user@bucket/key",
        "s3://bucket:9000/key",
        "s3://bucket?x/key",
        "s3://bucket/a/../key",
        "s3://bucket/./key",
        "s3://bucket/%2e%2e/key",
        "s3://bucket/%252e%252e/key",
        "s3://bucket/a\\..\\key",
        "s3://bucket/a\0",
        "s3://bucket/\ud800",
        "s3://bucket/" + "k" * 1025,
        "gs://bucket/key",
        "ftp://a.io/x",
        "gopher://a.io/x",
        "javascript:alert(1)",
        "//a.io/../x",
    ],
)
def test_what_could_mean_two_things(uri: str) -> None:
    everything = Allowed(["/", "s3://", "https://", "http://"])
    assert refusal(everything, uri) == "bad-uri"


@pytest.mark.parametrize(
    "prefix",
    ["", "photos", "ftp://a.io/", "s3://B", "/srv/..", "https://a.io/?q", "https://u:p@a.io/", "*"],
)
def test_wrong_prefixes_are_told_of(prefix: str) -> None:
    with pytest.raises(UsageError, match=r"^IMGFLOW_ALLOW: .*expected") as caught:
        Allowed([prefix])
    assert caught.value.code == "bad-setting"
    assert "u:p" not in caught.value.message


def test_links(land: Path) -> None:
    root = f"{land}/root"
    allowed = Allowed([root])
    for inside in ("file", "inside/new.jpg", "new/deep/x.jpg", "%2e%2e", "out/root/file"):
        assert allowed.check(f"{root}/{inside}") == f"{root}/{inside}"
    for outside in ("out/secret", "up/secret", "sub/upup/secret", "stolen", "dangling"):
        assert refusal(allowed, f"{root}/{outside}") == "not-allowed"


def test_a_root_may_be_a_link_itself(land: Path) -> None:
    link = land / "link"
    link.symlink_to(land / "root")
    allowed = Allowed([f"{link}"])
    assert allowed.check(f"{link}/file") == f"{link}/file"
    assert refusal(allowed, f"{link}/stolen") == "not-allowed"


def test_innermost_root(land: Path) -> None:
    allowed = Allowed([f"{land}/root", f"{land}/root/sub", f"{land}/root2"])
    assert allowed.root(f"{land}/root/sub/x.jpg") == f"{land}/root/sub"
    assert allowed.root(f"{land}/root/x.jpg") == f"{land}/root"


PIECES = [
    *("/", "//", "/.", "/..", "..", ".", "%2e%2e", "%2e", "%2f", "%5c", "\\", "%00", "\0", "%252e"),
    *("/out", "/up", "/sub", "/upup", "/stolen", "/secret", "2", "/root", ";", "?", "#", "\u2025"),
    *("/loop", "\uff0e\uff0e", "\u2215"),
]


def escapes(allowed: Allowed, root: str, uri: str) -> bool:
    """Tell whether a URI is admitted though the file it means is outside, or holds the secret."""
    try:
        path = allowed.check(uri)
    except StorageError:
        return False
    real = os.path.realpath(path)
    return real != root and not real.startswith(f"{root}/")


def test_no_way_out_of_a_folder_by_any_short_chain_of_tricks(land: Path) -> None:
    root = f"{land}/root"
    allowed = Allowed([f"file://{root}"])
    chains = itertools.product(["", "file://"], *[["", *PIECES]] * 3)
    found = [
        uri
        for scheme, *rest in chains
        if escapes(allowed, root, uri := scheme + root + "".join(rest))
    ]
    assert found == []


@settings(max_examples=1000, deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=12).map("".join))
def test_no_way_out_of_a_folder(land: Path, rest: str) -> None:
    root = f"{land}/root"
    allowed = Allowed([f"file://{root}"])
    for start in (root, f"file://{root}", f"file://{root}/sub", ""):
        assert not escapes(allowed, root, start + rest)


@settings(max_examples=1000, deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=8).map("".join))
def test_no_way_out_of_a_bucket_or_a_host(rest: str) -> None:
    for start in ("s3://bucket/raw", "https://a.io/raw", "https://a.io", "https://"):
        allowed = Allowed(["s3://bucket/raw", "https://a.io/raw"])
        try:
            found = allowed.check(start + rest)
        except StorageError:
            continue
        assert found.startswith(("s3://bucket/raw", "https://a.io/raw"))
        after = found.removeprefix("s3://bucket/raw").removeprefix("https://a.io/raw")
        assert after[:1] in {"", "/", "?"}
        assert "/../" not in f"{after}/".partition("?")[0]
