"""Checks that came to something, for tests of how they are told."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from imgflow.check import Checked, Commands, Finding, Kind

#: Text as file names and messages can have it: controls, markup, other scripts.
NASTY = st.text(st.one_of(st.sampled_from("\r\n\x1b\0|%:,<>&\"'`*_[]\\~@ab/ é"), st.characters()))
COMMANDS = Commands("imgflow run recipe.yaml", "imgflow clean recipe.yaml")


def finding(kind: Kind = "stale", **changes: Any) -> Finding:
    """Return a finding of a kind."""
    source = "" if kind in {"manifest", "orphan"} else "photos/cup.jpg"
    fields: dict[str, Any] = {
        "kind": kind,
        "code": {"failed": "source-corrupt", "budget": "max_bytes"}.get(kind, kind),
        "message": f"photos/cup.jpg: expected better, found {kind}",
        "source": source,
        "path": "" if source else "dist/cup.jpg",
    }
    return Finding(**{**fields, **changes})


def checked(*findings: Finding, recipe: str = "recipe.yaml") -> Checked:
    """Return a check of two sources, and all that findings are about."""
    sources = dict.fromkeys(("photos/cup.jpg", "photos/cat.jpg"))
    sources.update((one.source, None) for one in findings if one.source)
    return Checked(recipe, "small", tuple(sources), findings, COMMANDS)
