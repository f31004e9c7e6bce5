"""Objects in S3, and in whatever speaks like it."""

from imgflow.storage.s3.s3 import S3Storage
from imgflow.storage.s3.store import Store

__all__ = ["S3Storage", "Store"]
