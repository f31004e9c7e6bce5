"""What a user should know about a result, besides the files."""

from __future__ import annotations

from typing import Any, Literal

import msgspec


class Note(msgspec.Struct, frozen=True, omit_defaults=True):
    """A choice that was made, or a warning; ``code`` is stable.

    ``details`` holds what a program may want of it, ``{"strategy": "faces", ...}`` say.
    """

    kind: Literal["choice", "warning"]
    code: str
    message: str
    details: dict[str, Any] = {}
