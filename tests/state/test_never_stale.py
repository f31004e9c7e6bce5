"""Whatever happens to files and recipes: what is called fresh is what a run would make."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from ledgers import expected, job_of, make

from imgflow.state import Ledger, Vault, fresh_result, judge, record, restored
from imgflow.storage import LocalStorage, MemoryStorage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgflow.job import Job

_NAMES = st.sampled_from(["a.jpg", "b.jpg", "c.jpg"])
_CONTENTS = st.sampled_from([b"one", b"two", b"six", b"eleven"])


class Life(RuleBasedStateMachine):
    """A folder, edited at once before and after it is judged, with no time between."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp())
        self.photos = self.root / "photos"
        self.photos.mkdir()
        self.width = 800
        self.date = "2026-01-01"
        self.vault = Vault(MemoryStorage(), "memory://vault")
        self.ledger = self.opened()

    def opened(self) -> Ledger:
        return Ledger(str(self.root / ".imgflow"), str(self.root), "web")

    def job(self, path: Path) -> Job:
        return job_of(path, self.width, date=self.date)

    def outputs(self) -> list[Path]:
        return sorted((self.root / "dist").glob("*"))

    @rule(name=_NAMES, content=_CONTENTS, set_back=st.booleans(), in_place=st.booleans())
    def edit_source(self, name: str, content: bytes, *, set_back: bool, in_place: bool) -> None:
        self.edit(self.photos / name, content, set_back=set_back, in_place=in_place)

    @rule(data=st.data(), set_back=st.booleans(), in_place=st.booleans())
    def edit_output(self, data: st.DataObject, *, set_back: bool, in_place: bool) -> None:
        if files := self.outputs():
            path = data.draw(st.sampled_from(files))
            content = path.read_bytes()[::-1]
            self.edit(path, content, set_back=set_back, in_place=in_place)

    def edit(self, path: Path, content: bytes, *, set_back: bool, in_place: bool) -> None:
        before = path.stat() if path.exists() else None
        if not in_place:
            path.unlink(missing_ok=True)
        path.write_bytes(content)
        if before and set_back:
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    @rule(one=_NAMES, two=_NAMES)
    def rename(self, one: str, two: str) -> None:
        if (self.photos / one).exists():
            (self.photos / one).rename(self.photos / two)

    @rule(data=st.data())
    def swap_outputs(self, data: st.DataObject) -> None:
        if files := self.outputs():
            one, two = (data.draw(st.sampled_from(files)) for _ in range(2))
            one.rename(two)

    @rule(width=st.sampled_from([400, 800]))
    def change_recipe(self, width: int) -> None:
        self.width = width

    @rule(day=st.integers(1, 9))
    def sleep(self, day: int) -> None:
        self.date = f"2026-01-0{day}"

    @rule()
    def reopen(self) -> None:
        self.ledger.close()
        self.ledger = self.opened()

    @rule()
    def lose_the_ledger(self) -> None:
        self.ledger.close()
        shutil.rmtree(self.root / ".imgflow", ignore_errors=True)
        self.ledger = self.opened()

    @rule(data=st.data(), content=_CONTENTS, when=st.sampled_from(["never", "before", "after"]))
    def run(self, data: st.DataObject, content: bytes, when: str) -> None:
        for job, found in restored(self.stale(), self.ledger, self.vault, LocalStorage()):
            path = Path(job.input)
            if found:
                continue
            if when == "before" and data.draw(st.booleans()):
                path.write_bytes(content)
            result = make(job)
            if when == "after" and data.draw(st.booleans()):
                path.write_bytes(content)
            if record(job, result, self.ledger):
                made = self.ledger.lookup(job.input)
                assert made is not None
                self.vault.keep(made, self.ledger.home)
        self.vault.settle()

    def stale(self) -> Iterator[Job]:
        for path in sorted(self.photos.iterdir()):
            if judge(self.job(path), self.ledger).action != "keep":
                yield self.job(path)

    @rule()
    def run_twice(self) -> None:
        """Nothing is left to do after a run that nobody disturbed."""
        for path in sorted(self.photos.iterdir()):
            job = self.job(path)
            if judge(job, self.ledger).action != "keep":
                assert record(job, make(job), self.ledger)
        self.reopen()
        for path in sorted(self.photos.iterdir()):
            assert judge(self.job(path), self.ledger).action == "keep"

    @invariant()
    def what_is_fresh_is_right(self) -> None:
        for path in sorted(self.photos.iterdir()):
            job = self.job(path)
            result = fresh_result(job, self.ledger)
            if result is None:
                continue
            for written, output in zip(result.outputs, job.outputs, strict=True):
                content = Path(written.path).read_bytes()
                assert content == expected(job, output)
                assert len(content) == written.bytes

    def teardown(self) -> None:
        self.ledger.close()
        shutil.rmtree(self.root)


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)


def test_a_record_is_plain_json(tmp_path: Path) -> None:
    source = tmp_path / "photos" / "a.jpg"
    source.parent.mkdir()
    source.write_bytes(b"x")
    with Ledger(str(tmp_path / ".imgflow"), str(tmp_path), "web") as ledger:
        judge(job_of(source), ledger)
        assert record(job_of(source), make(job_of(source)), ledger)
        made = ledger.lookup(str(source))
        assert made is not None
        assert msgspec.json.decode(msgspec.json.encode(made), type=type(made)) == made
