"""Errors as HTTP tells them: RFC 9457 problem details. Status codes come from here."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec

from imgflow.errors import ImgflowError
from imgflow.recipe.problems import Problem, RecipeInvalid
from imgflow.server.replies import Reply

if TYPE_CHECKING:
    from collections.abc import Mapping

MEDIA_TYPE = "application/problem+json"
#: Seconds after which a client may try again what failed for now.
_RETRY_SECONDS = 2
_TYPE = "urn:imgflow:problem:"

_STATUS = {
    "batch-unknown": HTTPStatus.NOT_FOUND,
    "job-duplicate": HTTPStatus.CONFLICT,
    "job-ended": HTTPStatus.CONFLICT,
    "job-not-failed": HTTPStatus.CONFLICT,
    "job-unknown": HTTPStatus.NOT_FOUND,
    "not-allowed": HTTPStatus.FORBIDDEN,
    "queue-busy": HTTPStatus.TOO_MANY_REQUESTS,
    "recipe-lost": HTTPStatus.CONFLICT,
    "source-missing": HTTPStatus.NOT_FOUND,
    "webhook-unsigned": HTTPStatus.UNPROCESSABLE_ENTITY,
    **dict.fromkeys(
        (
            *("access-denied", "bucket-missing", "clock-skewed", "credentials-expired"),
            *("credentials-invalid", "credentials-missing", "object-archived", "request-refused"),
            *("tls-failed", "wrong-region"),
        ),
        HTTPStatus.BAD_GATEWAY,
    ),
    **dict.fromkeys(
        ("storage-busy", "storage-timeout", "storage-truncated", "storage-unreachable"),
        HTTPStatus.SERVICE_UNAVAILABLE,
    ),
    **dict.fromkeys(
        ("duplicate-key", "not-json", "not-utf-8", "too-deep", "too-many-keys"),
        HTTPStatus.BAD_REQUEST,
    ),
}
#: What is said of failures whose own words speak of the machines behind the server.
_INSIDE = {
    **dict.fromkeys(
        ("storage-busy", "storage-timeout", "storage-truncated", "storage-unreachable"),
        "The bucket cannot be reached; try again later.",
    ),
    "queue-full": "The queue is full; try again later.",
    "queue-unreachable": "The queue cannot be reached; try again later.",
}
_TROUBLE = "The queue failed; try again later."


class ProblemDetails(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What went wrong: RFC 9457, with a stable ``code``.

    ``problems`` are those of the request's body, each with its line and column there, and the
    path of the value.
    """

    type: str
    title: str
    status: int
    detail: str
    instance: str = ""
    code: str
    problems: tuple[Problem, ...] = ()


class Refused(ImgflowError):  # noqa: N818
    """A request that HTTP itself has a status for."""

    default_code = "refused"

    def __init__(
        self,
        status: HTTPStatus,
        code: str,
        message: str,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Keep the status and the headers of the reply."""
        super().__init__(message, code=code)
        self.status = status
        self.headers = dict(headers or {})


def explain(error: ImgflowError, instance: str = "") -> Reply:
    """Return the reply to a request that failed for a reason that is known."""
    status = status_of(error)
    headers = dict(error.headers) if isinstance(error, Refused) else {}
    if status in {HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS}:
        headers.setdefault("Retry-After", str(_RETRY_SECONDS))
    problems = error.problems if isinstance(error, RecipeInvalid) else ()
    code = _common_code(problems) or error.code
    details = ProblemDetails(
        type=_TYPE + code,
        title=code.replace("-", " ").capitalize(),
        status=status,
        detail=_detail(error, status, problems),
        instance=instance,
        code=code,
        problems=problems,
    )
    return Reply(status, msgspec.json.encode(details), headers, MEDIA_TYPE)


def explain_bug(instance: str = "") -> Reply:
    """Return the reply to a request that met a fault of ours: it tells nothing of it."""
    message = "imgflow itself failed; its log tells more."
    error = Refused(HTTPStatus.INTERNAL_SERVER_ERROR, "internal-error", message)
    return explain(error, instance)


def status_of(error: ImgflowError) -> HTTPStatus:
    """Return the status for an error, by its class and code."""
    if isinstance(error, Refused):
        return error.status
    if isinstance(error, RecipeInvalid):
        codes = [problem.code for problem in error.problems]
        known = [_STATUS[code] for code in codes if code in _STATUS]
        return known[0] if len(known) == len(codes) else HTTPStatus.UNPROCESSABLE_ENTITY
    if error.code in _STATUS:
        return _STATUS[error.code]
    if error.code.startswith("queue-"):
        return HTTPStatus.SERVICE_UNAVAILABLE
    return HTTPStatus.UNPROCESSABLE_ENTITY


def _common_code(problems: tuple[Problem, ...]) -> str:
    """Return the code of all problems, if they have one in common."""
    codes = {problem.code for problem in problems}
    return codes.pop() if len(codes) == 1 else ""


def _detail(error: ImgflowError, status: int, problems: tuple[Problem, ...]) -> str:
    if status == HTTPStatus.SERVICE_UNAVAILABLE and not isinstance(error, Refused):
        return _INSIDE.get(error.code, _TROUBLE)
    if not problems:
        return error.message
    more = len(problems) - 1
    rest = f" (and {more} more problem{'s' if more > 1 else ''})" if more else ""
    return f"{problems[0]}{rest}"
