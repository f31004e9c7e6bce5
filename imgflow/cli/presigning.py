"""Presigned URLs and forms as the command line asks for them and shows them."""

from __future__ import annotations

import dataclasses
import shlex
import sys
from typing import TYPE_CHECKING

from imgflow.cli import exits
from imgflow.cli.places import open_places
from imgflow.errors import StorageError, UsageError
from imgflow.limits import DEFAULT_LIMITS

if TYPE_CHECKING:
    from imgflow.storage import Presigned, RoutedStorage


@dataclasses.dataclass(frozen=True)
class Wish:
    """A URL as it is wanted."""

    uri: str
    expires: str
    content_type: str
    content_length: int | None
    max_bytes: int | None
    put: bool
    post: bool

    def show(self, *, as_json: bool) -> int:
        """Print the URL, and return the exit code; raises UsageError for a wish of no sense."""
        from imgflow.cli.printing import print_json, print_line

        self._check()
        storage = open_places()
        try:
            presigned = self._presign(storage)
        finally:
            storage.close()
        if as_json:
            print_json(presigned._asdict())
        elif self.post:
            print_line(form_command(presigned))
        else:
            print_line(presigned.url)
            for name, value in presigned.headers.items():
                sys.stderr.write(f"send it with the header {name}: {value}\n")
        return exits.OK

    def _check(self) -> None:
        if self.put and self.post:
            raise UsageError("--put: expected one way to upload, found --post as well")
        if self.max_bytes is not None and not self.post:
            raise UsageError("--max-bytes: expected --post beside it, found none")
        if self.content_length is not None and not self.put:
            raise UsageError("--content-length: expected --put beside it, found none")
        if self.content_type and not (self.put or self.post):
            raise UsageError("--content-type: expected --put or --post beside it, found none")

    def _presign(self, storage: RoutedStorage) -> Presigned:
        from imgflow.queue.opening import read_duration
        from imgflow.storage import S3Storage

        seconds = read_duration(self.expires, "--expires")
        expires = int(seconds) if seconds.is_integer() else -1
        if not self.post:
            return storage.presign(
                self.uri,
                method="PUT" if self.put else "GET",
                expires=expires,
                content_type=self.content_type,
                content_length=self.content_length,
            )
        found, place = storage.find(self.uri)
        if not isinstance(found, S3Storage):
            message = f"{self.uri}: expected an object in S3, found another place"
            raise StorageError(message, code="not-supported", retryable=False)
        sizes = (1, self.max_bytes or DEFAULT_LIMITS.source_bytes)
        return found.presign_post(
            place, expires=expires, content_type=self.content_type, sizes=sizes
        )


def form_command(presigned: Presigned) -> str:
    """Return the command that uploads FILE by a form."""
    fields = [f"-F {shlex.quote(f'{name}={value}')}" for name, value in presigned.fields.items()]
    return " ".join(["curl", *fields, "-F file=@FILE", shlex.quote(presigned.url)])
