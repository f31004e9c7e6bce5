"""imgflow: a declarative image pipeline on libvips."""

from imgflow.version import __version__

__all__ = ["__version__"]
