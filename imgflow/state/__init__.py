"""What is up to date, and why not: a ledger of what was made, and files that speak for it."""

from imgflow.state.failures import failures, forget_failures
from imgflow.state.keys import job_key
from imgflow.state.ledger import Ledger
from imgflow.state.orphans import Orphan, forget_orphans, orphans
from imgflow.state.recording import record
from imgflow.state.records import JobRecord, OutputRecord, SourceRecord
from imgflow.state.restoring import restored
from imgflow.state.rows import is_writable
from imgflow.state.stamp import Stamp
from imgflow.state.vault import Parcel, Vault
from imgflow.state.verdict import Action, Verdict, fresh_result, judge, kept_result

__all__ = [
    "Action",
    "JobRecord",
    "Ledger",
    "Orphan",
    "OutputRecord",
    "Parcel",
    "SourceRecord",
    "Stamp",
    "Vault",
    "Verdict",
    "failures",
    "forget_failures",
    "forget_orphans",
    "fresh_result",
    "is_writable",
    "job_key",
    "judge",
    "kept_result",
    "orphans",
    "record",
    "restored",
]
