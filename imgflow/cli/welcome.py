"""What ``imgflow up`` says when everything runs."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from imgflow.cli.printing import flush, print_json, print_line
from imgflow.cli.service_access import reachable

if TYPE_CHECKING:
    from imgflow.cli.service import Service
    from imgflow.embedded import PrivateServer


def welcome(
    service: Service,
    redis: PrivateServer,
    allow: tuple[str, ...],
    tokens: tuple[str, ...],
    *,
    as_json: bool,
) -> None:
    """Print where the service is and how it is used."""
    host = reachable(service.host)
    url = f"http://{f'[{host}]' if ':' in host else host}:{service.port}"
    if as_json:
        ready = {"url": url, "queue": redis.url, "data": redis.folder, "allow": allow}
        print_json({**ready, "token": tokens[0] if tokens else None})
        return
    print_line(f"imgflow is up: {url}/")
    if tokens:
        print_line(f"  token:   {tokens[0]}")
    print_line(f"  allowed: {', '.join(allow) or 'nothing yet; add --allow FOLDER'}")
    print_line(f"  data:    {redis.folder} ({redis.binary})")
    if redis.url.startswith("unix://"):
        print_line(f"  queue:   {redis.url}")
    print_line("Try, in another terminal:")
    for line in _example(url, allow, tokens):
        print_line(f"  {line}")
    print_line("Ctrl-C stops everything; jobs that wait are kept.")
    flush()


def _example(url: str, allow: tuple[str, ...], tokens: tuple[str, ...]) -> list[str]:
    """Return the lines of a command that submits a job, or asks how things are."""
    token = f" -H {shlex.quote(f'Authorization: Bearer {tokens[0]}')}" if tokens else ""
    place = next((one.rstrip("/") for one in allow if not one.startswith("http")), None)
    if place is None:
        return [f"curl{token} {url}/readyz"]
    body = (
        f'{{"input": "{place}/in.jpg", "operations": [{{"op": "resize", "width": 800}}], '
        f'"output": "{place}/out.webp"}}'
    )
    return [
        f"curl{token} {url}/jobs -H 'Content-Type: application/json' \\",
        f"  -d {shlex.quote(body)}",
    ]
