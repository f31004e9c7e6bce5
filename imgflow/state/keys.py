"""The key of a job: equal keys mean equal outputs, on whatever day and machine."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imgflow.job import Job
    from imgflow.state.ledger import Ledger


def key_of(digest: str, terms: str, names: Mapping[str, str]) -> str:
    """Return the key for a source, terms and names in paths, in hex."""
    text = msgspec.json.encode((digest, terms, names), order="sorted")
    return hashlib.sha256(text).hexdigest()


def job_key(job: Job, ledger: Ledger) -> str:
    """Return the key of a job whose source is a file here, "" if that is missing.

    It depends on the bytes of the source, the steps, the outputs, the files that steps read,
    the versions of the software, and what paths take from the name of the source. It does not
    depend on the day, nor on the number of the source unless a path holds it.
    """
    digest = ledger.digest(job.input)
    terms = ledger.terms(job)
    return key_of(digest, terms.digest, terms.names(job)) if digest else ""
