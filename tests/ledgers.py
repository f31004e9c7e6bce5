"""Jobs for tests of the ledger, and a stand-in for the work: it writes what it can be told by."""

from __future__ import annotations

import hashlib
import os
import time
from typing import TYPE_CHECKING, Any

import msgspec

from imgflow.job import Job, Output, Result, Written
from imgflow.naming import source_fields
from imgflow.state import restored
from imgflow.storage import LocalStorage
from imgflow.template import parse_template

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from imgflow.state import Ledger, Vault
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


def settle() -> None:
    """Wait until changes show in the clock of the file system."""
    time.sleep(0.03)
