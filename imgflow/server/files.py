"""Files over HTTP: the status page's own, and images that jobs made."""

from __future__ import annotations

import os
import stat
from http import HTTPStatus
from typing import TYPE_CHECKING

from imgflow.encoders import ENCODERS
from imgflow.errors import StorageError
from imgflow.server.depot import LARGEST as LARGEST_OBJECT
from imgflow.server.jobs import find_job
from imgflow.server.problems import Refused
from imgflow.server.replies import Reply

if TYPE_CHECKING:
    from imgflow.job import Written
    from imgflow.server.desk import Call

_PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "page")
_TYPES = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "ico": "image/vnd.microsoft.icon",
    "js": "text/javascript; charset=utf-8",
    "png": "image/png",
    "svg": "image/svg+xml",
    "woff2": "font/woff2",
}
_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_IMAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"
#: Largest file that is sent: whoever wants larger ones fetches them from where they are.
_LARGEST = 64 << 20
_READ = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC


def show_page(call: Call) -> Reply:
    """Return a file of the status page."""
    name = call.params.get("file", "index.html")
    kind = _TYPES.get(name.rpartition(".")[2])
    if kind is None or "/" in name or name not in os.listdir(_PAGE):
        message = f"expected a file of the status page, found none called '{name[:80]}'"
        raise Refused(HTTPStatus.NOT_FOUND, "not-found", message)
    with open(os.path.join(_PAGE, name), "rb") as file:
        data = file.read()
    headers = {"Content-Security-Policy": _PAGE_POLICY, "Cache-Control": "no-cache"}
    return Reply(HTTPStatus.OK, data, headers, kind)


def read_output(call: Call) -> Reply:
    """Return an image that a job made, if it is in an allowed place and not too large.

    An object in a bucket passes through here: the status page takes pictures from its own
    server only, and no URL that holds for everybody gets into it.
    """
    outputs = {str(index): written for index, written in enumerate(find_job(call).outputs)}
    index = call.params["index"]
    if index not in outputs:
        message = f"expected one of the {len(outputs)} outputs of the job, found '{index[:20]}'"
        raise Refused(HTTPStatus.NOT_FOUND, "output-unknown", message)
    written = outputs[index]
    path = call.desk.permissions.allowed.check(written.path)
    data = _read(path) if path.startswith("/") else _fetch(call, path, written)
    headers = {"Content-Security-Policy": _IMAGE_POLICY, "Cache-Control": "private, max-age=60"}
    return Reply(HTTPStatus.OK, data, headers, _media_type(written))


def _fetch(call: Call, uri: str, written: Written) -> bytes:
    if written.bytes > LARGEST_OBJECT:
        message = f"{uri}: expected at most {LARGEST_OBJECT >> 20} MiB; fetch it with ?urls=1"
        raise Refused(HTTPStatus.NOT_FOUND, "output-elsewhere", message)
    bucket, place = call.desk.depot.bucket(uri)
    return bucket.read(place).read()


def _read(path: str) -> bytes:
    """Return the bytes of a plain file that is not a link."""
    try:
        descriptor = os.open(path, _READ | os.O_NOFOLLOW)
        with open(descriptor, "rb") as file:
            info = os.fstat(descriptor)
            if stat.S_ISREG(info.st_mode) and info.st_size <= _LARGEST:
                return file.read(_LARGEST)
    except OSError:
        pass
    message = f"{path}: expected a file of at most {_LARGEST >> 20} MiB, found none"
    raise StorageError(message, code="source-missing", retryable=False)


def _media_type(written: Written) -> str:
    encoder = ENCODERS.get(written.format)
    return encoder.capabilities.media_type if encoder else "application/octet-stream"
