"""Go through a project without changing anything, and tell what is not as it should be."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from imgflow.check.checked import Checked
from imgflow.check.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from imgflow.budgets import Breach
    from imgflow.check.checked import Commands
    from imgflow.job import Job, Result
    from imgflow.project import Project, Step
    from imgflow.state import Orphan
    from imgflow.storage import Storage

    #: Tries jobs without writing anything, and yields how that went, in any order.
    Prove = Callable[[list[Job]], Iterable[Result]]


def check(project: Project, storage: Storage, prove: Prove, commands: Commands) -> Checked:
    """Return what is not up to date, over budget, cannot be processed or is made no more.

    Only sources with something to do are handed to ``prove``, see
    :func:`imgflow.runner.proof.prove`; those that fail there are no more called stale, as no run
    would help them. Budgets are judged by the files that are up to date. Raises RecipeError.
    """
    sources, stale = [], {}
    for step in project.steps():
        source = _name(step.job)
        sources.append(source)
        if project.kept(step) is None:
            stale[source] = step
    failures = {
        result.input: _failure(result)
        for result in prove([step.job for step in stale.values()])
        if result.status == "failed"
    }
    findings = [
        *(failures[source] for source in sources if source in failures),
        *(_breach(breach, project.recipe.file) for breach in project.breaches()),
        *(
            _stale(source, step, commands)
            for source, step in stale.items()
            if source not in failures
        ),
        *_manifest(project, storage, commands, partly=stale.keys() != failures.keys()),
        *(_orphan(orphan, commands) for orphan in project.orphans()),
    ]
    recipe = project.recipe
    return Checked(recipe.file, recipe.name, tuple(sources), tuple(findings), commands)


def _name(job: Job) -> str:
    """Return what results call a source, one whose name is no text included."""
    return os.fsencode(job.input).decode(errors="backslashreplace")


def _failure(result: Result) -> Finding:
    code, message = "failed", f"{result.input}: cannot be processed"
    if result.error:
        code, message = result.error.code, result.error.message
    return Finding(kind="failed", code=code, message=message, source=result.input)


def _breach(breach: Breach, recipe: str) -> Finding:
    return Finding(
        kind="budget",
        code=breach.budget,
        message=breach.message,
        hint=f"make it cheaper or better, or change budgets.{breach.budget} in {recipe}",
        source=breach.source,
        path=breach.path,
    )


def _stale(source: str, step: Step, commands: Commands) -> Finding:
    code, expected, found = "stale", "files that are up to date", ", ".join(step.verdict.reasons)
    if step.verdict.action == "create":
        code, expected, found = "never-made", "files made of it", "none"
    return Finding(
        kind="stale",
        code=code,
        message=f"{source}: expected {expected}, found {found}",
        hint=f"run: {commands.run}",
        source=source,
    )


def _manifest(
    project: Project, storage: Storage, commands: Commands, *, partly: bool
) -> Iterator[Finding]:
    """Tell of the manifest; while sources are stale (``partly``), only that it is missing."""
    path = project.recipe.manifest
    if not path:
        return
    missing = storage.stat(path) is None
    if missing or not (partly or project.has_manifest()):
        found = "none" if missing else "one that says something else"
        yield Finding(
            kind="manifest",
            code="manifest-missing" if missing else "manifest-differs",
            message=f"{path}: expected the manifest of all sources, found {found}",
            hint=f"run: {commands.run}",
            path=path,
        )


def _orphan(orphan: Orphan, commands: Commands) -> Finding:
    path, found = _nearby(orphan.path), f"one that it made once ({orphan.reason})"
    if orphan.proven:
        hint = f"run: {commands.clean}"
    else:
        found, hint = f"{found} and that was edited since", "remove it if nobody needs it"
    return Finding(
        kind="orphan",
        code="orphan" if orphan.proven else "orphan-edited",
        message=f"{path}: expected only files that the recipe makes, found {found}",
        hint=hint,
        path=path,
    )


def _nearby(path: str) -> str:
    """Return a path from the working directory, where it is below that."""
    near = os.path.relpath(path)
    return path if near.startswith(os.pardir) else near
