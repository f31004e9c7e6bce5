"""Which of the variants of a source make up one picture, and in which order."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from imgflow.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imgflow.manifest.manifest import Entry, Variant

#: Formats that not every browser knows, the smallest at one quality first.
_MODERN = ("avif", "jxl", "webp")
#: Formats that every browser knows.
_COMMON = ("jpeg", "png", "gif")


class Choice(NamedTuple):
    """The variants of one picture by format, each from the narrowest to the widest.

    ``fallback`` is for browsers that know none of the ``preferred`` formats.
    """

    preferred: tuple[tuple[Variant, ...], ...]
    fallback: tuple[Variant, ...]


def choose(name: str, entry: Entry, output: str | None) -> Choice:
    """Return the variants of one output, by default that of the first variant.

    Variants of other proportions are left out: a browser must get the same picture whichever it
    takes. Raises UsageError if there is nothing that browsers show.
    """
    shown = [one for one in entry.variants if is_shown(one)]
    if output is None and shown:
        output = shown[0].name
    taken = [one for one in shown if one.name == output]
    if not taken:
        known = sorted({one.name for one in shown if one.name}) or ["none with a name"]
        wanted = "that browsers show" if output is None else f"'{output}' that browsers show"
        message = f"{name}: expected an output {wanted}, found {', '.join(known)}"
        raise UsageError(message, code="unknown-output")
    widest = max(taken, key=lambda one: one.width)
    alike = [one for one in taken if _is_alike(one, widest)]
    groups = [_of_format(name, alike) for name in _MODERN + _COMMON]
    *preferred, fallback = (group for group in groups if group)
    return Choice(tuple(preferred), fallback)


def is_shown(variant: Variant) -> bool:
    """Tell whether there are browsers that show a variant."""
    return variant.format in _MODERN + _COMMON


def _is_alike(one: Variant, widest: Variant) -> bool:
    """Tell whether the proportions differ by no more than rounding to whole pixels."""
    return abs(one.width * widest.height / widest.width - one.height) <= 1


def _of_format(name: str, variants: Iterable[Variant]) -> tuple[Variant, ...]:
    """Return one variant for each width."""
    widths: dict[int, Variant] = {}
    for variant in variants:
        if variant.format == name:
            widths.setdefault(variant.width, variant)
    return tuple(widths[width] for width in sorted(widths))
