"""The version of imgflow."""

__version__ = "0.1.0"
