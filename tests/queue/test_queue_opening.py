"""Queues as the environment describes them."""

from __future__ import annotations

import pytest

from imgflow.errors import UsageError
from imgflow.queue import DEFAULT_POLICY, Policy, open_queues, read_policy


def test_nothing_set_is_the_default() -> None:
    assert read_policy({}) == DEFAULT_POLICY
    assert read_policy({"IMGFLOW_TTL": " "}) == DEFAULT_POLICY


def test_everything_set() -> None:
    environment = {
        "IMGFLOW_RETRIES": "2, 1m,1.5h",
        "IMGFLOW_RETRY_JITTER": "0.25",
        "IMGFLOW_RETRY_PERMANENT": "yes",
        "IMGFLOW_LEASE": "30",
        "IMGFLOW_TTL": "7d",
        "IMGFLOW_DEDUPE_WINDOW": "0",
        "IMGFLOW_RESULTS_TTL": "2h",
        "IMGFLOW_DEAD_TTL": "90d",
    }
    assert read_policy(environment) == Policy(
        delays=(2.0, 60.0, 5400.0),
        jitter=0.25,
        retry_permanent=True,
        lease=30.0,
        ttl=7 * 86400.0,
        dedupe_window=0.0,
        results_ttl=7200.0,
        dead_ttl=90 * 86400.0,
    )


def test_no_retries() -> None:
    assert read_policy({"IMGFLOW_RETRIES": "none"}).delays == ()


def test_an_option_switches_retries_of_permanent_errors_on() -> None:
    assert read_policy({}, retry_permanent=True).retry_permanent
    assert not read_policy({"IMGFLOW_RETRY_PERMANENT": "0"}).retry_permanent


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("IMGFLOW_RETRIES", "1,x", "expected a duration like 90, 15s, 5m, 24h or 30d, found 'x'"),
        ("IMGFLOW_RETRIES", "-1", "expected a duration"),
        ("IMGFLOW_TTL", "1w", "expected a duration"),
        ("IMGFLOW_RETRY_JITTER", "1.5", "expected a share from 0 to 1"),
        ("IMGFLOW_RETRY_PERMANENT", "maybe", "expected 1 or 0"),
        ("IMGFLOW_LEASE", "0.2", "expected at least 1 s"),
    ],
)
def test_wrong_settings_name_the_variable(name: str, value: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_policy({name: value})
    assert caught.value.message.startswith(name + ": ")
    assert words in caught.value.message


def test_names_of_queues(one_redis_url: str) -> None:
    names = [queue.name for queue in open_queues(one_redis_url, ("a", "b"), {})]
    assert names == ["a", "b"]
    (queue,) = open_queues(one_redis_url + "#thumbs", (), {"IMGFLOW_TTL": "5m"})
    assert (queue.name, queue.policy.ttl) == ("thumbs", 300.0)
    (queue,) = open_queues(one_redis_url, (), {})
    assert queue.name == "default"


def test_no_server_is_named() -> None:
    with pytest.raises(UsageError, match="IMGFLOW_REDIS_URL"):
        open_queues("", (), {})
