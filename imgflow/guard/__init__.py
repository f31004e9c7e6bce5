"""The guard: which files, buckets and hosts a request from outside may reach."""

from imgflow.guard.addresses import check_address, is_public
from imgflow.guard.allowed import Allowed
from imgflow.guard.client import Bounds, Client

__all__ = ["Allowed", "Bounds", "Client", "check_address", "is_public"]
