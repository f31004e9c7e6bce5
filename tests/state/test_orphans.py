"""Files that are made no more, and those that cannot be shown to be ours."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ledgers import job_of, make

from imgflow.job import Output
from imgflow.state import Ledger, forget_orphans, judge, orphans, record

if TYPE_CHECKING:
    from pathlib import Path

    from ledgers import OpenLedger

    from imgflow.job import Job


def done(job: Job, ledger: Ledger) -> None:
    judge(job, ledger)
    assert record(job, make(job), ledger)


def names(found: tuple[object, ...]) -> list[tuple[str, bool]]:
    return [(os.path.basename(one.path), one.proven) for one in found]  # type: ignore[attr-defined]


def test_a_source_that_is_gone(source: Path, opened: OpenLedger) -> None:
    with opened() as ledger:
        done(job_of(source), ledger)
        assert orphans([job_of(source)], ledger) == ()
    source.unlink()
    (source.parent.parent / "dist" / "a.avif").write_bytes(b"edited")
    with opened() as ledger:
        found = orphans([], ledger)
        assert names(found) == [("a.avif", False), ("a.webp", True)]
        assert found[0].reason == "no longer a source: photos/a.jpg"
        os.unlink(found[1].path)
        forget_orphans(found[1:], ledger)
        assert names(orphans([], ledger)) == [("a.avif", False)]
        os.unlink(found[0].path)
        forget_orphans(found[:1], ledger)
        assert list(ledger.all()) == []


def test_an_output_that_has_another_name_now(source: Path, opened: OpenLedger) -> None:
    out = source.parent.parent / "dist"
    with opened() as ledger:
        done(job_of(source), ledger)
        png = (Output(path=f"{out}/{{stem}}-new.png", encoder={"format": "png"}),)
        done(job_of(source, outputs=png), ledger)
    with opened() as ledger:
        found = orphans([job_of(source, outputs=png)], ledger)
        assert names(found) == [("a.avif", True), ("a.webp", True)]
        assert found[0].reason == "no longer an output"
        os.unlink(found[0].path)
        forget_orphans(found[:1], ledger)
    with opened() as ledger:
        assert names(orphans([job_of(source, outputs=png)], ledger)) == [("a.webp", True)]
        done(job_of(source), ledger)
        assert names(orphans([job_of(source)], ledger)) == [("a-new.png", True)]


def test_what_another_recipe_makes_now(source: Path, opened: OpenLedger) -> None:
    with opened() as ledger:
        done(job_of(source), ledger)
    with opened("other") as ledger:
        done(job_of(source), ledger)
    with opened() as ledger:
        assert orphans([], ledger) == ()


def test_what_is_a_source_now(source: Path, opened: OpenLedger) -> None:
    with opened() as ledger:
        done(job_of(source), ledger)
        webp = source.parent.parent / "dist" / "a.webp"
        assert names(orphans([job_of(webp)], ledger)) == [("a.avif", True)]


def test_a_link_is_never_ours(source: Path, opened: OpenLedger) -> None:
    dist = source.parent.parent / "dist"
    with opened() as ledger:
        done(job_of(source), ledger)
        os.rename(dist / "a.webp", dist / "elsewhere")
        os.symlink(dist / "elsewhere", dist / "a.webp")
        assert names(orphans([], ledger)) == [("a.avif", True), ("a.webp", False)]
