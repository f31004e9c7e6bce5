"""``imgflow presign``: URLs that plain HTTP clients use."""

from __future__ import annotations

import shlex
import urllib.error
import urllib.request
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from command import Done
from s3_ground import Ground
from s3_server import SECRET

pytestmark = pytest.mark.usefixtures("folder")

Here = Callable[..., Done]


def test_a_url_to_read(here: Here, ground: Ground) -> None:
    uri = ground.put("a b#c?.txt", b"content")
    done = here("presign", uri, "--expires", "15m")
    assert (done.code, done.err) == (0, "")
    url = done.out.strip()
    with urllib.request.urlopen(url) as answer:  # noqa: S310
        assert answer.read() == b"content"
    assert parse_qs(urlsplit(url).query)["X-Amz-Expires"] == ["900"]
    assert SECRET not in url


def test_a_url_to_write(here: Here, ground: Ground) -> None:
    options = ("--put", "--content-type", "image/png", "--content-length", 4)
    done = here("presign", ground.uri("up.png"), *options)
    assert done.code == 0
    assert "Content-Type: image/png" in done.err
    assert "Content-Length: 4" in done.err
    answer = httpx.put(done.out.strip(), content=b"data", headers={"Content-Type": "image/png"})
    assert answer.is_success
    assert ground.head("up.png")["ContentType"] == "image/png"
    (told,) = here("presign", ground.uri("up.png"), *options, "--json").lines
    assert told["method"] == "PUT"
    assert told["headers"] == {"Content-Type": "image/png", "Content-Length": "4"}


def test_a_form(here: Here, ground: Ground) -> None:
    options = ("--post", "--max-bytes", 1000, "--content-type", "image/png")
    (told,) = here("presign", ground.uri("form.png"), *options, "--json").lines
    answer = httpx.post(told["url"], data=told["fields"], files={"file": b"data"})
    assert answer.is_success
    assert ground.body("form.png") == b"data"
    words = shlex.split(here("presign", ground.uri("form.png"), *options).out)
    assert words[0] == "curl"
    assert words[-1] == told["url"]
    assert words[-2] == "file=@FILE"
    assert "key=form.png" in words


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("s3://bucket/k", "--expires", "0"), "from 1 to 604800 whole seconds"),
        (("s3://bucket/k", "--expires", "8d"), "from 1 to 604800 whole seconds"),
        (("s3://bucket/k", "--expires", "1.5s"), "from 1 to 604800 whole seconds"),
        (("s3://bucket/k", "--expires", "soon"), "--expires: expected a duration"),
        (("s3://bucket/k", "--put", "--post"), "expected one way to upload"),
        (("s3://bucket/k", "--max-bytes", "1"), "--max-bytes: expected --post"),
        (("s3://bucket/k", "--content-length", "1"), "--content-length: expected --put"),
        (("s3://bucket/k", "--content-type", "image/png"), "--content-type: expected --put"),
    ],
)
def test_what_makes_no_sense(here: Here, arguments: tuple[str, ...], expected: str) -> None:
    done = here("presign", *arguments)
    assert done.code == 2
    assert expected in done.err


@pytest.mark.parametrize("options", [(), ("--put",), ("--post",)])
def test_what_has_no_such_urls(here: Here, options: tuple[str, ...]) -> None:
    for uri in ("photos/cup.jpg", "https://example.com/x.jpg"):
        done = here("presign", uri, *options)
        assert done.code == 3
        assert uri in done.err


def test_no_credentials(here: Here, ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    done = here("presign", ground.uri("a.jpg"))
    assert done.code == 3
    assert "expected credentials, found none" in done.err
