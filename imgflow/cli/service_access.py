"""Who reaches the service, and what it reaches: port, tokens, allowed places."""

from __future__ import annotations

import http.client
import ipaddress
import os
import secrets
import socket

from imgflow.errors import UsageError
from imgflow.guard import Allowed

_TOKEN = "token"  # noqa: S105 - the name of its file


def allowed_places(given: tuple[str, ...], set_before: tuple[str, ...]) -> tuple[str, ...]:
    """Return all prefixes, folders as absolute paths, also of those that are yet to be made.

    Raises UsageError for one that is none.
    """
    places = [text if "://" in text else os.path.abspath(text) for text in given]
    for place in places:
        if os.path.isfile(place):
            message = "--allow: expected a folder or a prefix like s3://bucket/, found a file: "
            raise UsageError(message + place)
        if "," in place:
            message = f"--allow: expected no comma in a prefix, found '{place}'"
            raise UsageError(message)
    Allowed(places, setting="--allow")
    return (*set_before, *places)


def check_free(host: str, port: int) -> None:
    """Raise UsageError if the service could not listen there."""
    try:
        with socket.create_server((host, port), family=_family(host)):
            return
    except OSError as error:
        reason = error.strerror or str(error)
    message = (
        f"--port {port}: expected a free port at {host}, found: {reason}; "
        f"choose another, --port {port + 1 if port < 65535 else 8000} say"  # noqa: PLR2004
    )
    raise UsageError(message, code="port-in-use")


def choose_tokens(host: str, folder: str, set_before: tuple[str, ...]) -> tuple[str, ...]:
    """Return the tokens that requests need: none on loopback, unless they were set.

    Elsewhere it is one that is made once, and kept in the data folder.
    """
    if set_before or _is_loopback(host):
        return set_before
    path = os.path.join(folder, _TOKEN)
    try:
        with open(path, encoding="ascii") as file:
            if token := file.read().strip():
                return (token,)
    except FileNotFoundError:
        pass
    token = secrets.token_urlsafe(24)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(f"{token}\n")
    return (token,)


def is_ready(host: str, port: int) -> bool:
    """Ask the service whether it is ready."""
    connection = http.client.HTTPConnection(reachable(host), port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def reachable(host: str) -> str:
    """Return an address of this machine by which a server that listens at ``host`` is reached."""
    return {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
