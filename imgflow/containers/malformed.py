"""The error of all containers."""

from __future__ import annotations


class MalformedError(ValueError):
    """A file is not laid out as its format says: it cannot be rewritten safely."""
