"""A job whose outputs are in a vault need not be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from imgflow.state.keys import job_key
from imgflow.state.orphans import is_proven
from imgflow.state.verdict import kept_result
from imgflow.template import parse_template, stays_inside
from imgflow.uris import is_remote

if TYPE_CHECKING:
    from imgflow.job import Job, Result
    from imgflow.state.ledger import Ledger
    from imgflow.state.vault import Vault
    from imgflow.storage import Storage


def restore(job: Job, ledger: Ledger, vault: Vault, storage: Storage) -> Result | None:
    """Write the outputs of a job as they are kept, and record them; None if they are not.

    Files go where they went when they were made, which must be a place that the job may write
    to. Raises StorageError.
    """
    if job.force or is_remote(job.input) or any(is_remote(one.path) for one in job.outputs):
        return None
    key = job_key(job, ledger)
    parcel = vault.fetch(key) if key else None
    if parcel is None:
        return None
    made = msgspec.structs.replace(parcel.made, source=ledger.home.name(job.input))
    result = kept_result(job, made, ledger)
    if not all(_is_allowed(job, one.path) for one in result.outputs):
        return None
    for output, data in zip(made.outputs, parcel.files, strict=True):
        path = ledger.home.path(output.path)
        if not is_proven(output, path):
            storage.write(path, data)
    ledger.record(made, ledger.terms(job))
    return result


def _is_allowed(job: Job, path: str) -> bool:
    roots = [one.root or parse_template(one.path).root for one in job.outputs]
    return path != job.input and any(stays_inside(path, root) for root in roots)
