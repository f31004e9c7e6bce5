"""The orphans of a project go, those at least that are what was made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.cli import exits
from imgflow.cli.planning import print_orphans
from imgflow.cli.printing import flush, print_error, print_json, print_line
from imgflow.errors import StorageError
from imgflow.state import forget_orphans
from imgflow.wording import count_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imgflow.project import Project
    from imgflow.state import Orphan
    from imgflow.storage import Storage

_EDITED = "edited since it was made; remove it by hand"


def remove_orphans(project: Project, storage: Storage, *, dry_run: bool, as_json: bool) -> int:
    """Remove proven orphans, print what became of each, and return the exit code."""
    removed: list[Orphan] = []
    faults: dict[Orphan, str] = {}
    orphans, word = project.orphans(), "remove" if dry_run else "removed"
    for orphan in orphans:
        try:
            if orphan.proven and not dry_run:
                storage.delete(orphan.path)
        except StorageError as error:
            faults[orphan] = error.message
        else:
            removed += [orphan] if orphan.proven else []
    if not dry_run:
        forget_orphans(removed, project.ledger)
    if as_json:
        _write(orphans, faults, word)
    else:
        print_orphans(word, removed, lambda orphan: orphan.reason)
        for orphan in orphans:
            if not orphan.proven or orphan in faults:
                print_error(faults.get(orphan, f"{orphan.path}: {_EDITED}"))
        print_line(f"{count_text(len(removed), 'file')} {'to remove' if dry_run else 'removed'}")
    flush()
    return exits.FAILED if faults else exits.OK


def _write(orphans: Iterable[Orphan], faults: dict[Orphan, str], word: str) -> None:
    for orphan in orphans:
        action, message = (word, "") if orphan.proven else ("left", _EDITED)
        if orphan in faults:
            action, message = "failed", faults[orphan]
        told = {"message": message} if message else {}
        print_json({"action": action, "path": orphan.path, "reason": orphan.reason, **told})
