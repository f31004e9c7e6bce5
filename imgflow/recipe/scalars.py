"""Scalars of YAML 1.2 (core schema): ``no``, ``on``, ``1:30`` and dates are text."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
#: Numbers of more digits cannot be held exactly by every reader of JSON.
_LONGEST = 15

TEXT, NULL, BOOLEAN, INTEGER, NUMBER = (
    f"tag:yaml.org,2002:{name}" for name in ("str", "null", "bool", "int", "float")
)


class ScalarError(ValueError):
    """A scalar that cannot be had; the message says what was expected and found."""


def read_plain(text: str) -> Any:  # noqa: ANN401
    """Return the value of a scalar without quotes and tag; raises ScalarError."""
    if text in _WORDS:
        return _WORDS[text]
    for pattern, read in _NUMBERS:
        if pattern.fullmatch(text):
            return read(text)
    return text


def read_tagged(text: str, tag: str) -> Any:  # noqa: ANN401
    """Return the value of a scalar with one of the core tags; raises ScalarError."""
    if tag == TEXT:
        return text
    value = read_plain(text)
    kinds: dict[str, tuple[type, ...]] = {
        NULL: (type(None),),
        BOOLEAN: (bool,),
        INTEGER: (int,),
        NUMBER: (int, float),
    }
    if tag not in kinds:
        shown = tag.replace("tag:yaml.org,2002:", "!!")
        raise ScalarError(f"unknown tag '{shown}'; recipes use none but the core tags")
    if not isinstance(value, kinds[tag]):
        raise ScalarError(
            f"expected a value for the tag '!!{tag.rpartition(':')[2]}', found {text!r}"
        )
    return value


def _integer(text: str) -> int:
    if len(text.lstrip("+-0ox")) > _LONGEST:
        raise ScalarError(f"expected a number of at most {_LONGEST} digits, found {len(text)}")
    radix = {"0o": 8, "0x": 16}.get(text[:2], 10)
    return int(text[2:] if radix != 10 else text, radix)  # noqa: PLR2004


def _number(text: str) -> int | float:
    """Whole numbers become integers, as in JSON, where 1.0 is 1."""
    value = float(text)
    if not math.isfinite(value):
        raise ScalarError(f"expected a finite number, found {text[:40]}")
    return int(value) if value.is_integer() and abs(value) < 10**_LONGEST else value


def _refuse(text: str) -> float:
    raise ScalarError(f"expected a finite number, found {text}")


_NUMBERS: tuple[tuple[re.Pattern[str], Callable[[str], Any]], ...] = (
    (re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"), _integer),
    (re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"), _number),
    (re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"), _refuse),
)
