"""All storages as the settings describe them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.limits import DEFAULT_LIMITS, Limits
from imgflow.settings import read_settings
from imgflow.storage.routed import RoutedStorage, open_storages

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from imgflow.guard import Allowed


def open_settled(
    stores: str = "",
    limits: Limits = DEFAULT_LIMITS,
    *,
    hosts: Sequence[str] = (),
    allowed: Allowed | None = None,
) -> RoutedStorage:
    """Return local files, S3 and the web as one storage; nothing is opened yet.

    ``stores`` is the file of ``IMGFLOW_STORES``, if there is one. The web is as far as
    ``allowed`` goes; without it, that is every public host, and whatever ``hosts`` are
    prefixes of. Raises UsageError with the code ``bad-setting`` for what cannot be used.
    """
    if allowed is None and hosts:
        from imgflow.guard import Allowed

        allowed = Allowed(["http://", "https://", *hosts])
    if not stores:
        return open_storages(allowed=allowed, largest=limits.source_bytes)
    from imgflow.storage.stores import load_stores

    return open_storages(load_stores(stores), allowed=allowed, largest=limits.source_bytes)


def open_usual(environment: Mapping[str, str], limits: Limits = DEFAULT_LIMITS) -> RoutedStorage:
    """Return all storages as the environment sets them up, for people's own commands and code.

    On the web that is every public host, and whatever ``IMGFLOW_ALLOW`` names besides. Raises
    UsageError if a setting is wrong.
    """
    settings = read_settings(environment)
    return open_settled(settings.stores, limits, hosts=settings.allow)
