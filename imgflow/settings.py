"""Settings: the environment, read once, at the edges of the program only."""

from __future__ import annotations

import dataclasses
import os
from typing import TYPE_CHECKING

from imgflow.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclasses.dataclass(frozen=True)
class Settings:
    """What the environment says.

    ``jobs`` (``IMGFLOW_JOBS``) is the number of worker processes, None for one a core;
    ``recipes`` (``IMGFLOW_RECIPES``) are folders of named recipes, as in ``PATH``.
    ``stores`` (``IMGFLOW_STORES``) is the file that declares S3 stores with names, ``uploads``
    (``IMGFLOW_UPLOADS``) where in a bucket the images go that clients upload.
    ``redis_url`` (``IMGFLOW_REDIS_URL``) is where the queue is. Of the service, with commas
    between them: ``allow`` (``IMGFLOW_ALLOW``) are the prefixes of what requests may name, and
    ``tokens`` (``IMGFLOW_TOKENS``) those of which each request needs one. ``webhook_secret``
    (``IMGFLOW_WEBHOOK_SECRET``) signs webhooks; besides public hosts over https they may go to the
    prefixes of ``webhooks`` (``IMGFLOW_WEBHOOKS``). Whatever is secret does not show in the repr.
    """

    jobs: int | None = None
    recipes: tuple[str, ...] = ()
    stores: str = ""
    uploads: str = ""
    redis_url: str = dataclasses.field(default="", repr=False)
    allow: tuple[str, ...] = ()
    tokens: tuple[str, ...] = dataclasses.field(default=(), repr=False)
    webhook_secret: str = dataclasses.field(default="", repr=False)
    webhooks: tuple[str, ...] = ()


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Build the settings; raises UsageError naming the variable that is wrong."""
    folders = environment.get("IMGFLOW_RECIPES", "").split(os.pathsep)
    return Settings(
        jobs=_read_jobs(environment.get("IMGFLOW_JOBS", "")),
        recipes=tuple(folder for folder in folders if folder),
        stores=environment.get("IMGFLOW_STORES", "").strip(),
        uploads=environment.get("IMGFLOW_UPLOADS", "").strip(),
        redis_url=environment.get("IMGFLOW_REDIS_URL", "").strip(),
        allow=_read_list(environment.get("IMGFLOW_ALLOW", "")),
        tokens=_read_list(environment.get("IMGFLOW_TOKENS", "")),
        webhook_secret=environment.get("IMGFLOW_WEBHOOK_SECRET", "").strip(),
        webhooks=_read_list(environment.get("IMGFLOW_WEBHOOKS", "")),
    )


def debugging(environment: Mapping[str, str]) -> bool:
    """Tell whether ``IMGFLOW_DEBUG`` asks for the tracebacks of our own bugs."""
    return bool(environment.get("IMGFLOW_DEBUG"))


def _read_jobs(text: str) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or int(text) < 1:
        message = f"IMGFLOW_JOBS: expected a number of processes from 1, found {text!r}"
        raise UsageError(message, code="bad-setting")
    return int(text)


def _read_list(text: str) -> tuple[str, ...]:
    return tuple(part for one in text.split(",") if (part := one.strip()))
