"""A storage, and steps, that keep to the places that are allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.operations import parse_steps
from imgflow.runner.watched import WatchedStorage

if TYPE_CHECKING:
    from imgflow.guard import Allowed
    from imgflow.job import Job
    from imgflow.storage import Storage


class AllowedStorage(WatchedStorage):
    """Passes on what is under an allowed prefix, in normal form, and refuses the rest.

    Every method raises StorageError with the code ``not-allowed`` or ``bad-uri``. Links are
    followed by the check; who may put links into an allowed folder while it is used can
    get around it.
    """

    def __init__(self, storage: Storage, allowed: Allowed) -> None:
        """Guard ``storage``."""
        super().__init__(storage)
        self._allowed = allowed

    def check(self, uri: str) -> str:
        """Return the normal form of a URI that is allowed."""
        return self._allowed.check(uri)


def check_files(job: Job, allowed: Allowed) -> None:
    """Raise StorageError if a step reads a file, an overlay or a font, that is not allowed."""
    chains = (job.steps, *(output.steps for output in job.outputs))
    for chain in chains:
        for step in parse_steps(chain):
            for path in step.files():
                allowed.check(path)
