"""Requests for work, over HTTP: checked as recipes are, and turned into jobs."""

from imgflow.request.access import Permissions
from imgflow.request.keys import MOST_INPUTS, MOST_JOBS, BatchKeys, JobKeys
from imgflow.request.reading import JobsRequest, read_batch, read_jobs
from imgflow.request.schema import request_schema, schemas
from imgflow.request.upload_keys import LONGEST_EXPIRY, UploadKeys
from imgflow.request.uploads import UploadRequest, read_upload

__all__ = [
    "LONGEST_EXPIRY",
    "MOST_INPUTS",
    "MOST_JOBS",
    "BatchKeys",
    "JobKeys",
    "JobsRequest",
    "Permissions",
    "UploadKeys",
    "UploadRequest",
    "read_batch",
    "read_jobs",
    "read_upload",
    "request_schema",
    "schemas",
]
