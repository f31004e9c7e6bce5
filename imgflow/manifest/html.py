"""HTML elements without content."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from imgflow.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME = re.compile(r"[a-z][a-z0-9-]*")


def element(tag: str, attributes: Mapping[str, str]) -> str:
    """Return a void element; raises UsageError for what cannot be the name of an attribute."""
    for name in attributes:
        if not _NAME.fullmatch(name):
            message = f"{name!r}: expected the name of an HTML attribute, in lower case"
            raise UsageError(message, code="bad-attribute")
    pairs = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
    return f"<{tag}{pairs}>"
