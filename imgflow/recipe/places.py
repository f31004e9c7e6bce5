"""Where in which file each value of a recipe stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: The way to a value: ``("steps", 0, "width")``.
Keys = tuple[str | int, ...]


class Place(NamedTuple):
    """The place of a value and of its key, lines and columns from 1.

    ``inner`` is how many columns after ``column`` the text of a scalar begins, or -1 if
    the text does not stand in the file as it is (escapes, several lines).
    A ``line`` of 0 means outside any file: ``file`` is ``--set`` or ``built-in`` then.
    """

    file: str
    line: int = 0
    column: int = 0
    key_line: int = 0
    key_column: int = 0
    inner: int = -1


def path_text(keys: Keys) -> str:
    """Return ``steps[0].width``."""
    text = ""
    for key in keys:
        text += f"[{key}]" if isinstance(key, int) else f".{key}"
    return text.removeprefix(".")


def place_of(places: Mapping[Keys, Place], keys: Keys) -> Place:
    """Return the place of a value, or of the nearest value around it that has one."""
    while keys and keys not in places:
        keys = keys[:-1]
    return places.get(keys, Place(""))


def below(places: Mapping[Keys, Place], prefix: Keys) -> Iterator[tuple[Keys, Place]]:
    """Yield the places of a value and of everything in it."""
    for keys, place in places.items():
        if keys[: len(prefix)] == prefix:
            yield keys, place
