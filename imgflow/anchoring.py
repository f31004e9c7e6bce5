"""Jobs that mean the same wherever they run: no path depends on the working directory."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import msgspec

from imgflow.operations import parse_steps

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imgflow.job import Job, Output


def anchor(job: Job, folder: str) -> Job:
    """Return a job whose paths, and those that its steps read, are absolute below a folder.

    URIs are left alone.
    """
    return msgspec.structs.replace(
        job,
        input=anchored(job.input, folder),
        steps=_steps(job.steps, folder),
        outputs=tuple(_output(output, folder) for output in job.outputs),
    )


def anchored(path: str, folder: str) -> str:
    """Return an absolute path; a URI as it is."""
    if "://" in path:
        return path
    return os.path.normpath(os.path.join(folder, path))


def _output(output: Output, folder: str) -> Output:
    absolute = os.path.isabs(output.path) or "://" in output.path
    path = output.path if absolute else f"{folder}/{output.path}"
    root = anchored(output.root, folder) if output.root or not absolute else ""
    return msgspec.structs.replace(output, path=path, root=root, steps=_steps(output.steps, folder))


def _steps(chain: tuple[dict[str, Any], ...], folder: str) -> tuple[dict[str, Any], ...]:
    steps = zip(chain, parse_steps(chain), strict=True)
    return tuple(_step(fields, step.files(), folder) for fields, step in steps)


def _step(fields: dict[str, Any], files: Iterable[str], folder: str) -> dict[str, Any]:
    known = {name: anchored(name, folder) for name in files}
    return {
        key: known.get(value, value) if isinstance(value, str) else value
        for key, value in fields.items()
    }
