"""The text of a recipe file: small enough, UTF-8, and text at all."""

from __future__ import annotations

import os
import re

from imgflow.errors import RecipeError
from imgflow.recipe.problems import Problem, RecipeInvalid

#: Longest recipe, in bytes.
LONGEST = 1 << 20

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
#: What YAML does not allow in a file, but for tab and line ends.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
#: A file with more of these among its first bytes is no text with a slip in it.
_MANY = 2


def read_text(path: str) -> str:
    """Return the text of a recipe file; raises RecipeError or RecipeInvalid."""
    try:
        if os.path.isdir(path):
            message = f"{path}: expected a recipe file, found a folder"
            raise RecipeError(message, code="recipe-unreadable")
        with open(path, "rb") as file:
            data = file.read(LONGEST + 1)
    except OSError as error:
        message = f"{path}: expected a readable recipe file, found: {error.strerror}"
        raise RecipeError(message, code="recipe-unreadable") from error
    return decode_text(data, path)


def decode_text(data: bytes, file: str) -> str:
    """Return the text without byte order mark; raises RecipeInvalid with the place of a fault."""
    if len(data) > LONGEST:
        message = f"expected a recipe of at most {LONGEST >> 20} MiB, found a larger file"
        raise _fault("too-large", message, file, "", 0)
    if data.startswith(_UTF16):
        message = "expected UTF-8, found UTF-16; save the file as UTF-8"
        raise _fault("not-utf-8", message, file, "", 0)
    if len(_CONTROL.findall(data[:4096].decode("latin-1"), 0)) > _MANY and b"\0" in data[:4096]:
        message = "expected a recipe in YAML, found a binary file"
        raise _fault("binary-file", message, file, "", 0)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        message = (
            f"expected UTF-8, found the byte 0x{data[error.start]:02x}; save the file as UTF-8"
        )
        raise _fault("not-utf-8", message, file, before, len(before)) from error
    return text.removeprefix("\ufeff")


def check_text(text: str, file: str) -> None:
    """Refuse text that is too long or holds characters that YAML does not allow."""
    if len(text) > LONGEST:
        message = f"expected a recipe of at most {LONGEST >> 20} MiB, found a longer one"
        raise _fault("too-large", message, file, "", 0)
    if control := _CONTROL.search(text):
        found = f"U+{ord(control.group()):04X}"
        message = f"expected text, found the control character {found}; remove it"
        raise _fault("control-character", message, file, text, control.start())


def _fault(code: str, message: str, file: str, text: str, at: int) -> RecipeInvalid:
    line = text.count("\n", 0, at) + 1
    column = at - (text.rfind("\n", 0, at) + 1) + 1
    problem = Problem(code=code, message=message, file=file, line=line, column=column)
    return RecipeInvalid([problem], {file: text})
