"""How many workers: affinity and the quota of the control group."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from imgflow.runner import default_workers

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def eight_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "imgflow.runner.cores.os.sched_getaffinity", lambda _: set(range(8)), raising=False
    )


def machine(root: Path, groups: str, **files: str) -> str:
    contents = {"proc/self/cgroup": groups}
    contents |= {f"sys/fs/cgroup/{name.replace('__', '/')}": text for name, text in files.items()}
    for name, text in contents.items():
        path = root / name.replace("cpu_max", "cpu.max").replace("cfs_", "cpu.cfs_")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return str(root)


def test_all_cores_without_control_groups(tmp_path: Path) -> None:
    assert default_workers(str(tmp_path)) == 8


@pytest.mark.parametrize(
    ("quota", "workers"),
    [
        ("max 100000", 8),
        ("200000 100000", 2),
        ("150000 100000", 2),
        ("50000 100000", 1),
        ("25000 50000", 1),
        ("6400000 100000", 8),
        ("", 8),
    ],
)
def test_quota_of_version_2(tmp_path: Path, quota: str, workers: int) -> None:
    root = machine(tmp_path, "0::/\n", cpu_max=quota + "\n")
    assert default_workers(root) == workers


def test_a_group_above_may_be_the_tight_one(tmp_path: Path) -> None:
    root = machine(
        tmp_path,
        "0::/pod/box\n",
        pod__box__cpu_max="max 100000\n",
        pod__cpu_max="300000 100000\n",
    )
    assert default_workers(root) == 3


def test_path_of_the_host_that_the_container_cannot_see(tmp_path: Path) -> None:
    root = machine(tmp_path, "0::/kubepods/pod1/abc\n", cpu_max="100000 100000\n")
    assert default_workers(root) == 1


@pytest.mark.parametrize(("quota", "workers"), [("-1", 8), ("250000", 3)])
def test_quota_of_version_1(tmp_path: Path, quota: str, workers: int) -> None:
    root = machine(
        tmp_path,
        "5:memory:/box\n4:cpu,cpuacct:/box\n",
        cpu__box__cfs_quota_us=quota + "\n",
        cpu__box__cfs_period_us="100000\n",
    )
    assert default_workers(root) == workers


def test_affinity(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imgflow.runner.cores.os.sched_getaffinity", lambda _: {3}, raising=False)
    root = machine(tmp_path, "0::/\n", cpu_max="400000 100000\n")
    assert default_workers(root) == 1


def test_system_without_affinity(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("imgflow.runner.cores.os.sched_getaffinity", raising=False)
    monkeypatch.setattr("imgflow.runner.cores.os.cpu_count", lambda: 5)
    assert default_workers(str(tmp_path)) == 5


def test_this_machine() -> None:
    assert 1 <= default_workers() <= max(8, os.cpu_count() or 1)
