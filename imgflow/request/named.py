"""The images that a request names one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.recipe.finding import Sources
from imgflow.recipe.sources import Found
from imgflow.storage import LocalStorage
from imgflow.uris import base_name, is_remote

if TYPE_CHECKING:
    from collections.abc import Sequence


class NamedSources(Sources):
    """Images by their names: thousands of them, so that each is looked up and not searched."""

    def __init__(self, uris: Sequence[str]) -> None:
        """Keep what is named; nothing of it is listed."""
        super().__init__([Found(uri, base_name(uri)) for uri in uris], LocalStorage())
        self._far = {uri for uri in uris if is_remote(uri)}

    def covers(self, uri: str) -> bool:
        """Tell whether a place far away is one of them."""
        return uri in self._far
