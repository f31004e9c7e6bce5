"""The orphans of a project go, those at least that are what was made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.cli import exits
from imgflow.cli.printing import flush, print_error, print_json, print_line
from imgflow.errors import StorageError
from imgflow.state import forget_orphans
from imgflow.wording import count_text

if TYPE_CHECKING:
    from imgflow.project import Project
    from imgflow.state import Orphan
    from imgflow.storage import Storage


def remove_orphans(project: Project, storage: Storage, *, dry_run: bool, as_json: bool) -> int:
    """Remove proven orphans, print what became of each, and return the exit code."""
    removed: list[Orphan] = []
    failed = 0
    for orphan in project.orphans():
        action = "removed" if orphan.proven else "left"
        message = "" if orphan.proven else "edited since it was made; remove it by hand"
        if orphan.proven and not dry_run:
            try:
                storage.delete(orphan.path)
            except StorageError as error:
                action, message = "failed", error.message
                failed += 1
            else:
                removed.append(orphan)
        _show(orphan, action, message, as_json=as_json)
    forget_orphans(removed, project.ledger)
    if not as_json:
        would = "would be " if dry_run else ""
        count = sum(orphan.proven for orphan in project.orphans()) if dry_run else len(removed)
        print_line(f"{count_text(count, 'file')} {would}removed")
    flush()
    return exits.FAILED if failed else exits.OK


def _show(orphan: Orphan, action: str, message: str, *, as_json: bool) -> None:
    if as_json:
        told = {"message": message} if message else {}
        print_json({"action": action, "path": orphan.path, "reason": orphan.reason, **told})
    elif action == "removed":
        print_line(f"{orphan.path}  ({orphan.reason})")
    else:
        print_error(f"{orphan.path}: {message}")
