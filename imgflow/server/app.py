"""The application: routes around a queue, behind the gate."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route as Endpoint

from imgflow.errors import ImgflowError
from imgflow.server.bodies import read_body
from imgflow.server.depot import open_depot
from imgflow.server.desk import Call, Ceiling, Desk
from imgflow.server.files import read_output, show_page
from imgflow.server.gate import Admission, Gate
from imgflow.server.jobs import find_job
from imgflow.server.journal import RequestLog
from imgflow.server.openapi import openapi_document
from imgflow.server.outer import Outer
from imgflow.server.problems import Refused, explain, explain_bug
from imgflow.server.replies import Reply, reply_json
from imgflow.server.streams import Broadcast
from imgflow.server.table import ROUTES
from imgflow.server.views import OVERVIEW, Views

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.requests import Request
    from starlette.types import ASGIApp

    from imgflow.queue import Queue
    from imgflow.request import Permissions
    from imgflow.server.depot import Depot
    from imgflow.server.table import Route

    Handler = Callable[[Call], Reply]

#: Seconds between looks at what streams tell of.
_JOB_SECONDS, _OVERVIEW_SECONDS = 0.25, 1.0
_LAST_EVENT = "end"
#: A path answers to all of them, so that ``DELETE /jobs/failed`` is not taken for that of a job.
_METHODS = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"]


class Service(NamedTuple):
    """An application, and how its streams are ended before it stops."""

    app: ASGIApp
    close: Callable[[], None]


def build_service(
    queue: Queue,
    permissions: Permissions,
    admission: Admission = Admission(),  # noqa: B008 - it is frozen
    *,
    max_depth: int | None = None,
    depot: Depot | None = None,
) -> Service:
    """Return the HTTP endpoint of a queue, as an ASGI application."""
    desk = Desk(
        queue,
        permissions,
        Ceiling(queue, max_depth),
        depot or open_depot({}, "", permissions.allowed),
    )
    views = Views(queue)
    jobs = Broadcast(views.jobs, _JOB_SECONDS)
    overview = Broadcast(views.overview, _OVERVIEW_SECONDS)
    streams = _Streams(desk, jobs, overview, secured=bool(admission.tokens))
    routes = [
        *(_endpoint(desk, path, routes) for path, routes in _by_path(ROUTES).items()),
        *streams.routes(),
        _plain(desk, "/", show_page),
        _plain(desk, "/page/{file}", show_page),
        _plain(desk, "/jobs/{id}/outputs/{index}", read_output),
    ]
    app = Starlette(
        routes=routes,
        exception_handlers={HTTPException: _refuse, ImgflowError: _explain, Exception: _hide},
    )
    app.router.redirect_slashes = False

    def close() -> None:
        jobs.close()
        overview.close()

    return Service(Outer(Gate(app, admission), RequestLog()), close)


class _Streams:
    """Endpoints that are no plain calls in a thread."""

    def __init__(self, desk: Desk, jobs: Broadcast, overview: Broadcast, *, secured: bool) -> None:
        self._desk = desk
        self._jobs = jobs
        self._overview = overview
        self._secured = secured

    def routes(self) -> list[Endpoint]:
        return [
            Endpoint("/livez", self.alive, methods=["GET"]),
            Endpoint("/openapi.json", self.document, methods=["GET"]),
            Endpoint("/events", self.queue_events, methods=["GET"]),
            Endpoint("/jobs/{id}/events", self.job_events, methods=["GET"]),
        ]

    async def alive(self, request: Request) -> Response:  # noqa: ARG002
        return reply_json(HTTPStatus.OK, {"status": "alive"}).response()

    async def document(self, request: Request) -> Response:  # noqa: ARG002
        document = openapi_document(secured=self._secured)
        return Reply(HTTPStatus.OK, document).response()

    async def queue_events(self, request: Request) -> Response:  # noqa: ARG002
        return self._overview.response(OVERVIEW)

    async def job_events(self, request: Request) -> Response:
        """Follow a job; a browser that comes back after the last event is told to stay away."""
        if request.headers.get("last-event-id") == _LAST_EVENT:
            return Response(status_code=HTTPStatus.NO_CONTENT)
        status = await run_in_threadpool(find_job, _call(self._desk, request, b""))
        return self._jobs.response(status.job_id)


def _by_path(table: Sequence[Route]) -> dict[str, list[Route]]:
    """Put together the methods of each path, so that all of them are told to who uses another."""
    paths: dict[str, list[Route]] = {}
    for route in table:
        paths.setdefault(route.path, []).append(route)
    return paths


def _endpoint(desk: Desk, path: str, routes: Sequence[Route]) -> Endpoint:
    methods = {route.method: route for route in routes}

    allowed = sorted({*methods, *(["HEAD"] if "GET" in methods else [])})

    async def endpoint(request: Request) -> Response:
        route = methods.get("GET" if request.method == "HEAD" else request.method)
        if route is None:
            raise HTTPException(
                HTTPStatus.METHOD_NOT_ALLOWED, headers={"Allow": ", ".join(allowed)}
            )
        body = await read_body(request) if route.takes is not None else b""
        return await _serve(desk, route.handler, request, body)

    return Endpoint(path, endpoint, methods=_METHODS)


def _plain(desk: Desk, path: str, handler: Handler) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        return await _serve(desk, handler, request, b"")

    return Endpoint(path, endpoint, methods=["GET"])


async def _serve(desk: Desk, handler: Handler, request: Request, body: bytes) -> Response:
    """Have a handler answer a request in a thread."""
    reply = await run_in_threadpool(handler, _call(desk, request, body))
    return reply.response()


def _call(desk: Desk, request: Request, body: bytes) -> Call:
    return Call(
        desk=desk,
        path=request.url.path,
        params=request.path_params,
        query=request.query_params,
        headers=request.headers,
        body=body,
        tenant=request.state.tenant,
    )


async def _explain(request: Request, error: Exception) -> Response:
    if not isinstance(error, ImgflowError):
        raise error
    return explain(error, request.url.path).response()


async def _hide(request: Request, error: Exception) -> Response:  # noqa: ARG001
    """Tell nothing of a fault of ours; it is raised again, for the log."""
    return explain_bug(request.url.path).response()


async def _refuse(request: Request, error: Exception) -> Response:
    """Tell what the router found: no such path, or no such method."""
    if not isinstance(error, HTTPException):
        raise error
    status = HTTPStatus(error.status_code)
    code = "-".join(status.phrase.lower().split())
    message = f"{request.method} {request.url.path[:200]}: {status.phrase.lower()}"
    refused = Refused(status, code, message, error.headers)
    return explain(refused, request.url.path).response()
