"""A run is killed, with all its processes, at any moment: the next one goes on from there."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from pathlib import Path

import pytest
import samples
from command import group, start, wait_for
from cycle_site import Site, work_alone

from imgflow.storage.temporary import SUFFIX

pytestmark = pytest.mark.slow

#: Slow enough that a run can be met at work, of each source a large file after a small one.
RECIPE = """\
version: 1
inputs: {from: photos}
outputs:
  - {path: "dist/{stem}-{width}w.{ext}", formats: [{format: webp, effort: 6}, jpeg], widths: [40]}
  - {path: "dist/{stem}-large.{ext}", format: png, steps: [{op: resize, width: 300}]}
"""
SOURCES = 14
FILES = SOURCES * 3


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = Site(tmp_path_factory.mktemp("undisturbed") / "site", RECIPE)
    for number in range(SOURCES):
        site.draw(f"photos/{number:02d}.jpg", number)
    with pytest.MonkeyPatch.context() as patch:
        work_alone(patch)
        site.run()
    assert len(site.made()) == FILES
    assert all(samples.decoded(data).any() for data in site.made().values())
    return site


@pytest.mark.parametrize("seed", range(20))
def test_a_run_that_is_killed(
    undisturbed: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    worked = work_alone(monkeypatch)
    right = undisturbed.made()
    site = undisturbed.copy(tmp_path / "site", leave=(".imgflow", "dist"))
    monkeypatch.chdir(site.root)
    kill_a_run(Path("dist"), random.Random(seed))  # noqa: S311 - no secret
    left = whole(site)
    assert left.items() <= right.items()
    plan = site.plan()
    kept = [one for one in plan if one["action"] == "keep"]
    assert len(plan) == SOURCES
    assert all(site.name(path)[5:] in left for one in kept for path in one["outputs"])
    assert len(site.bring_up()) == SOURCES - len(kept) == len(worked)
    assert whole(site) == right
    assert [one["action"] for one in site.plan()] == ["keep"] * SOURCES


def kill_a_run(dist: Path, dice: random.Random) -> None:
    """Start a run, and kill it after some of its files, and a little time."""
    count, pause = dice.randrange(FILES), dice.random() * 0.02
    with start("run", "recipe.yaml", "-q") as process:
        wait_for(lambda: len(list(dist.glob("[!.]*"))) >= count or process.poll() is not None)
        deadline = time.perf_counter() + pause
        while time.perf_counter() < deadline:
            pass
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        wait_for(lambda: not group(process.pid))
        process.communicate()


def whole(site: Site) -> dict[str, bytes]:
    """Return the outputs that are there; what was on its way has a name of its own."""
    return {name: data for name, data in site.made().items() if not name.endswith(SUFFIX)}
