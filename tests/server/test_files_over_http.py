from pathlib import Path

import pytest
from endpoint import Endpoint
from PIL import Image

from imgflow.job import Written


def make(endpoint: Endpoint, path: str, kind: str = "png") -> str:
    """Have a job done that says it wrote a file."""
    request = {"input": "s3://bucket/a.jpg", "output": "s3://bucket/b.jpg", "dedupe": False}
    endpoint.submit(request)
    return endpoint.run(Written(path=path, format=kind, width=8, height=8, bytes=1))


def test_an_output_is_shown(endpoint: Endpoint, allowed_folder: Path) -> None:
    path = allowed_folder / "shown.png"
    Image.new("RGB", (8, 8), "red").save(path)
    reply = endpoint.client.get(f"/jobs/{make(endpoint, str(path))}/outputs/0")
    assert (reply.status_code, reply.content) == (200, path.read_bytes())
    assert reply.headers["Content-Type"] == "image/png"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in reply.headers["Content-Security-Policy"]


@pytest.mark.parametrize("index", ["1", "-1", "x", "00", "9999999999", "%C2%B2"])
def test_outputs_that_are_not_there(endpoint: Endpoint, allowed_folder: Path, index: str) -> None:
    job_id = make(endpoint, f"{allowed_folder}/x.png")
    reply = endpoint.client.get(f"/jobs/{job_id}/outputs/{index}")
    assert (reply.status_code, reply.json()["code"]) == (404, "output-unknown")


def test_what_may_not_be_shown(endpoint: Endpoint, allowed_folder: Path) -> None:
    outside = allowed_folder.parent / "outside.png"
    outside.write_bytes(b"secret")
    (allowed_folder / "link.png").unlink(missing_ok=True)
    (allowed_folder / "link.png").symlink_to(outside)
    for path in (str(outside), f"{allowed_folder}/../outside.png", f"{allowed_folder}/link.png"):
        reply = endpoint.client.get(f"/jobs/{make(endpoint, path)}/outputs/0")
        assert reply.status_code in {403, 422}, path
        assert b"secret" not in reply.content


@pytest.mark.parametrize("name", ["gone.png", "folder", "pipe"])
def test_what_is_no_file(endpoint: Endpoint, allowed_folder: Path, name: str) -> None:
    import os

    (allowed_folder / "folder").mkdir(exist_ok=True)
    if not (allowed_folder / "pipe").exists():
        os.mkfifo(allowed_folder / "pipe")
    reply = endpoint.client.get(f"/jobs/{make(endpoint, f'{allowed_folder}/{name}')}/outputs/0")
    assert (reply.status_code, reply.json()["code"]) == (404, "source-missing")


def test_an_output_too_large_to_pass_through(endpoint: Endpoint) -> None:
    endpoint.submit({"input": "s3://bucket/a.jpg", "output": "s3://bucket/b.jpg", "dedupe": False})
    written = Written(path="s3://bucket/b.jpg", format="jpeg", width=8, height=8, bytes=9 << 20)
    reply = endpoint.client.get(f"/jobs/{endpoint.run(written)}/outputs/0")
    assert (reply.status_code, reply.json()["code"]) == (404, "output-elsewhere")


def test_the_page(endpoint: Endpoint) -> None:
    reply = endpoint.client.get("/")
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "script-src 'self'" in reply.headers["Content-Security-Policy"]
    assert reply.content == endpoint.client.get("/page/index.html").content
    assert endpoint.client.get("/page/style.css").headers["Content-Type"].startswith("text/css")


@pytest.mark.parametrize("name", ["nope.js", "../app.py", "..%2fapp.py", "%2e%2e/app.py", ".", ""])
def test_no_other_files(endpoint: Endpoint, name: str) -> None:
    assert endpoint.client.get(f"/page/{name}").status_code == 404
