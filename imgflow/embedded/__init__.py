"""A private Redis or Valkey server, and processes that end with the one that started them."""

from imgflow.embedded.binary import Binary, find_binary
from imgflow.embedded.child import Child
from imgflow.embedded.crew import Crew
from imgflow.embedded.server import PrivateServer

__all__ = ["Binary", "Child", "Crew", "PrivateServer", "find_binary"]
