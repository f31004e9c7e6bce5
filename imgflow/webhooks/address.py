"""Where webhooks may go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.errors import UsageError
from imgflow.guard import Allowed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imgflow.webhooks.signature import Secrets


def receivers(prefixes: Iterable[str] = ()) -> Allowed:
    """Return what may be told: every public host over https, and what is named besides.

    These prefixes are not those of images: a store of images is nothing to post messages to.
    """
    return Allowed(("https://", *prefixes), setting="IMGFLOW_WEBHOOKS")


def check_webhook(url: str, allowed: Allowed, secrets: Secrets) -> str:
    """Return the normal form of the URL of a webhook, before a job is queued with it.

    Raises UsageError with code ``webhook-unsigned`` if there is no secret: an unsigned message
    could come from anybody, so that none is ever sent. Raises StorageError as
    :meth:`imgflow.guard.Allowed.check`. What the host stands for is seen at each delivery.
    """
    if not secrets:
        message = (
            "webhook: expected a secret to sign with, found none; "
            "set IMGFLOW_WEBHOOK_SECRET for the server and the workers, or leave the webhook out"
        )
        raise UsageError(message, code="webhook-unsigned")
    return allowed.check(url)
