"""S3 as a storage, and as one uses it from Python."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from imgflow.errors import UsageError
from imgflow.limits import DEFAULT_LIMITS
from imgflow.storage.properties import IMMUTABLE, PLAIN, Properties
from imgflow.storage.s3 import uploads
from imgflow.storage.s3.address import Address, parse_address, parse_place
from imgflow.storage.s3.clients import Clients
from imgflow.storage.s3.copying import copy_object
from imgflow.storage.s3.failures import error_code, explained
from imgflow.storage.s3.listing import list_objects
from imgflow.storage.s3.presigning import presign_form, presign_url
from imgflow.storage.s3.reading import Reading, get_object
from imgflow.storage.s3.store import Store
from imgflow.storage.s3.writing import entry_fields, write_object
from imgflow.storage.storage import EXPIRES, Entry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from io import BufferedIOBase

    from imgflow.source import Source
    from imgflow.storage.storage import Data, Method, Presigned

_SCHEME = "s3"
#: Answers to HEAD that do not say why: S3 sends no body with them.
_MUTE, _GONE = ("400", "403"), ("404", "NoSuchKey")


class S3Storage:
    """Objects by ``s3://bucket/key``, the key as it is; see :mod:`imgflow.storage.s3.address`.

    ``bucket``, its ``region`` and ``path_template`` are for :meth:`upload`. ``store`` says how
    the service is reached, where ``region`` and ``endpoint_url`` are not enough; credentials
    are found as boto3 finds them, or are those of ``session``, a ``boto3.Session``. Objects of
    more than ``largest`` bytes are not read. A store with a ``name`` has URIs of its own:
    ``s3+name://bucket/key``. May be used by several threads. Nothing is loaded or asked before
    the first call.
    """

    def __init__(  # noqa: PLR0913 - what one may want to say of a bucket
        self,
        bucket: str | None = None,
        region: str | None = None,
        path_template: str | None = None,
        endpoint_url: str | None = None,
        *,
        store: Store | None = None,
        name: str = "",
        session: Any = None,  # noqa: ANN401
        largest: int = DEFAULT_LIMITS.source_bytes,
    ) -> None:
        """Check the names and the template; raises UsageError, StorageError for a bad bucket."""
        store = store or Store()
        store = msgspec.structs.replace(
            store,
            region=region or store.region,
            endpoint_url=endpoint_url or store.endpoint_url,
        )
        self._scheme = f"{_SCHEME}+{name}" if name else _SCHEME
        self._template = uploads.parse_path_template(path_template) if path_template else None
        self._bucket = bucket or ""
        self._clients = Clients(store, session)
        self._reading = Reading(self._clients, largest)
        if bucket and region:
            self._clients.know(
                parse_place(f"{self._scheme}://{bucket}", self._scheme).bucket, region
            )

    def read(self, uri: str) -> Source:
        """Return an object by one request; large ones are kept in a file, not in memory."""
        return self._reading.read(self._address(uri))

    def locate(self, uri: str) -> Source:
        """Return a source of which only what is looked at is fetched, 16 kB to begin with."""
        return self._reading.locate(self._address(uri))

    def write(self, uri: str, data: Data, properties: Properties = PLAIN) -> Entry:
        """Write an object, with checksums that the service verifies, whole or not at all."""
        return write_object(self._clients, self._address(uri), data, properties)

    def stat(self, uri: str) -> Entry | None:
        """Return what is known of an object; None if it, or its bucket, is not there."""
        address = self._address(uri)
        with explained(address):
            try:
                answer = self._clients.near(address.bucket).head_object(**address.target)
            except Exception as error:
                if (code := error_code(error)) in _GONE:
                    return None
                if code not in _MUTE:
                    raise
                get_object(self._clients, address, Range="bytes=0-0")["Body"].close()
                raise
        return Entry(str(address), answer["ContentLength"], **entry_fields(answer))

    def list(self, uri: str, prefix: str = "") -> Iterator[Entry]:
        """Yield the objects below a folder in the order of their keys, page by page."""
        return list_objects(self._clients, parse_place(uri, self._scheme), prefix)

    def delete(self, uri: str) -> None:
        """Remove an object, or one version of it."""
        address = self._address(uri)
        with explained(address):
            self._clients.near(address.bucket).delete_object(**address.target)

    def copy(self, source: str, target: str) -> Entry:
        """Copy an object inside the service, with all that is said about it, to any region."""
        return copy_object(self._clients, self._address(source), self._address(target))

    def presign(
        self,
        uri: str,
        *,
        method: Method = "GET",
        expires: int = EXPIRES,
        content_type: str = "",
        content_length: int | None = None,
    ) -> Presigned:
        """Return a URL to read or write one object with, for 1 second to 7 days.

        What is put must have the headers told. Where the bucket is must be known: if it was
        not said and nothing was read from there, that is one request.
        """
        address = self._address(uri)
        return presign_url(
            self._clients,
            address,
            method,
            expires=expires,
            content_type=content_type,
            content_length=content_length,
        )

    def presign_post(
        self,
        uri: str,
        *,
        expires: int = EXPIRES,
        content_type: str = "",
        sizes: tuple[int, int] = (1, DEFAULT_LIMITS.source_bytes),
    ) -> Presigned:
        """Return URL and fields of a form that writes one object of a range of sizes in bytes.

        ``content_type`` may be a beginning, ``image/``.
        """
        address = self._address(uri)
        return presign_form(self._clients, address, expires, content_type, sizes)

    def open(self, uri: str) -> BufferedIOBase:
        """Return an object as a file that is streamed while it is read, by smart_open."""
        from smart_open.s3 import open as open_stream

        address = self._address(uri)
        with explained(address):
            client = self._clients.near(address.bucket)
            return open_stream(
                address.bucket, address.key, "rb", version_id=address.version or None, client=client
            )

    def close(self) -> None:
        """Close all connections."""
        self._clients.close()

    def download(self, path: str) -> bytes:
        """Return the bytes of an object; ``path`` is a URI, or a key in the bucket."""
        return self.read(self._uri(path)).read()

    def upload(
        self,
        image: Any,  # noqa: ANN401
        *,
        original_name: str = "",
        format: str | None = None,  # noqa: A002
        metadata: Mapping[str, str] | None = None,
        properties: Properties = PLAIN,
    ) -> str:
        """Write an image to the bucket, at the path that the template makes; returns its URI.

        ``image`` is what processing returned, or the bytes of an image. ``format`` is what it
        has to be: a processed image is encoded so, bytes have to be so already. Nothing that
        is there is replaced: other content at the same path is an error. Where the path has
        the ``{hash}`` of the bytes, caches are told that it never changes. Raises UsageError
        for what cannot be uploaded, and for names that would leave the template's folder.
        """
        if not self._bucket or self._template is None:
            message = "S3Storage.upload: expected a bucket and a path_template, found none"
            raise UsageError(f"{message}; pass them to S3Storage", code="bad-input")
        data, kind = uploads.encoded(image, format)
        extension = uploads.extension_of(kind)
        fields = uploads.upload_fields(data, original_name, kind, extension)
        key = uploads.fill(self._template, fields | uploads.picture_fields(image))
        lasting = IMMUTABLE if "hash" in self._template.fields else ""
        told = msgspec.structs.replace(
            properties,
            metadata={**properties.metadata, **(metadata or {})},
            cache_control=properties.cache_control or lasting,
            if_absent=True,
        )
        return self.write(str(Address(self._scheme, self._bucket, key)), data, told).uri

    def presigned_url(self, path: str, expires_in: int = EXPIRES, *, method: Method = "GET") -> str:
        """Return a URL to read (or write) an object with; ``path`` as in :meth:`download`."""
        return self.presign(self._uri(path), method=method, expires=expires_in).url

    def _uri(self, path: str) -> str:
        if "://" in path or not self._bucket:
            return path
        return str(Address(self._scheme, self._bucket, path))

    def _address(self, uri: str) -> Address:
        return parse_address(uri, self._scheme)
