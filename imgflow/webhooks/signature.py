"""Signatures as in https://www.standardwebhooks.com: HMAC-SHA256 over id, time and body."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from imgflow.errors import UsageError

_PREFIX = "whsec_"
_LENGTHS = range(24, 65)

#: Keys that sign, the newest first: while one is changed for another, both do.
Secrets = tuple[bytes, ...]


def read_secrets(text: str) -> Secrets:
    """Read ``IMGFLOW_WEBHOOK_SECRET``: ``whsec_`` and base64, several with spaces between.

    Raises UsageError with code ``bad-setting``; a secret is never shown.
    """
    return tuple(_read_secret(word) for word in text.split())


def sign(secrets: Secrets, message_id: str, seconds: int, body: bytes) -> dict[str, str]:
    """Return the three headers of a message; ``seconds`` are since 1970, at this try."""
    signed = f"{message_id}.{seconds}.".encode() + body
    digests = (hmac.new(secret, signed, hashlib.sha256).digest() for secret in secrets)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(f"v1,{base64.b64encode(one).decode()}" for one in digests),
    }


def _read_secret(word: str) -> bytes:
    try:
        secret = base64.b64decode(word.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if not word.startswith(_PREFIX) or len(secret) not in _LENGTHS:
        message = (
            f"IMGFLOW_WEBHOOK_SECRET: expected {_PREFIX} and {_LENGTHS[0]} to {_LENGTHS[-1]} bytes "
            f"in base64, found something else; make one with: "
            f'echo "{_PREFIX}$(head -c 32 /dev/urandom | base64)"'
        )
        raise UsageError(message, code="bad-setting")
    return secret
