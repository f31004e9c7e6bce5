"""What the parent hands to a worker process: how to work, and the jobs themselves."""

from __future__ import annotations

import msgspec

from imgflow.job import Job
from imgflow.limits import Limits
from imgflow.runner.board import Berth

#: The function that does a job, one that does all of it but write, and one that does not even
#: encode.
EXECUTE = "imgflow.execute:execute"
REHEARSAL = "imgflow.runner.rehearsal:rehearse"
PROOF = "imgflow.runner.proof:prove"


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """How the processes of a pool work; ``work`` names a function as ``module:function``.

    If there are ``allow`` prefixes, only what is below one of them is read or written.
    Otherwise all public hosts of the web may be, and what ``hosts`` are prefixes of.
    ``stores`` is a file of S3 stores, see :mod:`imgflow.storage.stores`.
    """

    limits: Limits
    work: str = EXECUTE
    allow: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    stores: str = ""


class Errand(msgspec.Struct, frozen=True, array_like=True):
    """A job to do, and its place on the board of the pool, if it has one."""

    job: Job
    berth: Berth | None = None
