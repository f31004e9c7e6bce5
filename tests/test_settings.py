"""The environment."""

from __future__ import annotations

import os

import pytest

from imgflow.errors import UsageError
from imgflow.settings import Settings, read_settings


def test_empty_environment() -> None:
    assert read_settings({}) == Settings()


def test_everything_set() -> None:
    folders = os.pathsep.join(["/a", "", "b"])
    found = read_settings({"IMGFLOW_JOBS": "3", "IMGFLOW_RECIPES": folders})
    assert found == Settings(jobs=3, recipes=("/a", "b"))


@pytest.mark.parametrize("text", ["0", "-1", "two", "1.5", " "])
def test_wrong_number_of_jobs(text: str) -> None:
    with pytest.raises(UsageError, match="IMGFLOW_JOBS: expected a number of processes from 1"):
        read_settings({"IMGFLOW_JOBS": text})
