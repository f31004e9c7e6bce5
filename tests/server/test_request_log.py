"""The log of the server: which job a request was about."""

from __future__ import annotations

import logging

import pytest

from imgflow.server.journal import RequestLog

JOB = "aaf977a1-ac2c-4bda-a448-e2ae43f5eaa8"


@pytest.mark.parametrize(
    ("path", "made"),
    [(f"/jobs/{JOB}", ""), (f"/jobs/{JOB}/events", ""), ("/jobs", f"/jobs/{JOB}")],
)
def test_the_job_is_named(path: str, made: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "imgflow.server"):
        RequestLog().request("POST", path, 202, 0.01, made=made)
    (record,) = caplog.records
    assert getattr(record, "fields")["job_id"] == JOB  # noqa: B009 - not of every record


def test_other_requests_name_none(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "imgflow.server"):
        RequestLog().request("GET", "/recipes", 200, 0.01)
    assert "job_id" not in getattr(caplog.records[0], "fields")  # noqa: B009
