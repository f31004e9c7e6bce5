"""From jobs and their results to a manifest."""

from __future__ import annotations

import collections
import os
from typing import TYPE_CHECKING

from imgflow.encoders import ENCODERS
from imgflow.manifest.manifest import Entry, Manifest, Variant, integrity_of
from imgflow.uris import base_name, is_remote, scheme_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imgflow.job import Job, Result, SourceFacts, Written


def build_manifest(done: Iterable[tuple[Job, Result]], folder: str = "") -> Manifest:
    """Return the manifest of jobs that asked for ``facts``; those that failed are left out.

    ``folder`` is that of the manifest, which paths are relative to. Sources that have a name in
    common go by their whole paths.
    """
    found = [(job, result, result.source) for job, result in done if result.source]
    names = [job.relative or base_name(job.input) for job, _, _ in found]
    often = collections.Counter(names)
    entries = {
        name if often[name] == 1 else job.input: _describe(job, result, facts, folder)
        for name, (job, result, facts) in zip(names, found, strict=True)
    }
    return Manifest(sources=dict(sorted(entries.items())))


def _describe(job: Job, result: Result, facts: SourceFacts, folder: str) -> Entry:
    return Entry(
        width=facts.width,
        height=facts.height,
        format=facts.format,
        bytes=result.input_bytes,
        sha256=facts.digest,
        placeholders=facts.placeholders,
        variants=tuple(_variant(written, folder) for written in result.outputs),
        alt=job.alt,
    )


def _variant(written: Written, folder: str) -> Variant:
    return Variant(
        path=_relative(written.path, folder),
        name=written.name,
        format=written.format,
        type=ENCODERS[written.format].capabilities.media_type,
        width=written.width,
        height=written.height,
        bytes=written.bytes,
        score=written.score,
        sha256=written.sha256,
        integrity=integrity_of(written.sha256),
    )


def _relative(path: str, folder: str) -> str:
    """Return a path as seen from a folder; a URI stays whole unless it lies below it."""
    if is_remote(path) or scheme_of(path) or scheme_of(folder):
        return path.removeprefix(folder.rstrip("/") + "/") if folder else path
    return os.path.relpath(path, folder or ".").replace(os.sep, "/")
