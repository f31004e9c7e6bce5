"""Which places a request names, in their normal form, and whether it may."""

from __future__ import annotations

import os
import posixpath
import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

import msgspec

from imgflow.errors import ImgflowError, StorageError
from imgflow.guard.paths import file_uri, is_local, parse_path
from imgflow.template import parse_template

if TYPE_CHECKING:
    from collections.abc import Callable

    from imgflow.guard import Allowed
    from imgflow.job import Output
    from imgflow.recipe.findings import Findings
    from imgflow.recipe.places import Keys

#: A name that means itself everywhere.
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,200}")
_LONGEST_FOLDER = 800


class Permissions(NamedTuple):
    """What requests may name: places of images, and receivers of webhooks.

    ``check_webhook`` returns the normal form of a URL, or raises an ImgflowError.
    """

    allowed: Allowed
    check_webhook: Callable[[str], str]


def as_asked(asked: str, path: str) -> str:
    """Return a checked path as a URI if it was asked for by one: answers tell it that way."""
    return file_uri(path) if _is_uri(asked) and path.startswith("/") else path


def output_as_asked(asked: str, output: Output) -> Output:
    """Return an output, its path in normal form, with a URI for a path as it was asked for."""
    if not _is_uri(asked) or not output.path.startswith("/"):
        return output
    pieces = (
        quote(part)
        if isinstance(part, str)
        else output.path[part.at : output.path.index("}", part.at) + 1]
        for part in parse_template(output.path).parts
    )
    path = f"file://{''.join(pieces)}"
    return msgspec.structs.replace(output, path=path, root=file_uri(output.root))


class Access:
    """Checks what one request names.

    Folders that were found allowed, links followed, are not looked at twice: a request may
    name a thousand files of one.
    """

    def __init__(self, permissions: Permissions) -> None:
        """Know no folder yet."""
        self._allowed = permissions.allowed
        self._check_webhook = permissions.check_webhook
        self._folders: dict[str, bool] = {}

    def check(self, uri: str) -> str:
        """Return the normal form of a URI: the path, for a file of this machine.

        Raises StorageError with code ``relative-path``, ``bad-uri`` or ``not-allowed``.
        """
        if not uri.startswith("/") and ":" not in uri:
            message = f"expected a URI or an absolute path, found '{uri[:200]}'"
            raise StorageError(message, code="relative-path", retryable=False)
        if is_local(uri):
            uri = parse_path(uri)
        folder, _, name = uri.rpartition("/")
        if self._knows(folder) and _PLAIN_NAME.fullmatch(name):
            if folder.startswith("/") and os.path.islink(uri):
                return self._allowed.check(uri)
            return uri
        return self._allowed.check(uri)

    def checked(self, uri: str, keys: Keys, findings: Findings) -> str:
        """Return the normal form of a URI, or the URI itself after reporting why it has none."""
        return _reported(self.check, uri, keys, findings)

    def checked_webhook(self, url: str, findings: Findings) -> str:
        """Return the normal form of a webhook's URL, or report why it has none."""
        return _reported(self._check_webhook, url, ("webhook",), findings)

    def check_template(self, text: str) -> tuple[str, str]:
        """Return a path template in its normal form, and the folder that it stays in.

        All that it can become must be allowed; raises StorageError as :meth:`check` does.
        """
        if "{" not in text and "}" not in text:
            path = self.check(text)
            return path, posixpath.dirname(path)
        if is_local(text):
            text = _parse_local(text)
        template = parse_template(text)
        named = {name: f"{{{name}}}" for name in template.fields} | {"dir": ""}
        self.check(template.render(named))
        if template.fields:
            self.check(f"{template.root}/{{}}")
        return text, template.root

    def _knows(self, folder: str) -> bool:
        """Tell whether a folder is in its normal form, and all in it is allowed but for links."""
        if folder not in self._folders:
            try:
                sound = self._allowed.check(folder).rstrip("/") == folder
            except StorageError:
                sound = False
            self._folders[folder] = sound and 0 < len(folder) < _LONGEST_FOLDER
        return self._folders[folder]


def _reported(check: Callable[[str], str], uri: str, keys: Keys, findings: Findings) -> str:
    try:
        return check(uri)
    except ImgflowError as error:
        findings.report(error.code, keys, error.message)
        return uri


def _is_uri(text: str) -> bool:
    return is_local(text) and not text.startswith("/")


def _parse_local(text: str) -> str:
    """Return the path of a ``file://`` template; encoded braces are not those of fields."""
    for encoded, escaped in (("%7b", "{{"), ("%7B", "{{"), ("%7d", "}}"), ("%7D", "}}")):
        if not text.startswith("/"):
            text = text.replace(encoded, escaped)
    return parse_path(text)
