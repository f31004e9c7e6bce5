"""Web addresses, read strictly: what two parsers could understand in two ways is refused."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address
from typing import NamedTuple
from urllib.parse import quote, unquote

from imgflow.errors import StorageError

DEFAULT_PORTS = {"http": 80, "https": 443}
_LONGEST = 2048
_LONGEST_NAME = 253
_DECODINGS = 8
_HIGHEST_PORT = 65535
_URL = re.compile(r"(https?)://([^/?#]*)([^#]*)(?:#.*)?", re.IGNORECASE | re.ASCII | re.DOTALL)
_AUTHORITY = re.compile(
    r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::([0-9]{1,5}))?", re.IGNORECASE | re.ASCII
)
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
#: What a browser reads as a number makes the whole name an IPv4 address: 127.1, 0x7f000001.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
#: Characters that some parsers drop, or take for a separator.
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")


class Url(NamedTuple):
    """The parts of an http or https URL: ``host`` in lower case, IPv6 without brackets.

    ``target`` is the path with the query, percent-encoded, as it goes into a request.
    """

    scheme: str
    host: str
    port: int
    target: str

    def __str__(self) -> str:
        """Write the URL in its normal form."""
        return f"{self.origin}{self.target}"

    @property
    def origin(self) -> str:
        """Scheme, host, and the port if it is not the usual one."""
        port = "" if self.port == DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{self.bracketed}{port}"

    @property
    def bracketed(self) -> str:
        """The host as it is written in a URL."""
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def path(self) -> str:
        """The target without the query."""
        return self.target.partition("?")[0]


def parse_url(text: str) -> Url:
    """Take a URL apart; raises StorageError with code ``bad-uri`` saying what is wrong with it."""
    shown = text[:200]
    if len(text) > _LONGEST:
        raise _bad(shown, f"at most {_LONGEST} characters", f"{len(text)}")
    if _UNSAFE.search(text):
        raise _bad(repr(shown), "a URL", "a space, a backslash or a control character in it")
    if not (match := _URL.fullmatch(text)):
        raise _bad(shown, "a URL that starts with http:// or https://", "another")
    scheme, authority, target = match[1].lower(), match[2], match[3]
    if "@" in authority:
        raise _bad(shown.replace(authority, "..."), "a host after ://", "a user name; leave it out")
    host, port = _split_authority(shown, scheme, authority)
    if not target.startswith("/"):
        target = f"/{target}"
    if climbs(target.partition("?")[0]):
        raise _bad(shown, "a path that only goes down", "'.' or '..' in it")
    try:
        return Url(scheme, host, port, quote(target, safe="%/?:@!$&'()*+,;=~-._[]|"))
    except UnicodeEncodeError as error:
        raise _bad(repr(shown), "text in Unicode", "half of a character") from error


def climbs(path: str) -> bool:
    """Tell whether a path has a ``.`` or ``..`` in it, as any server might come to read it."""
    for _ in range(_DECODINGS):
        parts = re.split(r"[/\\]", path)
        if any(part.partition(";")[0] in {".", ".."} for part in parts):
            return True
        path, before = unquote(path, errors="replace"), path
        if path == before:
            return False
    return True


def _split_authority(shown: str, scheme: str, authority: str) -> tuple[str, int]:
    if not (match := _AUTHORITY.fullmatch(authority)):
        raise _bad(shown, "a host name in ASCII and perhaps a port", repr(authority[:80]))
    port = int(match[2] or DEFAULT_PORTS[scheme])
    if not 0 < port <= _HIGHEST_PORT:
        raise _bad(shown, f"a port from 1 to {_HIGHEST_PORT}", str(port))
    return _parse_host(shown, match[1].lower()), port


def _parse_host(shown: str, host: str) -> str:
    try:
        if host.startswith("["):
            return str(IPv6Address(host[1:-1]))
        labels = host.split(".")
        if _NUMBER.fullmatch(labels[-1]):
            return str(IPv4Address(host))
    except ValueError as error:
        raise _bad(shown, "an address such as 192.0.2.1 or [2001:db8::1]", repr(host)) from error
    if len(host) > _LONGEST_NAME or not all(map(_LABEL.fullmatch, labels)):
        raise _bad(shown, "a host name without empty parts or a dot at its end", repr(host))
    return host


def _bad(shown: str, expected: str, found: str) -> StorageError:
    message = f"{shown}: expected {expected}, found {found}"
    return StorageError(message, code="bad-uri", retryable=False)
