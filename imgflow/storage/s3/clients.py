"""boto3 clients, made when they are needed: one for each region."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from imgflow.errors import UsageError
from imgflow.storage.s3.failures import explained, region_told
from imgflow.version import __version__

if TYPE_CHECKING:
    from imgflow.storage.s3.address import Address
    from imgflow.storage.s3.store import Store

_KEYS = {
    "aws_access_key_id": "access_key_env",
    "aws_secret_access_key": "secret_key_env",
    "aws_session_token": "session_token_env",
}


class Clients:
    """The clients of one store; may be used by several threads.

    Requests go to the region that a bucket is known to be in, else to the store's own: boto3
    then follows the redirect, and remembers it.
    """

    def __init__(self, store: Store, session: Any = None) -> None:  # noqa: ANN401
        """Make nothing yet: boto3 is loaded for the first request."""
        self.store = store
        self._session = session
        self._clients: dict[str, Any] = {}
        self._regions: dict[str, str] = {}
        self._lock = threading.Lock()

    def know(self, bucket: str, region: str) -> None:
        """Remember where a bucket is."""
        self._regions[bucket] = region

    def near(self, bucket: str) -> Any:  # noqa: ANN401
        """Return the client for a bucket, without asking where it is."""
        return self.at(self._regions.get(bucket, ""))

    def beside(self, address: Address) -> Any:  # noqa: ANN401
        """Return the client in the region of a bucket, which is found out if nobody knows it."""
        if address.bucket not in self._regions:
            self.know(address.bucket, self._find_region(address))
        return self.near(address.bucket)

    def at(self, region: str) -> Any:  # noqa: ANN401
        """Return the client in a region, "" for the store's own."""
        with self._lock:
            if region not in self._clients:
                self._clients[region] = self._make(region)
            return self._clients[region]

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            for client in self._clients.values():
                client.close()
            self._clients.clear()

    def _find_region(self, address: Address) -> str:
        """Ask where a bucket is, which S3 tells even to those who may not look into it."""
        from botocore.exceptions import ClientError

        client = self.near(address.bucket)
        with explained(address):
            try:
                told = region_told(client.head_bucket(Bucket=address.bucket))
            except ClientError as error:
                told = region_told(error.response)
                if not told:
                    raise
        return told or client.meta.region_name

    def _make(self, region: str) -> Any:  # noqa: ANN401
        """Return a client; what is not AWS by the environment or a profile has buckets in paths."""
        client = self._client(region, _addressing(self.store))
        if self.store.addressing == "auto" and not _is_aws(client.meta.endpoint_url):
            client = self._client(region, "auto")
        if self.store.requester_pays:
            client.meta.events.register("provide-client-params.s3", _offer_to_pay)
        return client

    def _client(self, region: str, addressing: str) -> Any:  # noqa: ANN401
        from botocore.config import Config

        store = self.store
        session = self._session or self._start_session()
        config = Config(
            signature_version=_signature(anonymous=store.anonymous),
            user_agent_extra=f"imgflow/{__version__}",
            connect_timeout=store.connect_seconds,
            read_timeout=store.read_seconds,
            retries={"mode": "standard", "total_max_attempts": store.attempts},
            max_pool_connections=store.concurrency,
            tcp_keepalive=True,
            use_dualstack_endpoint=store.dual_stack or None,
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={
                "addressing_style": addressing,
                "use_accelerate_endpoint": store.accelerate,
            },
        )
        return session.client(
            "s3",
            region_name=region or store.region or session.region_name or "us-east-1",
            endpoint_url=store.endpoint_url or None,
            config=config,
            **self._keys(),
        )

    def _start_session(self) -> Any:  # noqa: ANN401
        import boto3

        self._session = boto3.Session(profile_name=self.store.profile or None)
        return self._session

    def _keys(self) -> dict[str, str]:
        """Return the keys that the store names variables for."""
        keys = {}
        for argument, setting in _KEYS.items():
            if name := getattr(self.store, setting):
                if not (value := os.environ.get(name, "")):
                    message = f"{name}: expected a key of S3 there ({setting}), found nothing"
                    raise UsageError(message, code="bad-setting")
                keys[argument] = value
        return keys


def _offer_to_pay(params: dict[str, Any], model: Any, **_: Any) -> None:  # noqa: ANN401
    """Add to every request that may have it that the costs are ours."""
    if "RequestPayer" in model.input_shape.members:
        params["RequestPayer"] = "requester"


def _is_aws(endpoint: str) -> bool:
    host = urlsplit(endpoint).hostname or ""
    return host.endswith((".amazonaws.com", ".amazonaws.com.cn"))


def _addressing(store: Store) -> str:
    """Return how buckets are named; what boto3 makes of "auto" has no region in presigned URLs."""
    return "virtual" if store.addressing == "auto" and not store.endpoint_url else store.addressing


def _signature(*, anonymous: bool) -> Any:  # noqa: ANN401
    from botocore import UNSIGNED

    return UNSIGNED if anonymous else "s3v4"
