"""The parts of ``imgflow serve``, put together."""

from __future__ import annotations

import dataclasses
import os
from typing import TYPE_CHECKING, Literal

from imgflow.cli import exits
from imgflow.cli.service_access import allowed_places
from imgflow.errors import UsageError
from imgflow.settings import Settings, read_settings

if TYPE_CHECKING:
    from imgflow.queue import Queue
    from imgflow.request import Permissions
    from imgflow.server import Admission, Depot


@dataclasses.dataclass(frozen=True)
class Endpoint:
    """Where to listen, and for which queue."""

    host: str
    port: int
    queue: str | None
    max_depth: int | None
    insecure: bool
    uploads: str | None = None

    def run(
        self,
        redis: str | None,
        allow: tuple[str, ...],
        log_format: Literal["text", "json"],
        *,
        evicting_ok: bool,
    ) -> int:
        """Serve until a signal comes; raises UsageError or QueueError before that."""
        from imgflow.server import Listener, RequestLog, bind, build_service, set_up_logging

        settings = read_settings(os.environ)
        self._check_exposure(settings.tokens)
        permissions = permit(allowed_places(allow, settings.allow), settings)
        depot = self._open_depot(permissions, settings)
        queue = self._connect(redis or settings.redis_url, evicting_ok=evicting_ok)
        bound = bind(self.host, self.port)
        set_up_logging(log_format)
        service = build_service(
            queue,
            permissions,
            self._admission(settings.tokens),
            max_depth=self.max_depth,
            depot=depot,
        )
        host = f"[{self.host}]" if ":" in self.host else self.host
        address = f"http://{host}:{bound.getsockname()[1]}"
        log = RequestLog()
        listener = Listener(
            service, bound, lambda: log.note("listening", url=address, queue=queue.name)
        )
        listener.listen()
        log.note("stopped")
        return exits.OK

    def _check_exposure(self, tokens: tuple[str, ...]) -> None:
        """Refuse to let everybody in by accident."""
        from imgflow.server import is_loopback

        if not (tokens or self.insecure or is_loopback(self.host)):
            message = (
                f"--host {self.host}: expected a token, for others than this machine can connect; "
                "set IMGFLOW_TOKENS, or pass --insecure to let everybody in"
            )
            raise UsageError(message, code="no-token")

    def _admission(self, tokens: tuple[str, ...]) -> Admission:
        from imgflow.server import Admission

        return Admission(tokens, any_host=self.insecure)

    def _open_depot(self, permissions: Permissions, settings: Settings) -> Depot:
        """Return the buckets; what the option says goes before the variable."""
        from imgflow.server import open_depot
        from imgflow.storage import load_stores

        stores = load_stores(settings.stores) if settings.stores else {}
        uploads = settings.uploads if self.uploads is None else self.uploads
        return open_depot(stores, uploads, permissions.allowed)

    def _connect(self, url: str, *, evicting_ok: bool) -> Queue:
        from imgflow.queue import open_queues

        names = (self.queue,) if self.queue else ()
        (queue,) = open_queues(url, names, os.environ, evicting_ok=evicting_ok)
        return queue


def permit(allow: tuple[str, ...], settings: Settings) -> Permissions:
    """Return what requests may name, by the settings."""
    from imgflow.guard import Allowed
    from imgflow.request import Permissions
    from imgflow.webhooks import check_webhook, read_secrets, receivers

    hosts, secrets = receivers(settings.webhooks), read_secrets(settings.webhook_secret)
    return Permissions(Allowed(allow), lambda url: check_webhook(url, hosts, secrets))
