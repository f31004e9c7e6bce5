"""The ledger itself: what is written when, and what is not."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from ledgers import job_of, make

from imgflow.state import Ledger, judge, record

if TYPE_CHECKING:
    from ledgers import OpenLedger


def test_nothing_is_written_where_nothing_was_made(source: Path, opened: OpenLedger) -> None:
    with opened() as ledger:
        judge(job_of(source), ledger)
    assert not (source.parent.parent / ".imgflow" / "ledger-1.sqlite").exists()


def test_a_ledger_that_is_only_read_writes_nothing(source: Path, opened: OpenLedger) -> None:
    job = job_of(source)
    with opened(writable=False) as ledger:
        judge(job, ledger)
        assert record(job, make(job), ledger)
        assert judge(job, ledger).action == "keep"
    assert not (source.parent.parent / ".imgflow").exists()


def test_a_second_look_changes_no_byte(source: Path, opened: OpenLedger) -> None:
    job = job_of(source)
    with opened() as ledger:
        judge(job, ledger)
        record(job, make(job), ledger)
    path = source.parent.parent / ".imgflow" / "ledger-1.sqlite"
    before = path.stat()
    with opened() as ledger:
        assert judge(job, ledger).action == "keep"
    assert path.stat() == before or path.stat().st_mtime_ns == before.st_mtime_ns


def test_all_forget(source: Path, opened: OpenLedger) -> None:
    job = job_of(source)
    with opened() as ledger:
        judge(job, ledger)
        record(job, make(job), ledger)
    with opened() as ledger:
        assert [made.source for made in ledger.all()] == ["photos/a.jpg"]
        assert [one.path for made in ledger.all() for one in made.outputs] == [
            "dist/a.webp",
            "dist/a.avif",
        ]
        ledger.forget(str(source))
    with opened() as ledger:
        assert list(ledger.all()) == []
        assert ledger.lookup(str(source)) is None


def test_what_another_run_recorded_stays(source: Path, opened: OpenLedger) -> None:
    other = source.with_name("b.jpg")
    other.write_bytes(b"other")
    with opened() as one, opened() as two:
        for ledger, path in ((one, source), (two, other)):
            judge(job_of(path), ledger)
            record(job_of(path), make(job_of(path)), ledger)
    with opened() as ledger:
        assert [judge(job_of(path), ledger).action for path in (source, other)] == ["keep", "keep"]


_RUN = textwrap.dedent("""
    import sys
    from pathlib import Path
    from ledgers import job_of, make
    from imgflow.state import Ledger, judge, record
    root = Path(sys.argv[1])
    with Ledger(str(root / ".imgflow"), str(root), "web") as ledger:
        for source in sorted((root / "photos").iterdir()):
            job = job_of(source)
            if judge(job, ledger).action != "keep":
                record(job, make(job), ledger)
                ledger.flush()
                print(source.name, flush=True)
""")


def start(root: Path) -> subprocess.Popen[str]:
    tests = str(Path(__file__).parent.parent)
    return subprocess.Popen(
        [sys.executable, "-c", _RUN, str(root)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=tests,
    )


def test_two_runs_at_once(source: Path, opened: OpenLedger) -> None:
    sources = [source.with_name(f"{at}.jpg") for at in range(60)]
    for path in sources:
        path.write_text(path.name)
    runs = [start(source.parent.parent) for _ in range(2)]
    for run in runs:
        run.communicate(timeout=60)
        assert run.returncode == 0
    with opened() as ledger:
        assert {judge(job_of(path), ledger).action for path in sources} == {"keep"}


def test_a_killed_run_goes_on_where_it_was(source: Path, opened: OpenLedger) -> None:
    sources = [source, *(source.with_name(f"{at:02}.jpg") for at in range(60))]
    for path in sources:
        path.write_text(path.name)
    run = start(source.parent.parent)
    assert run.stdout is not None
    told = [run.stdout.readline().strip() for _ in range(20)]
    run.kill()
    rest = run.communicate(timeout=60)[0].split()
    with opened() as ledger:
        kept = {path.name for path in sources if judge(job_of(path), ledger).action == "keep"}
    assert {*told, *rest} <= kept
    assert start(source.parent.parent).communicate(timeout=60)[0].split() == sorted(
        path.name for path in sources if path.name not in kept
    )


def test_close_twice(tmp_path: Path) -> None:
    ledger = Ledger(str(tmp_path), str(tmp_path), "web")
    ledger.close()
    ledger.close()
