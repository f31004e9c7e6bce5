"""What a mark of ours in a file begins with."""

from __future__ import annotations

#: A mark says how a file was compressed: ``imgflow:1 quality=high``; 1 is its version.
TAG = b"imgflow:"
