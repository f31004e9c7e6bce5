"""A plan in words or as JSON: each source with what is to be done, and why."""

from __future__ import annotations

import collections
import itertools
from typing import TYPE_CHECKING, Any

from imgflow.cli import exits
from imgflow.cli.columns import print_text
from imgflow.cli.dry_run import foresee, print_files
from imgflow.cli.printing import flush, print_error, print_json, print_line
from imgflow.wording import count_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from imgflow.cli.opening import Opened
    from imgflow.preview import Preview
    from imgflow.project import Step
    from imgflow.state import Orphan

_OUTDATED = "manifest missing or out of date"


def show_plan(opened: Opened, *, as_json: bool) -> int:
    """Print what is to be done about each source and each orphan; return the exit code."""
    project, machine, storage = opened
    counts: collections.Counter[str] = collections.Counter()
    show = _write if as_json else _print
    for step in project.steps():
        kept = project.kept(step)
        plan = None if kept else foresee(step.job, storage, machine.limits)
        action = "fail" if plan and plan.error else step.verdict.action
        counts[action] += 1
        show(step, action, plan, [file.path for file in kept.outputs] if kept else [])
    written = set(counts) == {"keep"} and not project.has_manifest()
    if written:
        _show_manifest(project.recipe.manifest, as_json=as_json)
    orphans = project.orphans()
    counts["orphaned"] = len(orphans)
    if as_json:
        _write_orphans(orphans)
    else:
        print_orphans("orphan", orphans, _orphan_reason)
        _print_counts(counts, manifest=written)
    flush()
    return exits.FAILED if counts["fail"] else exits.OK


def _print(step: Step, action: str, plan: Preview | None, kept: list[str]) -> None:  # noqa: ARG001
    """Print a source, but for one of which nothing is to be done."""
    if plan is None:
        return
    if plan.error:
        print_error(f"fail    {plan.error.message} [{plan.error.code}]")
        return
    print_line(f"{action:<7} {step.job.input}")
    print_text("; ".join(step.verdict.reasons), indent=8)
    print_files(plan)


def print_orphans(word: str, orphans: Iterable[Orphan], reason_of: Callable[[Orphan], str]) -> None:
    """Print a word and the path of each orphan, with one reason for those that have the same."""
    for reason, group in itertools.groupby(orphans, reason_of):
        for orphan in group:
            print_line(f"{word:<8}{orphan.path}")
        print_text(reason, indent=8)


def _show_manifest(path: str, *, as_json: bool) -> None:
    """Print that the manifest is all that a run would write: of others it follows from them."""
    if as_json:
        print_json({"action": "update", "manifest": path, "reasons": [_OUTDATED]})
    else:
        print_line(f"update  {path}")
        print_text(_OUTDATED, indent=8)


def _print_counts(counts: collections.Counter[str], *, manifest: bool) -> None:
    words = {"create": "to create", "update": "to update", "keep": "up to date", "fail": "to fail"}
    parts = [f"{counts[action]:,} {word}" for action, word in words.items() if counts[action]]
    if counts["orphaned"]:
        parts.append(f"{count_text(counts['orphaned'], 'file')} orphaned")
    if manifest:
        parts.append("the manifest to write")
    print_line(", ".join(parts) if parts else "nothing to do")


def _write(step: Step, action: str, plan: Preview | None, kept: list[str]) -> None:
    found: dict[str, Any] = {"action": action, "input": step.job.input}
    found["reasons"] = step.verdict.reasons
    found["outputs"] = [file.path for file in plan.outputs] if plan else kept
    if plan and plan.error:
        found["error"] = plan.error
    print_json(found)


def _write_orphans(orphans: Iterable[Orphan]) -> None:
    for orphan in orphans:
        found = {"action": "orphaned", "path": orphan.path, "reasons": [orphan.reason]}
        print_json({**found, "removable": orphan.proven})


def _orphan_reason(orphan: Orphan) -> str:
    return orphan.reason if orphan.proven else f"{orphan.reason}; edited since, so it stays"
