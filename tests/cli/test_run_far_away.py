"""``imgflow run`` on buckets: plans, progress without a total, submissions with versions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import samples
from command import Done
from s3_ground import Ground

from imgflow.cli.progress import Lines
from imgflow.cli.submitting import submit_batch
from imgflow.cli.working import _usual_slots
from imgflow.job import Result, Written
from imgflow.recipe import expand, parse_recipe
from imgflow.runner import default_workers
from imgflow.settings import Settings
from imgflow.storage.opening import open_settled
from imgflow.summary import Summary

Here = Callable[..., Done]


@pytest.fixture
def recipe(ground: Ground, tmp_path: Path) -> str:
    for name in ("a", "b"):
        ground.put(f"in/{name}.jpg", samples.encoded(samples.cat(), "JPEG"))
    path = tmp_path / "r.yaml"
    path.write_text(
        f"version: 1\nsteps: [{{op: resize, width: 50}}]\n"
        f'outputs: [{{path: "{ground.uri("out/{stem}.webp")}"}}]\n'
    )
    return str(path)


def test_a_plan_is_made_from_headers(here: Here, ground: Ground, recipe: str) -> None:
    plans = here("run", recipe, ground.uri("in/"), "--dry-run", "--json").lines
    assert [plan["outputs"][0]["path"] for plan in plans] == [
        ground.uri("out/a.webp"),
        ground.uri("out/b.webp"),
    ]
    assert ground.keys("out/") == []


def test_a_run_writes_there(here: Here, ground: Ground, recipe: str) -> None:
    done = here("run", recipe, ground.uri("in/*.jpg"))
    assert done.code == 0, done.err
    assert ground.keys("out/") == ["out/a.webp", "out/b.webp"]


def test_a_bucket_that_is_not_there(here: Here, ground: Ground, recipe: str) -> None:
    done = here("run", recipe, f"s3://{ground.bucket}-not/in/")
    assert done.code != 0
    assert f"{ground.bucket}-not" in done.err
    assert "Traceback" not in done.err


def test_progress_copes_without_a_total(capsys: pytest.CaptureFixture[str]) -> None:
    from imgflow.cli.bar import Bar

    file = Written(path="a.webp", format="webp", width=1, height=1, bytes=5)
    result = Result(status="completed", input="a.jpg", input_bytes=9, outputs=(file,))
    summary = Summary()
    lines = Lines(None)
    lines._last -= 10  # noqa: SLF001 - long ago
    summary.add(result)
    lines.show(result, summary)
    assert capsys.readouterr().err.startswith("1 image, ")
    with Bar(None) as bar:
        bar.show(result, summary)


def test_submissions_have_the_version_of_the_listing(
    ground: Ground, recipe: str, one_redis_url: str
) -> None:
    storage = open_settled(ground.settings["IMGFLOW_STORES"])
    parsed = parse_recipe(Path(recipe).read_text())

    def send() -> int:
        work = expand(parsed, [ground.uri("in/")], storage=storage)
        return submit_batch(one_redis_url, work, "r", "normal").duplicates

    assert [send(), send()] == [0, 2]
    ground.put("in/a.jpg", samples.encoded(samples.cat(), "JPEG", quality=30))
    assert send() == 1
    storage.close()


def test_workers_with_jobs_far_away_overlap() -> None:
    cores = default_workers()
    assert _usual_slots(Settings()) == cores
    assert _usual_slots(Settings(allow=("/srv/photos",))) == cores
    assert _usual_slots(Settings(allow=("/srv/photos", "s3://bucket/"))) == 2 * cores
    assert _usual_slots(Settings(stores="/etc/stores.yaml")) == 2 * cores
