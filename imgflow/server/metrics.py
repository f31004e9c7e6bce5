"""The figures of a queue in the text format of Prometheus."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from imgflow.queue import Stats

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_TOTALS = {
    "submitted": "Submissions, those of duplicates included.",
    "duplicates": "Submissions that an older job answered for.",
    "completed": "Jobs that were completed.",
    "failed": "Jobs that failed for good.",
    "cancelled": "Jobs that were cancelled.",
    "expired": "Jobs that were not started in time.",
    "retried": "Retries after errors.",
    "killed": "Runs that ended with their process.",
    "lost": "Runs that ended with their worker.",
    "redriven": "Dead letters that were queued again.",
}


def render_metrics(stats: Stats) -> str:
    """Return all figures, a line each."""
    return "\n".join(_lines(stats)) + "\n"


def _lines(stats: Stats) -> Iterator[str]:
    queue = _label("queue", stats.queue)
    yield from _head("imgflow_queue_depth", "gauge", "Jobs that could start now.")
    for priority, depth in stats.depth.items():
        yield f"imgflow_queue_depth{{{queue},{_label('priority', priority)}}} {depth}"
    gauges = {
        "oldest_age_seconds": ("Time that the oldest of them has been waiting.", stats.oldest_age),
        "backlog": (
            "Jobs that wait, for their retry too, or are at work.",
            sum(stats.depth.values()) + stats.delayed + stats.processing,
        ),
        "in_progress": ("Jobs at work.", stats.processing),
        "delayed": ("Jobs that wait for their retry.", stats.delayed),
        "dead_letters": ("Jobs that are kept as failed.", stats.dead),
        "workers": ("Workers that were heard of lately.", len(stats.workers)),
        "worker_slots": (
            "Images that these can work on at once.",
            sum(worker.slots for worker in stats.workers),
        ),
    }
    for name, (text, value) in gauges.items():
        yield from _head(f"imgflow_queue_{name}", "gauge", text)
        yield f"imgflow_queue_{name}{{{queue}}} {value}"
    for name, value in stats.counts.items():
        yield from _head(f"imgflow_jobs_{name}_total", "counter", _TOTALS[name])
        yield f"imgflow_jobs_{name}_total{{{queue}}} {value}"
    text = "Time at work of completed jobs."
    yield from _histogram("imgflow_job_duration_seconds", text, queue, stats.durations)
    yield f"imgflow_job_duration_seconds_sum{{{queue}}} {stats.durations_sum}"
    text = "Time from submission to the first start."
    yield from _histogram("imgflow_job_wait_seconds", text, queue, stats.waits)
    yield f"imgflow_job_wait_seconds_sum{{{queue}}} {stats.waits_sum}"


def _head(name: str, kind: str, text: str) -> tuple[str, str]:
    return f"# HELP {name} {text}", f"# TYPE {name} {kind}"


def _histogram(name: str, text: str, queue: str, buckets: Mapping[str, int]) -> Iterator[str]:
    yield from _head(name, "histogram", text)
    for bound, count in buckets.items():
        bucket = _label("le", "+Inf" if bound == "inf" else bound)
        yield f"{name}_bucket{{{queue},{bucket}}} {count}"
    yield f"{name}_count{{{queue}}} {buckets.get('inf', 0)}"


def _label(name: str, value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'{name}="{escaped}"'
