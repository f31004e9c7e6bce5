"""The HTTP endpoint of a queue."""

from imgflow.server.app import Service, build_service
from imgflow.server.depot import Depot, open_depot
from imgflow.server.gate import Admission
from imgflow.server.journal import RequestLog, set_up_logging
from imgflow.server.listening import Listener, bind, is_loopback

__all__ = [
    "Admission",
    "Depot",
    "Listener",
    "RequestLog",
    "Service",
    "bind",
    "build_service",
    "is_loopback",
    "open_depot",
    "set_up_logging",
]
