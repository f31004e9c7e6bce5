"""The same pixels in fewer bytes: files repacked without loss, and what proves it."""

from __future__ import annotations

from imgflow.repack.packing import PACKERS, repack, versions
from imgflow.repack.slimming import Slim, slim
from imgflow.repack.thrift import Thrift

__all__ = ["PACKERS", "Slim", "Thrift", "repack", "slim", "versions"]
