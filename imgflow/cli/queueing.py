"""Which queue a command means, and how it is reached."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from imgflow.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from imgflow.queue import Queue

QueueOption = Annotated[
    str | None,
    typer.Option(
        "--queue",
        metavar="URL",
        help="The queue: redis://host/0, or with a name, redis://host/0#name.  "
        "[default: IMGFLOW_REDIS_URL]",
    ),
]

#: Why an option of a run here says nothing to workers.
_WHY = {
    "jobs": "workers have limits of their own, see 'imgflow worker --help'",
    "state": "workers remember nothing of earlier runs",
    "report": "follow the jobs, then write 'imgflow report' where the files are",
}


def open_queue(text: str | None) -> Queue:
    """Connect to the queue that an option names: a URL, ``URL#name``, or a name alone.

    A name alone is a queue on the server of IMGFLOW_REDIS_URL. Raises UsageError if no server
    is named at all.
    """
    from imgflow.queue import open_queues
    from imgflow.settings import read_settings

    usual = read_settings(os.environ).redis_url
    if text and "://" not in text:
        text = f"{usual.partition('#')[0]}#{text}" if usual else None
    if not (text or usual):
        message = "expected the URL of a queue in --queue or IMGFLOW_REDIS_URL, found none"
        raise UsageError(message, code="no-queue")
    (queue,) = open_queues(text or usual, (), os.environ)
    return queue


def repeated(text: str | None) -> str:
    """Return the option as another command needs it, without a password."""
    from imgflow.cli.printing import shell_word
    from imgflow.queue import concealed

    return f" --queue {shell_word(concealed(text))}" if text else ""


def refuse_local(options: Mapping[str, object], bounds: Iterable[str]) -> None:
    """Raise UsageError for options that mean nothing where workers do the work."""
    for name, value in options.items():
        if value:
            message = f"--{name} does not go with --queue: {_WHY[name]}"
            raise UsageError(message)
    if given := next((word for word in bounds if word.startswith("--")), None):
        message = f"{given} does not go with --queue: {_WHY['jobs']}"
        raise UsageError(message)


def refuse_queued(**options: object) -> None:
    """Raise UsageError for options that were given and need a queue."""
    for name, value in options.items():
        if value:
            message = f"--{name} needs --queue: without one the images are done here and now"
            raise UsageError(message)
