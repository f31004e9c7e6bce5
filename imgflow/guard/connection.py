"""An HTTP connection that is pinned: it goes to addresses that were checked, and nowhere else."""

from __future__ import annotations

import http.client
import socket
from typing import TYPE_CHECKING

from imgflow.guard.urls import DEFAULT_PORTS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from ssl import SSLContext

    from imgflow.guard.deadline import Deadline
    from imgflow.guard.urls import Url


class PinnedConnection(http.client.HTTPConnection):
    """Dials the addresses in turn; the Host header and the name in TLS are those of the URL.

    Neither the resolver nor the proxy variables of the environment are asked. ``patience`` is
    how long to wait for each address, ``timeout`` for each packet after that; in seconds.
    """

    def __init__(  # noqa: PLR0913 -- each is one fact about the connection
        self,
        url: Url,
        addresses: Sequence[str],
        deadline: Deadline,
        *,
        patience: float,
        timeout: float,
        context: SSLContext | None,
    ) -> None:
        """Get ready to connect; ``context`` is for TLS, None for plain HTTP."""
        super().__init__(url.host, url.port, timeout=timeout)
        self.default_port = DEFAULT_PORTS[url.scheme]
        self._addresses = addresses
        self._deadline = deadline
        self._patience = patience
        self._context = context

    def connect(self) -> None:
        """Connect to the first address that answers."""
        connection = self._dial()
        if self._context:
            connection = self._context.wrap_socket(
                connection, server_hostname=self.host, do_handshake_on_connect=False
            )
        self.sock = connection
        connection.settimeout(self.timeout)
        self._deadline.watch(connection)
        if self._context:
            connection.do_handshake()  # type: ignore[attr-defined] # it is an SSLSocket

    def _dial(self) -> socket.socket:
        failure = OSError("no address")
        for address in self._addresses:
            try:
                patience = min(self._patience, self._deadline.left)
                return socket.create_connection((address, self.port), timeout=patience)
            except OSError as error:
                failure = error
        raise failure
