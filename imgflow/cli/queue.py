"""``imgflow queue``: a queue in figures."""

from typing import TYPE_CHECKING

import typer

from imgflow.cli.options import AsJson
from imgflow.cli.queueing import QueueOption, open_queue

if TYPE_CHECKING:
    from imgflow.queue import Stats

queue = typer.Typer(help="A queue in figures.", no_args_is_help=True)


@queue.callback()
def _group() -> None:
    """Look at a queue as a whole."""


@queue.command()
def stats(*, queue: QueueOption = None, as_json: AsJson = False) -> None:
    """Show depths, ages, totals, waiting and working times, and the workers."""
    from imgflow.cli.columns import print_columns
    from imgflow.cli.printing import print_json

    found = open_queue(queue).stats()
    if as_json:
        print_json(found)
    else:
        print_columns(_rows(found))


def _rows(stats: "Stats") -> list[tuple[str, str]]:
    from imgflow.wording import time_text

    depths = ", ".join(f"{count:,} {name}" for name, count in stats.depth.items())
    counts = ", ".join(f"{count:,} {name}" for name, count in stats.counts.items() if count)
    rows = [
        ("queue", stats.queue),
        ("waiting", f"{depths}; the oldest for {time_text(stats.oldest_age)}"),
        ("at work", f"{stats.processing:,}"),
        ("to be retried", f"{stats.delayed:,}"),
        ("given up", f"{stats.dead:,}"),
        ("so far", counts or "nothing"),
    ]
    if runs := stats.durations["inf"]:
        rows.append(("a run takes", f"{time_text(stats.durations_sum / runs)} on average"))
    rows += [
        ("worker", f"{worker.worker}, {worker.slots} at once, seen {worker.seen_at}")
        for worker in stats.workers
    ]
    return rows
