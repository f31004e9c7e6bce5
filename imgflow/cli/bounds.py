"""Limits as options: what a source may cost before it is refused."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgflow.limits import Limits

_BYTES = {"": 1_000_000, "KB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000}

MaxMegapixels = Annotated[
    float | None,
    typer.Option(min=0.001, metavar="N", help="Largest source, in megapixels.  [default: 100]"),
]
MaxTotalMegapixels = Annotated[
    float | None,
    typer.Option(min=0.001, metavar="N", help="The same for all frames.  [default: 400]"),
]
MaxMegabytes = Annotated[
    float | None,
    typer.Option(min=0.001, metavar="N", help="Largest source file, in MB.  [default: 512]"),
]
Timeout = Annotated[
    float | None,
    typer.Option(min=0.001, metavar="SECONDS", help="Longest time an image.  [default: 120]"),
]
Memory = Annotated[
    str | None,
    typer.Option(metavar="SIZE", help="Most memory an image, 512MB say.  [default: 2GB]"),
]


class Bounds(NamedTuple):
    """The limits that were given, as options; None for those that were not."""

    max_megapixels: float | None = None
    max_total_megapixels: float | None = None
    max_megabytes: float | None = None
    timeout: float | None = None
    memory: str | None = None
    allow_loader: tuple[str, ...] = ()

    def limits(self) -> Limits:
        """Return the limits; raises UsageError for a size or a format that makes no sense."""
        import msgspec

        from imgflow.limits import DEFAULT_LIMITS, MEGA

        changes = {
            "frame_pixels": _times(self.max_megapixels, MEGA),
            "total_pixels": _times(self.max_total_megapixels, MEGA),
            "source_bytes": _times(self.max_megabytes, MEGA),
            "seconds": self.timeout,
            "memory_bytes": None if self.memory is None else _parse_bytes(self.memory),
            "loaders": _check_loaders(self.allow_loader),
        }
        given = {key: value for key, value in changes.items() if value is not None}
        return msgspec.structs.replace(DEFAULT_LIMITS, **given)

    def arguments(self) -> Iterator[str]:
        """Yield the options again, as they stand on a command line."""
        for name, value in self._asdict().items():
            option = "--" + name.replace("_", "-")
            for one in value if isinstance(value, tuple) else (value,):
                if one is not None:
                    yield from (option, f"{one:g}" if isinstance(one, float) else one)


def _times(value: float | None, unit: int) -> int | None:
    return None if value is None else round(value * unit)


def _parse_bytes(text: str) -> int:
    """Read ``512MB``, ``2 GB`` or ``512`` (megabytes)."""
    from imgflow.errors import UsageError

    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(KB|MB|GB|)", text.strip().upper())
    if match is None or float(match[1]) == 0:
        message = f"--memory: expected a size like 512MB or 2GB, found '{text}'"
        raise UsageError(message)
    return round(float(match[1]) * _BYTES[match[2]])


def _check_loaders(names: tuple[str, ...]) -> tuple[str, ...]:
    from imgflow.errors import UsageError
    from imgflow.limits import UNTRUSTED_LOADERS

    for name in names:
        if name not in UNTRUSTED_LOADERS:
            message = f"--allow-loader: expected {' or '.join(UNTRUSTED_LOADERS)}, found '{name}'"
            raise UsageError(message)
    return names
