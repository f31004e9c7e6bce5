"""What one request orders: jobs, ready to be queued."""

from __future__ import annotations

import datetime as dt
import os
from typing import TYPE_CHECKING

from imgflow.job import Job
from imgflow.queue.entries import Submission
from imgflow.recipe.findings import Findings
from imgflow.recipe.placement import check_sources
from imgflow.recipe.places import place_of
from imgflow.recipe.problems import RecipeInvalid
from imgflow.request.access import as_asked
from imgflow.request.bounds import EnoughProblems
from imgflow.request.folders import check_folders
from imgflow.request.keys import JobKeys
from imgflow.request.lens import NAMED, lens_of, relabel
from imgflow.request.named import NamedSources
from imgflow.request.own_keys import read_keys
from imgflow.request.work import Workshop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from imgflow.recipe.document import Document
    from imgflow.request.access import Access
    from imgflow.request.keys import BatchKeys
    from imgflow.request.work import Work


class Orders:
    """Takes the requests of one body, one after the other.

    ``new_id`` gives a job its UUID by its number in the body.
    """

    def __init__(self, access: Access, new_id: Callable[[int], str]) -> None:
        """Count jobs from 0."""
        self._access = access
        self._workshop = Workshop(access)
        self._new_id = new_id
        self._count = 0
        self._date = dt.datetime.now(dt.UTC).date().isoformat()

    def take(
        self, request: Document, cls: type[JobKeys | BatchKeys], prefix: str = ""
    ) -> list[Submission]:
        """Return the jobs that a request asks for.

        Raises RecipeInvalid with problems whose paths begin with ``prefix``.
        """
        try:
            keys = read_keys(request, cls)
            inputs = self._inputs(request) if keys else []
            webhook = self._webhook(request)
        except EnoughProblems:
            keys, inputs, webhook = None, [], ""
        if keys is None or request.findings.errors:
            raise _invalid(request, prefix)
        try:
            work = self._workshop.work(request, prefix)
            if work is not None:
                self._check_placement(request, work, inputs)
        except EnoughProblems:
            work = None
        if work is None or request.findings.errors:
            raise _invalid(request, prefix)
        return list(self._submissions(keys, work, inputs, webhook))

    def _inputs(self, request: Document) -> list[str]:
        """Return the inputs in normal form; reports those that are not allowed."""
        if "input" in request.data:
            uri = self._access.checked(request.data["input"], ("input",), request.findings)
            return [uri]
        return [
            self._access.checked(uri, ("inputs", at), request.findings)
            for at, uri in enumerate(request.data["inputs"])
        ]

    def _webhook(self, request: Document) -> str:
        url = request.data.get("webhook")
        if not isinstance(url, str):
            return ""
        return self._access.checked_webhook(url, request.findings)

    def _check_placement(self, request: Document, work: Work, inputs: Sequence[str]) -> None:
        """Report outputs that would go to one path, or onto an input."""
        if _apart(work, inputs):
            return
        lens = lens_of(request.data)
        keys = lens.to_request(("outputs",))
        check_folders(work, inputs, keys, self._access, request.findings)
        places = lens.places(request.places)
        if lens is NAMED:
            places = {(): place_of(request.places, ("recipe",))}
        findings = Findings(places)
        sources = NamedSources(inputs)
        check_sources(work.variants, sources, sources, findings)
        for problem in findings.problems:
            request.findings.problems.append(relabel(problem, lens, request.places))

    def _submissions(
        self, keys: JobKeys | BatchKeys, work: Work, inputs: Sequence[str], webhook: str
    ) -> Iterator[Submission]:
        asked = [keys.input] if isinstance(keys, JobKeys) else keys.inputs
        for index, uri in enumerate(inputs):
            job = Job(
                input=as_asked(asked[index], uri),
                outputs=work.outputs,
                index=index,
                recipe=work.recipe,
                date=self._date,
                orient=work.orient,
                force=keys.force,
                steps=work.steps,
            )
            yield Submission(
                job=job,
                id=self._new_id(self._count),
                priority=keys.priority,
                version=version_of([uri, *work.files]),
                dedupe=keys.dedupe,
                ttl=keys.ttl,
                dedupe_window=keys.dedupe_window,
                webhook=webhook,
            )
            self._count += 1


def _apart(work: Work, inputs: Sequence[str]) -> bool:
    """Tell at a glance that one input goes to one other path."""
    if inputs[1:] or work.variants[1:]:
        return False
    path = work.variants[0].output.path
    return "{" not in path and path != inputs[0]


def version_of(paths: Sequence[str]) -> str:
    """Return what tells whether files of this machine have changed; '' if none is here.

    Without it, a file that was replaced would be answered for by the job of the old one.
    """
    found = []
    for path in paths:
        if path.startswith("/"):
            try:
                info = os.stat(path)
            except (OSError, ValueError):
                continue
            found.append(f"{info.st_size}-{info.st_mtime_ns}")
    return ",".join(found)


def _invalid(request: Document, prefix: str) -> RecipeInvalid:
    problems = [relabel(one, NAMED, {}, prefix) for one in request.findings.problems]
    return RecipeInvalid(problems, {request.file: request.text})
