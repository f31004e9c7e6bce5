"""Jobs for tests of the ledger, and a stand-in for the work: it writes what it can be told by."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from typing import TYPE_CHECKING, Any, Self

import msgspec

from imgflow.job import Job, Output, Result, Written
from imgflow.naming import source_fields
from imgflow.state import Ledger, judge, record, restored
from imgflow.storage import LocalStorage
from imgflow.template import parse_template

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from imgflow.state import JobRecord, Vault
    from imgflow.storage import Storage

    OpenLedger = Callable[..., AbstractContextManager[Ledger]]


def job_of(source: Path, width: int = 800, **changes: Any) -> Job:
    """Return a job with two outputs beside the folder of the source."""
    out = source.parent.parent / "dist"
    fields: dict[str, Any] = {
        "input": str(source),
        "relative": source.name,
        "date": "2026-01-01",
        "steps": ({"op": "resize", "width": width},),
        "outputs": tuple(
            Output(path=f"{out}/{{stem}}.{kind}", root=str(out), encoder={"format": kind})
            for kind in ("webp", "avif")
        ),
    }
    return Job(**{**fields, **changes})


def expected(job: Job, output: Output) -> bytes:
    """Return what stands for the bytes of an output: all that they depend on."""
    with open(job.input, "rb") as file:
        source = file.read()
    said = msgspec.json.encode((job.orient, job.steps, output.steps, output.encoder))
    return hashlib.sha256(source + said).hexdigest().encode() * 4


def make(job: Job) -> Result:
    """Write all outputs of a job, and return what it came to."""
    written = []
    for output in job.outputs:
        data = expected(job, output)
        path = parse_template(output.path).render(source_fields(job))
        LocalStorage().write(path, data)
        written.append(
            Written(
                path=path,
                format=str((output.encoder or {}).get("format")),
                width=8,
                height=6,
                bytes=len(data),
                sha256=hashlib.sha256(data).hexdigest(),
            )
        )
    return Result(
        status="completed",
        input=job.input,
        input_bytes=os.path.getsize(job.input),
        outputs=tuple(written),
        seconds=0.5,
    )


def restore(job: Job, ledger: Ledger, vault: Vault, storage: Storage) -> Result | None:
    """Return what one job comes to if its outputs are in a vault."""
    [(_, result)] = restored([job], ledger, vault, storage)
    return result


class Clone:
    """A folder with sources that are the same in each, and a ledger of its own."""

    def __init__(self, folder: Path, count: int = 1) -> None:
        self.folder = folder
        (folder / "photos").mkdir(parents=True, exist_ok=True)
        self.sources = [folder / "photos" / f"{at:02}.jpg" for at in range(count)]
        for path in self.sources:
            path.write_text(f"the pixels of {path.name}")
        self.ledger = Ledger(str(folder / ".imgflow"), str(folder), "web")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.ledger.close()

    def jobs(self) -> list[Job]:
        return [job_of(path) for path in self.sources]

    def do(self, job: Job) -> JobRecord:
        """Do a job, and return what the ledger says of it."""
        judge(job, self.ledger)
        assert record(job, make(job), self.ledger)
        made = self.ledger.lookup(job.input)
        assert made is not None
        return made

    def fill(self, vault: Vault) -> None:
        """Do all jobs, and keep what they made."""
        for job in self.jobs():
            vault.keep(self.do(job), self.ledger.home)
        vault.settle()

    def files(self) -> dict[str, bytes]:
        """Return all outputs that are there; what a killed process was writing is none."""
        found = (self.folder / "dist").glob("*")
        return {path.name: path.read_bytes() for path in found if path.suffix != ".imgflow-tmp"}

    def expected(self) -> dict[str, bytes]:
        """Return all outputs that there should be."""
        return {
            parse_template(output.path).render(source_fields(job)).rpartition("/")[2]: expected(
                job, output
            )
            for job in self.jobs()
            for output in job.outputs
        }


def threads() -> list[str]:
    """Return the names of threads that are alive and move files from or to a vault."""
    ours = ("imgflow-keep", "imgflow-restore")
    return [one.name for one in threading.enumerate() if one.name.startswith(ours)]


def settle() -> None:
    """Wait until changes show in the clock of the file system."""
    time.sleep(0.03)
