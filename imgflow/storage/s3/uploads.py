"""Paths of uploads: a template filled in from what an upload knows, which is no recipe."""

from __future__ import annotations

import difflib
import hashlib
import os
import posixpath
import re
import tempfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from imgflow.errors import UsageError
from imgflow.sniff import SNIFF_BYTES, sniff
from imgflow.template import FIELDS, Template, parse_template, stays_inside

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Fields that only a run of a recipe knows.
_OF_RUNS = frozenset({"index", "recipe"})
_OF_PICTURES = frozenset({"height", "width"})
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def parse_path_template(text: str) -> Template:
    """Read a template for keys; raises UsageError with the code ``bad-template``."""
    template = parse_template(text)
    known = FIELDS.keys() - _OF_RUNS
    for field in sorted(template.fields - known):
        close = difflib.get_close_matches(field, known, 1)
        advice = f"did you mean '{close[0]}'?" if close else f"one of {', '.join(sorted(known))}"
        raise _bad_template(text, f"fields that an upload knows, found '{field}'; {advice}")
    if not text.strip() or text.startswith("/") or text.endswith("/"):
        raise _bad_template(text, "a key such as 'processed/{date}/{hash}.{ext}', found another")
    return template


def fill(template: Template, fields: Mapping[str, str]) -> str:
    """Return the key of an upload; raises UsageError if it would leave the template's folder."""
    for name in sorted(template.fields - fields.keys()):
        message = f"'{template.text}': expected a value for {{{name}}}, found none; pass it"
        raise UsageError(message, code="bad-template")
    key = template.render(fields)
    climbs = any(part in {".", ".."} for part in key.split("/"))
    if climbs or _CONTROL.search(key) or not stays_inside(key, template.root):
        message = f"{key!r}: expected a key inside '{template.root or '.'}', found one that is not"
        raise UsageError(message, code="path-escapes")
    return key


def upload_fields(data: bytes, original_name: str, kind: str, extension: str) -> dict[str, str]:
    """Return the fields that an upload knows; ``{hash}`` is the SHA-256 of its bytes."""
    fields = {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "ext": extension,
        "format": kind,
        "hash": hashlib.sha256(data).hexdigest(),
    }
    if original_name:
        folder, filename = posixpath.split(original_name.replace("\\", "/"))
        stem = posixpath.splitext(filename)[0]
        fields |= {"dir": folder, "filename": filename, "original_name": stem, "stem": stem}
    return fields


def picture_fields(image: Any) -> dict[str, str]:  # noqa: ANN401
    """Return the fields that an image knows of itself: its width and height in pixels."""
    sizes = {name: getattr(image, name, None) for name in _OF_PICTURES}
    return {name: str(size) for name, size in sizes.items() if isinstance(size, int)}


def encoded(image: Any, format: str | None) -> tuple[bytes, str]:  # noqa: A002, ANN401
    """Return the file that an image is, and its format.

    A processed image that has another format is encoded in the one asked for; bytes have to be
    of that format already. Raises UsageError for anything else.
    """
    asked = _known_format(format)
    own = getattr(image, "format", None)
    if asked and isinstance(own, str) and own.lower() != asked and hasattr(image, "save"):
        image = _saved(image, asked)
    data = getattr(image, "data", image)
    if not isinstance(data, (bytes, bytearray, memoryview)):
        message = f"expected a processed image, or bytes of an image, found {type(image).__name__}"
        raise UsageError(message, code="bad-input")
    content = bytes(data)
    found = sniff(content[:SNIFF_BYTES])
    if found is None or asked not in {"", found}:
        message = (
            f"expected bytes of {f'a {asked}' if asked else 'an'} image, "
            f"found {found or 'no image'}; process it first"
        )
        raise UsageError(message, code="format-mismatch")
    return content, found


def extension_of(kind: str) -> str:
    """Return the usual extension of a format."""
    from imgflow.encoders import ENCODERS, encoder_for

    return encoder_for(kind).extension if kind in ENCODERS else kind


def _known_format(name: str | None) -> str:
    from imgflow.encoders import ALIASES, ENCODERS

    if not name:
        return ""
    kind = name.lower().removeprefix(".")
    if kind not in ENCODERS and kind not in ALIASES:
        message = f"unknown format {name!r}; one of {', '.join([*ENCODERS, *ALIASES])}"
        raise UsageError(message, code="unknown-format")
    return ALIASES.get(kind, kind)


def _saved(image: Any, kind: str) -> bytes:  # noqa: ANN401
    """Return an image in another format, by way of a file as its name decides the format."""
    with tempfile.TemporaryDirectory(prefix="imgflow-") as folder:
        path = os.path.join(folder, f"upload.{extension_of(kind)}")
        image.save(path)
        with open(path, "rb") as file:
            return file.read()


def _bad_template(text: str, expected: str) -> UsageError:
    return UsageError(f"'{text}': expected {expected}", code="bad-template")
