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
    found = read_settings(
        {
            "IMGFLOW_JOBS": "3",
            "IMGFLOW_RECIPES": folders,
            "IMGFLOW_STORES": "/etc/stores.yaml ",
            "IMGFLOW_REDIS_URL": "redis://:secret@host/0\n",
            "IMGFLOW_ALLOW": "s3://bucket/, /srv/photos,,",
            "IMGFLOW_TOKENS": "one,two",
            "IMGFLOW_WEBHOOK_SECRET": "whsec_abc",
        }
    )
    assert found == Settings(
        jobs=3,
        recipes=("/a", "b"),
        stores="/etc/stores.yaml",
        redis_url="redis://:secret@host/0",
        allow=("s3://bucket/", "/srv/photos"),
        tokens=("one", "two"),
        webhook_secret="whsec_abc",  # noqa: S106 - nobody's
    )


def test_secrets_do_not_show() -> None:
    found = read_settings(
        {
            "IMGFLOW_REDIS_URL": "redis://:hidden1@host/0",
            "IMGFLOW_TOKENS": "hidden2",
            "IMGFLOW_WEBHOOK_SECRET": "hidden3",
        }
    )
    assert "hidden" not in repr(found)


@pytest.mark.parametrize("text", ["0", "-1", "two", "1.5", " "])
def test_wrong_number_of_jobs(text: str) -> None:
    with pytest.raises(UsageError, match="IMGFLOW_JOBS: expected a number of processes from 1"):
        read_settings({"IMGFLOW_JOBS": text})
