"""One thing that a check finds."""

from __future__ import annotations

from typing import Literal

import msgspec

#: What a finding is about, in the order in which findings are told.
Kind = Literal["failed", "budget", "stale", "manifest", "orphan"]

#: What each kind means, in a few words and in a sentence, and what to do.
TITLES: dict[Kind, str] = {
    "failed": "image cannot be processed",
    "budget": "over budget",
    "stale": "not up to date",
    "manifest": "manifest not up to date",
    "orphan": "file that is made no more",
}
MEANINGS: dict[Kind, str] = {
    "failed": "It cannot be decoded, or what the recipe asks for cannot be made of it.",
    "budget": "A file, a source or the whole run is not within the budgets of the recipe.",
    "stale": "Files are missing, were edited, or would be made otherwise now.",
    "manifest": "The manifest is not the one that a run would write.",
    "orphan": "The recipe made this file once, and makes it no more.",
}
ADVICE: dict[Kind, str] = {
    "failed": "Repair or replace the image, or exclude it in the recipe.",
    "budget": "Change the quality or the size of what is made, or the budget.",
    "stale": "Run the recipe: imgflow run.",
    "manifest": "Run the recipe: imgflow run.",
    "orphan": "Remove what is not needed: imgflow clean.",
}


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is not as it should be.

    ``code`` is stable: that of the error for an image that cannot be processed, the name of the
    budget, and else one for each cause. ``source`` is the input, "" if it is not about one;
    ``path`` the file that was made, "" for none or all of them. ``message`` tells where, what
    was expected and what was found, ``hint`` what to do.
    """

    kind: Kind
    code: str
    message: str
    hint: str = ""
    source: str = ""
    path: str = ""

    @property
    def is_error(self) -> bool:
        """Whether the check fails for it; else it is a warning."""
        return self.kind != "orphan"

    @property
    def place(self) -> str:
        """The file to look at: the source if there is one, "" for the recipe itself."""
        return self.source or self.path

    @property
    def text(self) -> str:
        """The message, and what to do."""
        return f"{self.message}; {self.hint}" if self.hint else self.message
