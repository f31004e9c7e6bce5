"""What keeps a watch from going on: told once, when it lasts."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from imgflow.errors import ImgflowError

#: Seconds that something must be wrong until it is told: an editor empties a file before it
#: writes it, or removes one before another takes its place.
LASTING = 0.15


class Trouble:
    """The error that is met by each look, if there is one."""

    def __init__(self) -> None:
        """Begin without any."""
        self._error: ImgflowError | None = None
        self._since = 0.0
        self._told = False

    @property
    def waiting(self) -> bool:
        """Whether there is an error that was not told of yet."""
        return self._error is not None and not self._told

    def meet(
        self, error: ImgflowError, tell: Callable[[ImgflowError], None], *, at_once: bool = False
    ) -> None:
        """Meet an error, and tell of it if it is not new, or ``at_once``."""
        if self._error is None or self._error.message != error.message:
            self._error, self._since, self._told = error, time.monotonic(), False
        lasts = time.monotonic() - self._since >= LASTING
        if not self._told and (lasts or at_once):
            self._told = True
            tell(error)

    def end(self) -> bool:
        """Meet none; tell whether there was one that was told of."""
        told = self._told
        self._error, self._told = None, False
        return told
