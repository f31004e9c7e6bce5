"""The ledger with real images: run, run again, change, run; a vault in a bucket."""

from __future__ import annotations

import os
import shutil
import time
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import samples
from ledgers import restore

from imgflow.execute import execute
from imgflow.job import Job, Output
from imgflow.state import Ledger, Vault, fresh_result, judge, record
from imgflow.state.stamp import is_settled, read_stamp
from imgflow.storage import LocalStorage
from imgflow.storage.opening import open_usual

if TYPE_CHECKING:
    from pathlib import Path

    from s3_ground import Ground


def project(folder: Path) -> Path:
    (folder / "photos").mkdir(parents=True)
    (folder / "photos" / "cat.png").write_bytes(samples.encoded(samples.cat()))
    return folder


def job_in(folder: Path, **changes: Any) -> Job:
    path = f"{folder}/dist/{{stem}}-{{date}}.{{hash:8}}.{{ext}}"
    fields: dict[str, Any] = {
        "input": f"{folder}/photos/cat.png",
        "relative": "cat.png",
        "date": "2026-01-01",
        "steps": ({"op": "resize", "width": 64},),
        "outputs": tuple(
            Output(path=path, root=f"{folder}/dist", encoder={"format": kind})
            for kind in ("webp", "jpeg")
        ),
    }
    return Job(**{**fields, **changes})


def opened(folder: Path) -> Ledger:
    return Ledger(str(folder / ".imgflow"), str(folder), "web")


def run(job: Job, ledger: Ledger) -> None:
    verdict = judge(job, ledger)
    again = msgspec.structs.replace(job, force=True) if verdict.force else job
    assert record(job, execute(again, LocalStorage()), ledger)


def test_run_twice_then_edit_an_output_with_a_digest_in_its_name(tmp_path: Path) -> None:
    folder = project(tmp_path)
    with opened(folder) as ledger:
        run(job_in(folder), ledger)
    tomorrow = job_in(folder, date="2026-01-02")
    with opened(folder) as ledger:
        kept = fresh_result(tomorrow, ledger)
        assert kept is not None
        assert {"2026-01-01" in written.path for written in kept.outputs} == {True}
    edited = kept.outputs[0].path
    whole = samples.decoded(samples_bytes(edited))
    with open(edited, "wb") as file:
        file.write(b"edited by hand")
    job = job_in(folder)
    with opened(folder) as ledger:
        assert judge(job, ledger).force
        run(job, ledger)
        assert judge(job, ledger).action == "keep"
    assert (samples.decoded(samples_bytes(edited)) == whole).all()


def samples_bytes(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def test_facts_are_there_again(tmp_path: Path) -> None:
    folder = project(tmp_path)
    job = job_in(folder, facts=True)
    with opened(folder) as ledger:
        made = execute(job, LocalStorage())
        assert record(job, made, ledger)
    with opened(folder) as ledger:
        kept = fresh_result(job, ledger)
    assert kept is not None
    assert kept.source == made.source
    assert kept.source is not None


@pytest.mark.parametrize("facts", [False, True])
def test_a_second_run_leaves_the_state_alone(tmp_path: Path, *, facts: bool) -> None:
    folder = project(tmp_path)
    job = job_in(folder, facts=facts)
    while not is_settled(read_stamp(job.input) or pytest.fail("no source")):
        time.sleep(0.01)
    with opened(folder) as ledger:
        run(job, ledger)
    before = {path.name: path.read_bytes() for path in (folder / ".imgflow").iterdir()}
    with opened(folder) as ledger:
        assert fresh_result(job, ledger)
    assert before == {path.name: path.read_bytes() for path in (folder / ".imgflow").iterdir()}


@pytest.mark.parametrize("kind", ["folder", "bucket"])
def test_a_fresh_clone_with_a_warm_vault(
    tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    here, there = project(tmp_path / "here"), project(tmp_path / "there")
    vault = Vault(LocalStorage(), str(tmp_path / "vault"))
    if kind == "bucket":
        ground: Ground = request.getfixturevalue("ground")
        vault = Vault(open_usual(os.environ), ground.uri("cache/"))
    with opened(here) as ledger:
        job = job_in(here)
        run(job, ledger)
        made = ledger.lookup(job.input)
        assert made is not None
        assert vault.fetch(made.key) is None
        vault.keep(made, ledger.home)
        vault.settle()
    paths = [output.path for output in made.outputs]
    contents = [(here / path).read_bytes() for path in paths]
    shutil.rmtree(here)
    with opened(there) as ledger:
        result = restore(job_in(there, date="2026-03-03"), ledger, vault, LocalStorage())
        assert result is not None
        assert judge(job_in(there), ledger).action == "keep"
    assert [os.path.relpath(one.path, there) for one in result.outputs] == paths
    assert [(there / path).read_bytes() for path in paths] == contents
