"""Every error that imgflow raises on purpose.

The voice of a message is: where, what was expected, what was found, what to do.
A ``code`` is stable across versions, so that a script may match on it.
"""

from __future__ import annotations

from typing import ClassVar


class ImgflowError(Exception):
    """Root of every error raised on purpose.

    ``code`` names the cause, ``retryable`` says whether the same call may succeed
    later without anybody changing anything.
    """

    default_code: ClassVar[str] = "error"
    default_retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, code: str = "", retryable: bool | None = None) -> None:
        """Keep the message, the code and whether trying again can help."""
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.retryable = self.default_retryable if retryable is None else retryable


class UsageError(ImgflowError):
    """The call itself is wrong: an unknown option, an empty list of inputs."""

    default_code = "usage"


class RecipeError(ImgflowError):
    """A recipe, or a chain of steps, is not valid."""

    default_code = "recipe-invalid"


class SourceError(ImgflowError):
    """A source image cannot be used: missing, unreadable, unsupported or damaged."""

    default_code = "source-invalid"


class OperationError(ImgflowError):
    """An operation cannot be applied to this picture."""

    default_code = "operation-failed"


class EncodeError(ImgflowError):
    """A picture cannot be written in the format asked for."""

    default_code = "encode-failed"


class StorageError(ImgflowError):
    """A file or object cannot be read or written."""

    default_code = "storage-failed"
    default_retryable = True


class QueueError(ImgflowError):
    """The queue cannot be reached, refuses what was asked, or does not know it."""

    default_code = "queue-failed"
    default_retryable = True
