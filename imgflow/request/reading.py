"""From the body of a request to jobs: quickly if it is sound, else with every fault placed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from imgflow.recipe.document import Document, build_document
from imgflow.recipe.findings import Findings
from imgflow.recipe.problems import Problem, RecipeInvalid
from imgflow.request.access import Access
from imgflow.request.body import BODY, demand_object, read_data, read_nodes, read_text
from imgflow.request.bounds import MOST_PROBLEMS, BoundedProblems
from imgflow.request.keys import MOST_JOBS, BatchKeys, JobKeys
from imgflow.request.order import Orders

if TYPE_CHECKING:
    from collections.abc import Callable

    from imgflow.queue.entries import Submission
    from imgflow.recipe.nodes import Node
    from imgflow.request.access import Permissions


class JobsRequest(NamedTuple):
    """The jobs that a request asked for; ``single`` if it was one object, not a list."""

    submissions: list[Submission]
    single: bool


def read_jobs(body: bytes, permissions: Permissions, new_id: Callable[[int], str]) -> JobsRequest:
    """Return the jobs of a request for one, or for a list of them.

    ``new_id`` gives the UUID of the job with a number. Raises RecipeInvalid with all
    problems, each with its line and column in the body.
    """
    text = read_text(body)
    data = read_data(text)
    reading = _Reading(text, Orders(Access(permissions), new_id))
    if not isinstance(data, list):
        return JobsRequest(reading.read([data], JobKeys, listed=False), single=True)
    if not 0 < len(data) <= MOST_JOBS:
        message = f"expected a list of 1 to {MOST_JOBS} jobs, found {len(data)}"
        code = "too-many" if data else "too-few"
        raise _invalid(code, message, text)
    return JobsRequest(reading.read(data, JobKeys, listed=True), single=False)


def read_batch(
    body: bytes, permissions: Permissions, new_id: Callable[[int], str]
) -> list[Submission]:
    """Return the jobs of a request for a batch; see read_jobs."""
    text = read_text(body)
    reading = _Reading(text, Orders(Access(permissions), new_id))
    return reading.read([read_data(text)], BatchKeys, listed=False)


class _Reading:
    """Reads the requests of one body."""

    def __init__(self, text: str, orders: Orders) -> None:
        self._text = text
        self._orders = orders
        self._root: Node | None = None

    def read(
        self, items: list[Any], cls: type[JobKeys | BatchKeys], *, listed: bool
    ) -> list[Submission]:
        submissions: list[Submission] = []
        problems: list[Problem] = []
        for at, item in enumerate(items):
            try:
                submissions += self._item(item, at if listed else None, cls)
            except RecipeInvalid as error:
                problems += error.problems
            if len(problems) >= MOST_PROBLEMS:
                break
        if problems:
            raise RecipeInvalid(problems[:MOST_PROBLEMS], {BODY: self._text})
        return submissions

    def _item(
        self,
        item: Any,  # noqa: ANN401
        at: int | None,
        cls: type[JobKeys | BatchKeys],
    ) -> list[Submission]:
        """Read one request; with places if there is anything wrong, or a recipe to merge in it."""
        if isinstance(item, dict) and not isinstance(item.get("recipe"), dict):
            try:
                findings = Findings({}, BoundedProblems(most=1))
                document = Document(BODY, self._text, item, {}, findings)
                return self._orders.take(document, cls)
            except RecipeInvalid:
                pass
        if self._root is None:
            self._root = read_nodes(self._text)
        node = self._root if at is None or self._root.items is None else self._root.items[at]
        prefix = "" if at is None else f"[{at}]"
        demand_object(node, "an object that asks for a job", self._text, prefix)
        return self._orders.take(self._placed(node), cls, prefix)

    def _placed(self, node: Node) -> Document:
        found = build_document(node, self._text, BODY)
        problems = BoundedProblems(found.findings.problems)
        findings = Findings(found.places, problems, found.findings.faulty)
        return Document(BODY, self._text, found.data, found.places, findings)


def _invalid(code: str, message: str, text: str) -> RecipeInvalid:
    problem = Problem(code=code, message=message, file=BODY, line=1, column=1)
    return RecipeInvalid([problem], {BODY: text})
