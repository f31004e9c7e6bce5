"""Exit codes: what they mean, and which error leads to which."""

from __future__ import annotations

from imgflow.errors import (
    EncodeError,
    ImgflowError,
    OperationError,
    QueueError,
    RecipeError,
    SourceError,
    StorageError,
    UsageError,
)

OK = 0
#: Something is not up to date (only commands that check say so).
STALE = 1
#: The recipe or the command is wrong; nothing was done.
USAGE = 2
#: Some images failed, all others were done.
FAILED = 3
#: imgflow itself is at fault.
BUG = 70


def signal_code(number: int) -> int:
    """Return the exit code of a command that a signal ended: 130 for Ctrl-C, as in shells."""
    return 128 + number


def exit_code(error: ImgflowError) -> int:
    """Return the exit code for an error that ended a command."""
    if isinstance(error, (RecipeError, UsageError)):
        return USAGE
    if isinstance(error, (SourceError, OperationError, EncodeError, StorageError, QueueError)):
        return FAILED
    return BUG
