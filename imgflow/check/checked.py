"""What a check came to: all findings, and how many sources are as they should be."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, NamedTuple

from imgflow.wording import count_text

if TYPE_CHECKING:
    from imgflow.check.finding import Finding, Kind


class Commands(NamedTuple):
    """What puts things right: the command that brings up to date, and that for orphans."""

    run: str
    clean: str


@dataclasses.dataclass(frozen=True)
class Checked:
    """The sources that were looked at, and what was found, in the order of :data:`Kind`.

    ``recipe`` is the file of the recipe, ``name`` what it is called.
    """

    recipe: str
    name: str
    sources: tuple[str, ...]
    findings: tuple[Finding, ...]
    commands: Commands

    def count(self, kind: Kind) -> int:
        """Return the number of findings of a kind."""
        return sum(finding.kind == kind for finding in self.findings)

    @property
    def counts(self) -> dict[str, int]:
        """How many sources there are, how many are fresh, stale or failed; and all else."""
        stale, failed = self.count("stale"), self.count("failed")
        return {
            "sources": len(self.sources),
            "fresh": len(self.sources) - stale - failed,
            "stale": stale,
            "failed": failed,
            "over_budget": self.count("budget"),
            "manifest": self.count("manifest"),
            "orphans": self.count("orphan"),
        }

    @property
    def words(self) -> str:
        """The counts in words: ``6 sources: 4 fresh, 2 stale; 1 file over budget``."""
        counts = self.counts
        parts = [
            f"{counts[name]:,} {name}" for name in ("fresh", "stale", "failed") if counts[name]
        ]
        rest = [f"{counts['over_budget']:,} over budget"] if counts["over_budget"] else []
        rest += ["the manifest is not up to date"] if counts["manifest"] else []
        rest += [count_text(counts["orphans"], "orphan")] if counts["orphans"] else []
        return "; ".join([f"{count_text(counts['sources'], 'source')}: {', '.join(parts)}", *rest])

    @property
    def advice(self) -> list[str]:
        """The commands that put things right, and what each does."""
        found = []
        if self.count("stale") or self.count("manifest"):
            found.append(f"bring up to date: {self.commands.run}")
        if any(finding.code == "orphan" for finding in self.findings):
            found.append(f"remove orphans:   {self.commands.clean}")
        return found
