"""Files that a command draws on the side: where they may go, checked before any work is done."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from imgflow.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable


def check_drawn(
    option: str, target: str | None, endings: tuple[str, ...], others: Iterable[str]
) -> None:
    """Refuse a name that would not be what it says, and one of the ``others`` files at work.

    Raises UsageError.
    """
    if target is None:
        return
    if not target.lower().endswith(endings):
        message = f"{option}: expected a name that ends in {_listed(endings)}, found '{target}'"
        raise UsageError(message)
    if os.path.isdir(target):
        message = f"{option}: expected the name of a file, found the folder '{target}'"
        raise UsageError(message)
    if os.path.realpath(target) in map(os.path.realpath, others):
        message = f"{option}: expected a file of its own, found '{target}'"
        raise UsageError(message)


def _listed(endings: tuple[str, ...]) -> str:
    *others, last = endings
    return f"{', '.join(others)} or {last}" if others else last
