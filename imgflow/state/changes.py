"""What is different between two terms of a job, in words."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What an output has beside its steps and its encoder; ``root`` follows from ``path``.
_PLAIN = ("path", "name", "widths", "metadata", "profile", "properties")
#: What all outputs of one entry in a recipe share, and none is recognised by.
_SHARED = "widths"


def changes(old: dict[str, Any], new: dict[str, Any]) -> tuple[str, ...]:
    """Return what changed from some terms to others, ``steps[0].width: 800 -> 1200`` say.

    What changed alike in several outputs is said once, with their numbers unless it is all.
    """
    found = [
        *_values("orient", old["orient"], new["orient"]),
        *_steps("steps", old["steps"], new["steps"]),
        *_outputs(old["outputs"], new["outputs"]),
    ]
    files, versions = (_both(old[key], new[key]) for key in ("files", "versions"))
    found += [f"{path} changed" for path, one, two in files if one != two]
    found += [f"{name} {one} -> {two}" for name, one, two in versions if one != two]
    return tuple(found) or ("recipe changed",)


def _both(old: dict[str, str], new: dict[str, str]) -> list[tuple[str, str, str]]:
    """Return what both have: what only one has, it has because of something else."""
    return [(key, old[key], new[key]) for key in sorted(old.keys() & new.keys())]


def _outputs(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[str]:
    found: list[str] = []
    each: list[tuple[int, list[str]]] = []
    for before, after, at in _aligned(old, new):
        if before is None and after is not None:
            found.append(f"output added: {_title(after)}")
        elif after is None and before is not None:
            found.append(f"output removed: {_title(before)}")
        elif before is not None and after is not None:
            each.append((at, list(_output(before, after))))
    takers: dict[str, list[int]] = {}
    for at, texts in each:
        for text in texts:
            takers.setdefault(text, []).append(at)
    for text, numbers in takers.items():
        which = ",".join(map(str, numbers))
        found.append(text if len(numbers) == len(each) else f"outputs[{which}].{text}")
    return found


def _output(old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    for key in _PLAIN:
        yield from _values(key, old.get(key), new.get(key))
    if old.get("path") == new.get("path"):
        yield from _values("root", old.get("root"), new.get("root"))
    yield from _steps("steps", old["steps"], new["steps"])
    before, after = old["encoder"] or {}, new["encoder"] or {}
    if before.get("format") != after.get("format"):
        yield from _values("format", before.get("format"), after.get("format"))
    else:
        yield from _mappings("", before, after)


def _steps(name: str, old: list[dict[str, Any]], new: list[dict[str, Any]]) -> Iterator[str]:
    for before, after, at in _aligned(old, new):
        if before is None and after is not None:
            yield f"{name}[{at}]: {after['op']} added"
        elif after is None and before is not None:
            yield f"{name}[{at}]: {before['op']} removed"
        elif before is not None and after is not None:
            if before["op"] == after["op"]:
                yield from _mappings(f"{name}[{at}].", before, after)
            else:
                yield from _values(f"{name}[{at}]", before["op"], after["op"])


def _aligned(
    old: list[dict[str, Any]], new: list[dict[str, Any]]
) -> Iterator[tuple[dict[str, Any] | None, dict[str, Any] | None, int]]:
    """Yield what stands for what: pairs, and what has no partner; the number is the new one."""
    if len(old) == len(new):
        yield from zip(old, new, range(len(new)), strict=True)
        return
    one, two = ([_mark(item) for item in each] for each in (old, new))
    for _, first, last, start, end in SequenceMatcher(None, one, two, autojunk=False).get_opcodes():
        for offset in range(max(last - first, end - start)):
            before = old[first + offset] if first + offset < last else None
            after = new[start + offset] if start + offset < end else None
            yield before, after, start + offset if after is not None else first + offset


def _mark(item: dict[str, Any]) -> bytes:
    own = {key: value for key, value in item.items() if key != _SHARED}
    return msgspec.json.encode(own, order="sorted")


def _mappings(prefix: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    for key in dict.fromkeys((*old, *new)):
        yield from _values(f"{prefix}{key}", old.get(key), new.get(key))


def _values(name: str, old: object, new: object) -> Iterator[str]:
    if old != new:
        yield f"{name}: {_shown(old)} -> {_shown(new)}"


def _shown(value: object) -> str:
    """Return a value as in a recipe; what is not said there is at its default."""
    if value is None:
        return "default"
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _title(output: dict[str, Any]) -> str:
    kind = (output["encoder"] or {}).get("format", "")
    widths = [f"{step['width']}w" for step in output["steps"] if step.get("width")]
    about = " ".join([kind, *widths[-1:]]).strip()
    return f"{output['path']} ({about})" if about else str(output["path"])
