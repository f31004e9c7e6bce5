"""Placeholders: what a page shows while a picture is on its way."""

from imgflow.placeholders.placeholders import Placeholders

__all__ = ["Placeholders"]
