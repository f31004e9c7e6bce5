"""Verdicts and their reasons, over the life of a folder of images."""

from __future__ import annotations

import hashlib
import os
import shutil
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from ledgers import job_of, make, settle

from imgflow.job import Failure, Output, Result, SourceFacts
from imgflow.placeholders import Placeholders
from imgflow.state import Ledger, Verdict, fresh_result, job_key, judge, record
from imgflow.state.changes import changes
from imgflow.storage import Properties

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ledgers import OpenLedger

    from imgflow.job import Job


def done(job: Job, ledger: Ledger) -> Result:
    judge(job, ledger)
    result = make(job)
    assert record(job, result, ledger)
    return result


def judged(job: Job, opened: OpenLedger) -> Verdict:
    with opened() as ledger:
        return judge(job, ledger)


def test_never_made_then_kept(source: Path, opened: OpenLedger) -> None:
    job = job_of(source)
    with opened() as ledger:
        assert judge(job, ledger)[:2] == ("create", ("never made",))
        result = done(job, ledger)
        assert judge(job, ledger).action == "keep"
    with opened() as ledger:
        assert judge(job, ledger)[:2] == ("keep", ())
        kept = fresh_result(job, ledger)
    assert kept is not None
    assert (kept.status, kept.input, kept.input_bytes) == ("completed", str(source), 10)
    expected = [msgspec.structs.replace(one, status="kept") for one in result.outputs]
    assert list(kept.outputs) == expected
    assert kept.seconds == 0


def test_no_file_is_read_where_stamps_are_the_same(
    source: Path, opened: OpenLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = job_of(source)
    settle()
    with opened() as ledger:
        done(job, ledger)

    def refuse(path: str) -> None:
        pytest.fail(f"{path} was read")

    for module in ("ledger", "verdict"):
        monkeypatch.setattr(f"imgflow.state.{module}.take_fingerprint", refuse)
    assert judged(job, opened).action == "keep"


def changed_steps(job: Job) -> Job:
    return msgspec.structs.replace(job, steps=({"op": "resize", "width": 1200},))


def changed_quality(job: Job) -> Job:
    outputs = tuple(
        msgspec.structs.replace(one, encoder={**(one.encoder or {}), "quality": "high"})
        for one in job.outputs
    )
    return msgspec.structs.replace(job, outputs=outputs)


def changed_one(job: Job) -> Job:
    first, second = job.outputs
    second = msgspec.structs.replace(second, encoder={"format": "avif", "quality": 50})
    return msgspec.structs.replace(job, outputs=(first, second))


def added_output(job: Job) -> Job:
    more = Output(path="x/{stem}.png", encoder={"format": "png"})
    return msgspec.structs.replace(job, outputs=(*job.outputs, more))


def removed_output(job: Job) -> Job:
    return msgspec.structs.replace(job, outputs=job.outputs[1:])


def added_step(job: Job) -> Job:
    return msgspec.structs.replace(job, steps=({"op": "flip"}, *job.steps))


@pytest.mark.parametrize(
    ("change", "reasons"),
    [
        (changed_steps, ["steps[0].width: 800 -> 1200"]),
        (changed_quality, ["quality: default -> high"]),
        (changed_one, ["outputs[1].quality: default -> 50"]),
        (added_output, ["output added: x/{stem}.png (png)"]),
        (removed_output, ["output removed: dist/{stem}.webp (webp)"]),
        (added_step, ["steps[0]: flip added"]),
        (lambda job: msgspec.structs.replace(job, orient=False), ["orient: true -> false"]),
        (lambda job: msgspec.structs.replace(job, force=True), ["forced"]),
        (lambda job: msgspec.structs.replace(job, relative="b.jpg"), ["stem: a -> b"]),
    ],
)
def test_what_was_asked_for_changed(
    source: Path,
    opened: OpenLedger,
    change: Callable[[Job], Job],
    reasons: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(source.parent.parent)
    with opened() as ledger:
        done(job_of(source), ledger)
    verdict = judged(change(job_of(source)), opened)
    assert verdict.action == "update"
    assert list(verdict.reasons) == reasons


@pytest.mark.parametrize(
    "change",
    [
        {"date": "2027-12-31"},
        {"index": 77},
        {"recipe": "other"},
        {"alt": "A cat"},
        {"steps": ({"op": "resize", "width": 800, "height": None},)},
    ],
)
def test_what_makes_no_difference(source: Path, opened: OpenLedger, change: dict[str, Any]) -> None:
    with opened() as ledger:
        done(job_of(source), ledger)
        key = job_key(job_of(source), ledger)
        job = msgspec.structs.replace(job_of(source), **change)
        assert judge(job, ledger).action == "keep"
        assert job_key(job, ledger) == key


def test_what_is_said_of_objects_makes_no_difference_to_files(
    source: Path, opened: OpenLedger
) -> None:
    said = Properties(cache_control="no-cache", tags={"a": "b"})
    job = job_of(source)
    with opened() as ledger:
        done(job, ledger)
        key = job_key(job, ledger)
        told = tuple(msgspec.structs.replace(one, properties=said) for one in job.outputs)
        job = msgspec.structs.replace(job, outputs=told)
        assert judge(job, ledger).action == "keep"
        assert job_key(job, ledger) == key
        far = [msgspec.structs.replace(one, path="s3://b/{stem}.webp") for one in job.outputs]
        plain = [msgspec.structs.replace(one, properties=Properties()) for one in far]
        digests = {
            ledger.terms(job_of(source, outputs=tuple(each))).digest for each in (far, plain)
        }
        assert len(digests) == 2


def test_the_time_that_the_work_took(source: Path, opened: OpenLedger) -> None:
    job = job_of(source)
    with opened() as ledger:
        result = done(job, ledger)
        assert result.seconds == 0.5
    with opened() as ledger:
        kept = fresh_result(job, ledger)
        assert kept is not None
        assert kept.seconds == 0
        assert [made.result.seconds for made in ledger.all()] == [0.5]


def test_date_in_a_path_stays_what_it_was(source: Path, opened: OpenLedger) -> None:
    out = source.parent.parent
    outputs = (Output(path=f"{out}/{{date}}-{{index}}.png", encoder={"format": "png"}),)
    with opened() as ledger:
        done(job_of(source, outputs=outputs), ledger)
        tomorrow = job_of(source, outputs=outputs, date="2026-01-02")
        kept = fresh_result(tomorrow, ledger)
        assert kept is not None
        assert kept.outputs[0].path == f"{out}/2026-01-01-0.png"
        other = msgspec.structs.replace(tomorrow, index=5)
        assert judge(other, ledger).reasons == ("index: 0 -> 5",)


@pytest.mark.parametrize("set_back", [False, True])
def test_source_changed_with_the_same_size(
    source: Path, opened: OpenLedger, *, set_back: bool
) -> None:
    settle()
    with opened() as ledger:
        done(job_of(source), ledger)
    before = source.stat()
    source.write_bytes(b"THE PIXELS")
    if set_back:
        os.utime(source, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert judged(job_of(source), opened)[:2] == ("update", ("source changed",))


def test_source_touched_or_copied_is_the_same(source: Path, opened: OpenLedger) -> None:
    with opened() as ledger:
        done(job_of(source), ledger)
    source.unlink()
    source.write_bytes(b"the pixels")
    assert judged(job_of(source), opened).action == "keep"


def test_source_missing(source: Path, opened: OpenLedger) -> None:
    with opened() as ledger:
        done(job_of(source), ledger)
    source.unlink()
    assert judged(job_of(source), opened)[:2] == ("update", ("source missing",))
    with opened() as ledger:
        assert job_key(job_of(source), ledger) == ""


def test_output_missing_and_edited(source: Path, opened: OpenLedger) -> None:
    dist = source.parent.parent / "dist"
    with opened() as ledger:
        done(job_of(source), ledger)
    (dist / "a.webp").unlink()
    edited = dist / "a.avif"
    edited.write_bytes(edited.read_bytes()[::-1])
    verdict = judged(job_of(source), opened)
    assert verdict.reasons == ("output missing: dist/a.webp", "output edited: dist/a.avif")
    assert verdict.force
    edited.write_bytes(b"short")
    assert "output edited: dist/a.avif" in judged(job_of(source), opened).reasons


def test_output_rewritten_as_it_was(source: Path, opened: OpenLedger) -> None:
    output = source.parent.parent / "dist" / "a.webp"
    with opened() as ledger:
        done(job_of(source), ledger)
    output.write_bytes(output.read_bytes())
    assert judged(job_of(source), opened).action == "keep"


def test_new_versions(source: Path, opened: OpenLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imgflow.state.versions.__version__", "0.1")
    monkeypatch.setattr("imgflow.state.versions._libvips", lambda: "8.18.3")
    with opened() as ledger:
        done(job_of(source), ledger)
    monkeypatch.setattr("imgflow.state.versions.__version__", "0.2")
    monkeypatch.setattr("imgflow.state.versions._libvips", lambda: "8.19.0")
    reasons = judged(job_of(source), opened).reasons
    assert reasons == ("imgflow 0.1 -> 0.2", "libvips 8.18.3 -> 8.19.0")


def test_versions_of_encoders_that_are_used(
    source: Path, opened: OpenLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    outputs = (Output(path="x/{stem}.png", encoder={"format": "png"}),)
    with opened() as ledger:
        before = ledger.terms(job_of(source, outputs=outputs)).digest
        unlike = ledger.terms(job_of(source)).digest
    monkeypatch.setattr("imgflow.encoders.png.version_of", lambda name: f"{name} 99")
    with opened() as ledger:
        assert ledger.terms(job_of(source, outputs=outputs)).digest != before
        assert ledger.terms(job_of(source)).digest == unlike


def test_a_file_that_a_step_reads(source: Path, opened: OpenLedger) -> None:
    logo = source.parent / "logo.png"
    logo.write_bytes(b"one")
    job = job_of(source, steps=({"op": "overlay", "image": str(logo)},))
    with opened() as ledger:
        done(job, ledger)
    assert judged(job, opened).action == "keep"
    logo.write_bytes(b"two")
    assert judged(job, opened).reasons == ("photos/logo.png changed",)


@pytest.mark.parametrize("what", ["source", "logo"])
def test_changed_while_it_was_worked_on(source: Path, opened: OpenLedger, what: str) -> None:
    logo = source.parent / "logo.png"
    logo.write_bytes(b"one")
    job = job_of(source, steps=({"op": "overlay", "image": str(logo)},))
    with opened() as ledger:
        judge(job, ledger)
        result = make(job)
        (source if what == "source" else logo).write_bytes(b"something else")
        assert not record(job, result, ledger)
        assert judge(job, ledger).action == "create"


def test_widths_are_told_from_each_other(
    source: Path, opened: OpenLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(source.parent.parent)

    def job(*widths: int) -> Job:
        outputs = (
            Output(
                path="dist/{stem}-{width}.{ext}",
                steps=({"op": "resize", "width": width},),
                encoder={"format": kind},
                widths=widths,
            )
            for width in widths
            for kind in ("avif", "webp")
        )
        return job_of(source, outputs=tuple(outputs))

    old, new = job(480, 960), job(480, 720, 960)
    with opened() as ledger:
        reasons = changes(ledger.terms(old).body, ledger.terms(new).body)
    assert list(reasons) == [
        "output added: dist/{stem}-{width}.{ext} (avif 720w)",
        "output added: dist/{stem}-{width}.{ext} (webp 720w)",
        "widths: [480,960] -> [480,720,960]",
    ]


def test_a_manifest_that_is_new(source: Path, opened: OpenLedger) -> None:
    with opened() as ledger:
        done(job_of(source), ledger)
    assert judged(job_of(source, facts=True), opened).reasons == ("manifest added",)


def test_the_digest_that_the_result_tells(source: Path, opened: OpenLedger) -> None:
    job = job_of(source, facts=True)
    placeholders = Placeholders(blurhash="x", thumbhash="x", colour="#000000", lqip="x")
    facts = SourceFacts(
        width=1,
        height=1,
        format="jpeg",
        digest=hashlib.sha256(source.read_bytes()).hexdigest(),
        placeholders=placeholders,
    )
    result = msgspec.structs.replace(make(job), source=facts)
    with opened() as ledger:
        assert record(job, result, ledger)
        kept = fresh_result(job, ledger)
        assert kept is not None
        assert kept.source == facts
        source.write_bytes(b"changed since")
        assert record(job, result, ledger)
        assert judge(job, ledger).reasons == ("source changed",)


def test_not_recorded(source: Path, opened: OpenLedger) -> None:
    failed = Result(
        status="failed", input=str(source), error=Failure(code="bad", message="it is bad")
    )
    with opened() as ledger:
        assert not record(job_of(source), make(job_of(source)), ledger), "it was not judged"
        judge(job_of(source), ledger)
        assert not record(job_of(source), failed, ledger)
        assert ledger.failure(str(source)) == failed
    assert judged(job_of(source), opened).action == "create"
    with opened() as ledger:
        assert list(ledger.failures()) == [failed]
        done(job_of(source), ledger)
        assert list(ledger.failures()) == []
    with opened("other") as ledger:
        assert ledger.failure(str(source)) is None


def test_a_failure_with_a_name_of_other_bytes(source: Path, opened: OpenLedger) -> None:
    strange = os.fsdecode(os.fsencode(source.parent) + b"/\xff.jpg")
    failed = Result(status="failed", input=strange, error=Failure(code="bad", message="bad"))
    with opened() as ledger:
        assert not record(job_of(source, input=strange), failed, ledger)
        assert list(ledger.failures()) == []


def test_far_away_is_made_again(source: Path, opened: OpenLedger) -> None:
    job = job_of(source, input="s3://bucket/a.jpg")
    assert judged(job, opened)[:2] == ("update", ("far away",))


def test_another_recipe_in_the_same_folder(source: Path, opened: OpenLedger) -> None:
    with opened() as ledger:
        done(job_of(source), ledger)
    with opened("other") as ledger:
        assert judge(job_of(source), ledger).action == "create"


def test_everything_carried_away(source: Path, opened: OpenLedger, tmp_path: Path) -> None:
    home = tmp_path / "here"
    here = home / "photos" / "a.jpg"
    here.parent.mkdir(parents=True)
    shutil.copy(source, here)
    with opened(home=home) as ledger:
        done(job_of(here), ledger)
    there = tmp_path / "there"
    shutil.copytree(home, there)
    shutil.rmtree(home)
    with opened(home=there) as ledger:
        kept = fresh_result(job_of(there / "photos" / "a.jpg"), ledger)
    assert kept is not None
    assert kept.outputs[0].path == str(there / "dist" / "a.webp")
    state = b"".join(path.read_bytes() for path in (there / ".imgflow").iterdir())
    assert str(tmp_path).encode() not in state


def test_paths_as_a_run_would_show_them(
    source: Path, opened: OpenLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = source.parent.parent
    (root / "sub").mkdir()
    monkeypatch.chdir(root / "sub")
    outputs = (Output(path="out/{stem}.png", encoder={"format": "png"}),)
    job = job_of(source, input="../photos/a.jpg", outputs=outputs)
    with opened() as ledger:
        done(job, ledger)
        kept = fresh_result(job, ledger)
    assert kept is not None
    assert kept.outputs[0].path == "out/a.png"


def test_a_name_of_other_bytes(source: Path, opened: OpenLedger) -> None:
    strange = os.fsencode(source.parent) + b"/\xff.jpg"
    with open(strange, "wb") as file:
        file.write(b"x")
    job = job_of(source, input=os.fsdecode(strange))
    assert judged(job, opened).action == "create"


def test_an_edited_file_is_not_taken_for_an_output_because_of_its_name(
    source: Path, opened: OpenLedger
) -> None:
    job = job_of(source)
    edited = source.parent.parent / "dist" / "a.webp"
    with opened() as ledger:
        result = done(job, ledger)
        edited.write_bytes(b"by hand")
        assert judge(job, ledger).force
        settle()
        first, *others = result.outputs
        found = msgspec.structs.replace(first, sha256="", status="kept", bytes=7)
        again = msgspec.structs.replace(result, outputs=(found, *others))
        assert not record(job, again, ledger)
        assert judge(job, ledger).action == "update"
