"""Jobs that do nothing: how many a second each queue gets through, with its guarantees on.

All systems run in turn on one and the same Redis (AOF everysec), several rounds of it, each
on a queue that was filled before its workers start. A job counts itself; the clock runs from
the 10th percent of the jobs to the last, so that no start-up is in it.

The others are measured if they are there: ``--rivals FOLDER`` holds a virtual environment for
each, made by ``--how``.
"""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import bench
import queue_ground as ground
import queue_tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from servers import RedisServer

HOW = """\
for spec in rq 'celery[redis]' 'dramatiq[redis]' arq 'saq[hiredis] typing_extensions'; do
  name=${spec%%[[ ]*}
  python -m venv FOLDER/$name && FOLDER/$name/bin/pip install $spec hiredis uvloop
done"""
#: Names of environments and programs, with the words that describe how they are run.
RIVALS = {
    "rq": "RQ, 2 processes that do not fork",
    "celery": "Celery, 2 processes, late ack",
    "dramatiq": "Dramatiq, 2 processes of 8 threads",
    "arq": "arq, 2 processes of 100 coroutines",
    "saq": "SAQ, 2 processes of 20 coroutines",
}
BASELINE = "imgflow worker, 2 children"
#: The part of the jobs that warms the workers up, and the seconds that a run may take.
WARM, PATIENCE = 0.1, 120.0


class Entrant(NamedTuple):
    """A queue and a way to run its workers: a Python, a program, its words, a number of jobs."""

    name: str
    python: str
    program: str
    words: tuple[str, ...]
    jobs: int


class Score(NamedTuple):
    """Jobs a second, and the CPU time that the server spent on each, in microseconds."""

    rate: float
    server: float


def main() -> None:
    """Race and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--jobs", type=int, default=10_000)
    options.add_argument("--rivals", type=Path, help="folder of virtual environments")
    options.add_argument("--how", action="store_true", help="say how to make that folder")
    options.add_argument("--only", default="", help="measure what has this in its name")
    chosen = options.parse_args()
    if chosen.how:
        print(HOW.replace("FOLDER", str(chosen.rivals or "rivals")))
        return
    entrants = [each for each in ours(chosen.jobs) if chosen.only in each.name]
    entrants += [
        each for each in others(chosen.rivals, chosen.jobs // 2) if chosen.only in each.name
    ]
    scores: dict[str, list[Score]] = {each.name: [] for each in entrants}
    with ground.own_server() as server:
        for _ in range(chosen.rounds):
            for entrant in entrants:
                scores[entrant.name].append(run(entrant, server))
                show_progress(entrant, scores[entrant.name][-1])
    report(scores)


def ours(jobs: int) -> Iterator[Entrant]:
    """Yield our own ways to run."""
    for each in (1, 20):
        for processes in (1, 2, 4):
            plural = "es" if processes > 1 else ""
            name = f"imgflow claims of {each}, {processes} process{plural}"
            take = ("take", str(processes), str(each))
            yield Entrant(name, sys.executable, "queue_imgflow.py", take, jobs * (each > 1) + jobs)
    for children in (1, 2):
        name = f"imgflow worker, {children} child{'ren' if children > 1 else ''}"
        work = ("work", str(children))
        yield Entrant(name, sys.executable, "queue_imgflow.py", work, 2 * jobs)


def others(folder: Path | None, jobs: int) -> Iterator[Entrant]:
    """Yield the others that are installed."""
    for name, title in RIVALS.items():
        python = folder / name / "bin/python" if folder else None
        if python and python.exists():
            yield Entrant(title, str(python), f"queue_{name}.py", ("work", "2"), jobs)
        else:
            print(f"{name}: not installed (--how says how)", file=sys.stderr)


def run(entrant: Entrant, server: RedisServer) -> Score:
    """Fill the queue, let the workers at it, and return how quick they were."""
    with server.client() as client, bench.scratch_folder() as tally:
        client.flushall()
        environment = {
            **os.environ,
            "BENCH_REDIS_URL": server.url,
            "BENCH_TALLY": str(tally),
            "PYTHONPATH": str(ground.folder_of("")),
        }
        command = [entrant.python, str(ground.folder_of(entrant.program))]
        subprocess.run([*command, "fill", str(entrant.jobs)], env=environment, check=True)
        workers = subprocess.Popen(
            [*command, *entrant.words],
            env=environment,
            cwd=ground.folder_of(""),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            first, before = (
                wait_for(tally, round(WARM * entrant.jobs)),
                ground.server_seconds(server),
            )
            last, after = wait_for(tally, entrant.jobs), ground.server_seconds(server)
        finally:
            os.killpg(workers.pid, signal.SIGKILL)
            workers.wait()
        jobs = last[1] - first[1]
        return Score(jobs / (last[0] - first[0]), (after - before) / jobs * 1e6)


def wait_for(tally: Path, jobs: int) -> tuple[float, int]:
    """Wait until so many jobs are done; return when that was, and how many they were."""
    deadline = time.perf_counter() + PATIENCE
    while time.perf_counter() < deadline:
        done = queue_tally.total(tally)
        if done >= jobs:
            return time.perf_counter(), done
        time.sleep(0.002)
    sys.exit(f"{queue_tally.total(tally)} of {jobs} jobs after {PATIENCE:.0f} s")


def show_progress(entrant: Entrant, score: Score) -> None:
    """Tell how a run went, on standard error."""
    print(f"{entrant.name}: {score.rate:.0f}/s", file=sys.stderr, flush=True)


def report(scores: dict[str, list[Score]]) -> None:
    """Print the table, and what was wanted."""
    ground.head("queue", "jobs/s: median (range)", f"/ {BASELINE}", "server CPU us/job")
    best: dict[str, float] = {}
    for name, runs in scores.items():
        rates = [score.rate for score in runs]
        best[name] = statistics.median(rates)
        pairs = zip(runs, scores.get(BASELINE, []), strict=False)
        ratios = [score.rate / base.rate for score, base in pairs]
        ratio = f"{statistics.median(ratios):.2f}" if ratios else ""
        cpu = statistics.median(score.server for score in runs)
        ground.row(name, ground.spread(rates), ratio, f"{cpu:.0f}")
    print()
    for title, start, wanted in (
        ("claim and complete, one at a time", "imgflow claims of 1,", 2500),
        ("claim and complete, 20 at a time", "imgflow claims of 20,", 6000),
        ("through the worker's children", "imgflow worker", 1500),
    ):
        found = max((rate for name, rate in best.items() if name.startswith(start)), default=0)
        if found:
            ground.target(title, found, f">= {wanted}", "jobs/s", met=found >= wanted)


if __name__ == "__main__":
    main()
