"""Chaos: workers killed at random every half second, over many seeds; nothing may be lost.

Each seed queues jobs that make two small files each, some that cannot be done, some that are
too late, and cancels a few. ``imgflow worker`` processes do them, while a killer sends SIGKILL
to one of them, to one of its children, or to both, and starts another one. When all is over,
every job has to be in one final state, every count has to match, nothing may be left in
progress, and every file has to be what a run without faults makes, byte for byte. Jobs that
were given up, because three workers died under them, are then queued again, and done.

``--plot FILE`` draws the times from a kill to the next start of each job that was held.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import bench
import queue_ground as ground

sys.path.append(str(bench.HERE.parent / "chaos"))

from chaos_fleet import Fleet, real_worker
from chaos_killer import Killer
from chaos_scene import Scene, make_album
from chaos_verdict import judge, wait_for_all
from queue_chaos_plot import draw

from imgflow.queue import DEFAULT_POLICY

if TYPE_CHECKING:
    from chaos_killer import Kill, Recovery
    from chaos_scene import Album
    from chaos_verdict import Verdict
    from servers import RedisServer

#: Jobs of each seed that cannot be done, that come too late, and that are cancelled.
BROKEN, LATE, CANCELLED = 10, 10, 10
#: Seconds that a seed may take; and those after which a recovery is worth a line of its own.
PATIENCE, SLOW = 600.0, 17.0


@dataclasses.dataclass(frozen=True)
class Run:
    """What came of one seed: before and after the jobs that were given up were tried again."""

    seed: int
    seconds: float
    kills: list[Kill]
    recoveries: list[Recovery]
    verdict: Verdict
    given_up: int
    last: Verdict
    ended: list[float]
    held: int


def main() -> None:
    """Run and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seeds", type=int, default=20)
    options.add_argument("--jobs", type=int, default=1000)
    options.add_argument("--workers", type=int, default=4)
    options.add_argument("--slots", type=int, default=2, help="children of each worker")
    options.add_argument("--plot", type=Path, help="where to draw the times of recovery")
    chosen = options.parse_args()
    names = ("seed", "s", "kills", "held", "run again", "completed", "given up", "faults")
    ground.head(*names, "recovery p50 / p99 s")
    runs = []
    with bench.scratch_folder() as scratch, ground.own_server() as server:
        album = make_album(scratch, chosen.jobs)
        for seed in range(1, chosen.seeds + 1):
            folder = scratch / f"seed-{seed}"
            run = one(server, album, folder, seed, workers=chosen.workers, slots=chosen.slots)
            runs.append(run)
            show(run)
    report(runs, chosen.jobs, chosen.slots)
    if chosen.plot:
        chosen.plot.write_text(draw(runs[0], [each for run in runs for each in run.recoveries]))
    sys.exit(any(run.verdict.faults or run.last.faults for run in runs))


def one(  # noqa: PLR0913 - what a run consists of
    server: RedisServer, album: Album, folder: Path, seed: int, *, workers: int, slots: int
) -> Run:
    """Run one seed on an empty server."""
    with server.client() as client:
        client.flushall()
    scene = Scene(server, album, folder / "out", policy=DEFAULT_POLICY)
    started = time.time()
    with Fleet(folder / "logs", real_worker(server.url, slots)) as fleet:
        scene.submit_doomed(broken=BROKEN, late=LATE)
        killer = Killer(scene, fleet, workers=workers, seed=seed)
        with killer:
            time.sleep(2.0)
            scene.queue.cancel_all(sorted(scene.inputs)[:CANCELLED])
            wait_for_all(scene, PATIENCE)
        seconds = time.time() - started
        verdict, ended = judge(scene), scene.ended_at()
        given_up = [
            each.job_id
            for each in scene.queue.failed(limit=len(scene.inputs))
            if each.code in ("worker-lost", "worker-crashed")
        ]
        scene.queue.retry(given_up)
        fleet.start()
        wait_for_all(scene, PATIENCE)
        fleet.drain()
    run = Run(
        seed=seed,
        seconds=seconds,
        kills=killer.kills,
        recoveries=killer.recoveries,
        verdict=verdict,
        given_up=len(given_up),
        last=judge(scene),
        ended=ended,
        held=sum(kill.held for kill in killer.kills),
    )
    scene.close()
    return run


def show(run: Run) -> None:
    """Print one row."""
    faults = [*run.verdict.faults, *run.last.faults]
    ground.row(
        run.seed,
        f"{run.seconds:.0f}",
        len(run.kills),
        run.held,
        run.verdict.reruns,
        run.verdict.states.get("completed", 0),
        run.given_up,
        len(faults),
        times(run.recoveries),
    )
    for fault in faults:
        print(fault, file=sys.stderr)
    start = run.kills[0].at
    for each in run.recoveries:
        if each.after > SLOW:
            what = f"killed at {each.at - start:.1f} s ({each.way})"
            print(f"seed {run.seed}: {what}, started {each.after:.1f} s later", file=sys.stderr)


def times(recoveries: list[Recovery]) -> str:
    """Return two percentiles of the times, in seconds."""
    after = [each.after for each in recoveries]
    if not after:
        return "-"
    return " / ".join(f"{ground.percentile(after, percent):.1f}" for percent in (50, 99))


def report(runs: list[Run], jobs: int, slots: int) -> None:
    """Print the sums, and what was wanted."""
    submitted = (jobs + BROKEN + LATE) * len(runs)
    lost = submitted - sum(sum(run.last.states.values()) for run in runs)
    recoveries = [each for run in runs for each in run.recoveries]
    kills = sum(len(run.kills) for run in runs)
    reruns = sum(run.verdict.reruns - run.verdict.kills for run in runs)
    faults = sum(len(run.verdict.faults) + len(run.last.faults) for run in runs)
    completed = sum(run.last.states["completed"] for run in runs)
    print(
        f"\n{submitted} jobs, {kills} kills, {len(recoveries)} jobs found again after them, "
        f"{sum(run.given_up for run in runs)} given up and then done, {completed} completed\n"
    )
    ground.target("jobs lost", lost, "0", "", met=not lost)
    ground.target("faults", faults, "0", "", met=not faults)
    late = ground.percentile([each.after for each in recoveries], 99)
    ground.target("recovery p99", late, "<= 20", "s", met=late <= 20)
    bound = kills * slots
    ground.target("runs beyond the first", reruns, f"<= {bound}", "", met=reruns <= bound)


if __name__ == "__main__":
    main()
