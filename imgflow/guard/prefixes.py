"""The kinds of prefixes that an allow-list is made of."""

from __future__ import annotations

from ipaddress import ip_address
from typing import NamedTuple

from imgflow.errors import StorageError
from imgflow.guard.addresses import is_near, is_public
from imgflow.guard.paths import has_prefix, is_below
from imgflow.guard.urls import DEFAULT_PORTS, Url, parse_url

#: Marks a host whose name has dots and is known to be in a private network.
PRIVATE = "private+"


class FolderPrefix(NamedTuple):
    """A folder, or a file, of this machine."""

    root: str

    def admits(self, path: str) -> bool:
        """Tell whether an absolute path is under it, by its text and with links followed."""
        return has_prefix(path, self.root) and is_below(path, self.root)


class BucketPrefix(NamedTuple):
    """A bucket, or what has the same beginning of its key there; ``s3://`` is every bucket."""

    root: str

    def admits(self, uri: str) -> bool:
        """Tell whether an object is under it."""
        return has_prefix(uri, self.root)


class WebPrefix(NamedTuple):
    """A path of one host and port, or with an empty ``host`` every public host.

    ``private`` says that the host may have an address of this machine or of a private network.
    """

    scheme: str
    host: str
    port: int
    path: str
    private: bool

    def admits(self, url: Url) -> bool:
        """Tell whether a URL is under it; what its host stands for is another question."""
        if not self.host:
            return (url.scheme, url.port) == (self.scheme, self.port)
        place = (url.scheme, url.host, url.port)
        return place == self[:3] and has_prefix(url.path, self.path)

    def reaches(self, address: str) -> bool:
        """Tell whether a connection may go to an address that its host was resolved to.

        A host that is named by its address is meant, whatever address that is; a private one
        is at home, and everything else is out on the internet.
        """
        return is_public(address) or address == self.host or (self.private and is_near(address))


def parse_web_prefix(text: str) -> WebPrefix:
    """Read ``https://host:port/path``, ``private+https://host/`` or ``https://``.

    A name without a dot cannot be one of the internet, and counts as private.
    """
    marked = text.startswith(PRIVATE)
    plain = text.removeprefix(PRIVATE)
    scheme = plain.removesuffix("://").lower()
    if scheme in DEFAULT_PORTS and not marked:
        return WebPrefix(scheme, "", DEFAULT_PORTS[scheme], "/", private=False)
    url = parse_url(plain)
    if "?" in url.target:
        message = f"{plain}: expected a prefix without a query, found one"
        raise StorageError(message, code="bad-uri", retryable=False)
    private = marked or ("." not in url.host and not _is_address(url.host))
    return WebPrefix(url.scheme, url.host, url.port, url.path, private)


def _is_address(host: str) -> bool:
    try:
        return bool(ip_address(host))
    except ValueError:
        return False
