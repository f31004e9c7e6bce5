"""Requests for work, over HTTP: checked as recipes are, and turned into jobs."""

from imgflow.request.access import Permissions
from imgflow.request.keys import MOST_INPUTS, MOST_JOBS, BatchKeys, JobKeys
from imgflow.request.reading import JobsRequest, read_batch, read_jobs
from imgflow.request.schema import request_schema, schemas

__all__ = [
    "MOST_INPUTS",
    "MOST_JOBS",
    "BatchKeys",
    "JobKeys",
    "JobsRequest",
    "Permissions",
    "read_batch",
    "read_jobs",
    "request_schema",
    "schemas",
]
