"""Path templates: ``{out}/{dir}/{stem}-{width}w.{hash:8}.{ext}``.

Tiny and typed on purpose: fields, one optional length, and nothing to evaluate.
``{{`` and ``}}`` stand for braces.
"""

from __future__ import annotations

import dataclasses
import functools
import posixpath
import re
from typing import TYPE_CHECKING, NamedTuple

from imgflow.errors import RecipeError
from imgflow.uris import is_inside, scheme_of

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Field -> what it stands for. A recipe's own ``vars`` come on top.
FIELDS = {
    "date": "the day of the run, YYYY-MM-DD, UTC",
    "dir": "the folder of the source below the folder that was searched",
    "ext": "the usual extension of the output's format",
    "filename": "the source's name with its extension",
    "format": "the output's format",
    "hash": "a digest of source, steps and encoder; {hash:8} is its first 8 digits",
    "height": "the output's height in pixels",
    "index": "the number of the source in this run, from 0",
    "original_name": "the source's name without its extension",
    "recipe": "the recipe's name",
    "stem": "the source's name without its extension",
    "width": "the output's width in pixels",
}
#: Digits of ``{hash}`` when no length is asked for, and the most there are.
HASH_DIGITS, LONGEST_HASH = 16, 64

_TOKEN = re.compile(r"\{\{|\}\}|\{(?P<name>[^{}:]*)(?::(?P<length>[^{}]*))?\}|[{}]")


class Field(NamedTuple):
    """A field at an offset into the template, with the length asked for (0: none)."""

    name: str
    length: int
    at: int


@dataclasses.dataclass(frozen=True)
class Template:
    """A parsed template: literal text and fields, in order."""

    text: str
    parts: tuple[str | Field, ...]

    @property
    def fields(self) -> frozenset[str]:
        """Names of all fields in use."""
        return frozenset(part.name for part in self.parts if isinstance(part, Field))

    def render(self, values: Mapping[str, str]) -> str:
        """Fill the fields in; ``hash`` is cut to the length asked for.

        Empty folders vanish: ``a//b`` becomes ``a/b``, so that ``{dir}`` may be empty.
        """
        texts = [part if isinstance(part, str) else _cut(part, values) for part in self.parts]
        text = "".join(texts)
        if text.startswith("/") and not self.text.startswith("/"):
            text = text.lstrip("/")
        return re.sub(r"(?<![:/])//+", "/", text) if "//" in text else text

    def fill(self, values: Mapping[str, str]) -> Template:
        """Return the template with some fields filled in for good, the others left."""
        texts = [
            _escaped(part if isinstance(part, str) else values[part.name])
            if isinstance(part, str) or part.name in values
            else _spelled(part)
            for part in self.parts
        ]
        return parse_template("".join(texts))

    def inside(self, folder: str) -> Template:
        """Return the template with a folder put before it."""
        return parse_template(f"{_escaped(folder.rstrip('/'))}/{self.text}")

    @property
    def root(self) -> str:
        """The folder that all results lie in: what comes before the first field.

        It ends before its last slash; it is empty for the working directory.
        """
        head = ""
        for part in self.parts:
            if isinstance(part, Field):
                break
            head += part
        folder = head.rpartition("/")[0]
        return folder or ("/" if head.startswith("/") else "")


class TemplateError(RecipeError):
    """A template that cannot be parsed; ``at`` is the offset of the fault."""

    default_code = "bad-template"

    def __init__(self, message: str, at: int) -> None:
        """Keep where the fault is."""
        super().__init__(message)
        self.at = at


@functools.lru_cache(maxsize=256)
def parse_template(text: str) -> Template:
    """Split a template into literals and fields; raises TemplateError.

    Names of fields are not checked here: a recipe may define its own.
    """
    parts: list[str | Field] = []
    end = 0
    for token in _TOKEN.finditer(text):
        parts.append(text[end : token.start()])
        parts.append(_part(token))
        end = token.end()
    parts.append(text[end:])
    return Template(text, tuple(part for part in parts if part != ""))


def stays_inside(path: str, root: str) -> bool:
    """Tell whether a rendered path stays in a folder, whatever ``..`` it is made of.

    A URI stays in a bucket or folder that is named in full, and has no ``..`` at all.
    """
    if "\0" in path:
        return False
    if scheme_of(path) or scheme_of(root):
        return is_inside(path, root)
    inner, outer = posixpath.normpath(path), posixpath.normpath(root or ".")
    if outer == ".":
        return not inner.startswith(("../", "/")) and inner != ".."
    return inner == outer or inner.startswith(outer.rstrip("/") + "/")


def _part(token: re.Match[str]) -> str | Field:
    if token.group() in {"{{", "}}"}:
        return token.group()[0]
    name, length = token["name"], token["length"]
    if name is None:
        brace = token.group()
        message = f"'{brace}' without its other half; write '{brace * 2}' for a brace"
        raise TemplateError(message, token.start())
    if length is None:
        return Field(name, 0, token.start())
    if name != "hash" or not length.isdecimal() or not 4 <= int(length) <= LONGEST_HASH:  # noqa: PLR2004
        found = token.group()
        message = f"expected a length from 4 to {LONGEST_HASH} after 'hash:', found '{found}'"
        raise TemplateError(message, token.start())
    return Field(name, int(length), token.start())


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _spelled(field: Field) -> str:
    return f"{{{field.name}:{field.length}}}" if field.length else f"{{{field.name}}}"


def _cut(field: Field, values: Mapping[str, str]) -> str:
    value = values[field.name]
    return value[: field.length or HASH_DIGITS] if field.name == "hash" else value
