"""What must hold when all is over: every job ended once, and every file is as it should be."""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import TYPE_CHECKING

from chaos_fleet import until
from chaos_scene import digests_of
from queue_audit import audit

from imgflow.errors import QueueError
from imgflow.queue import FINAL

if TYPE_CHECKING:
    from chaos_scene import Scene

    from imgflow.queue import BatchStatus, JobStatus

#: Keys in which jobs are held that have not ended.
_LISTS = ("p:high", "p:normal", "p:low", "inprogress")
_RANKED = ("leases", "delayed")


@dataclasses.dataclass(frozen=True)
class Verdict:
    """The end of a scene: jobs by state, runs beyond the first, and what is wrong, if anything."""

    states: dict[str, int]
    reruns: int
    losses: int
    kills: int
    faults: tuple[str, ...]


def wait_for_all(scene: Scene, patience: float) -> None:
    """Wait until no job of the scene is pending, and the ids of cancelled ones are dropped."""
    batch: BatchStatus | None = None
    try:
        for _ in until(patience, 0.1):
            try:
                batch = scene.queue.batch(scene.batch)
            except QueueError:
                continue
            if batch and batch.status == "completed" and not _left_over(scene):
                return
    except AssertionError as error:
        message = f"{error}: {batch}, {scene.queue.stats()}, {scene.queue.running()}"
        raise AssertionError(message) from None


def judge(scene: Scene) -> Verdict:
    """Look at everything that the queue and the folder of the files hold."""
    statuses = {job_id: scene.queue.status([job_id])[0] for job_id in scene.inputs}
    lost = [job_id for job_id, status in statuses.items() if status is None]
    known = [status for status in statuses.values() if status]
    batch = scene.queue.batch(scene.batch)
    assert batch is not None
    faults = [
        *(f"{job_id}: lost" for job_id in lost),
        *(f"{one.job_id}: {one.status}" for one in known if one.status not in FINAL),
        *_left_over(scene),
        *_audited(scene),
        *_miscounted(scene, known, batch),
        *_wrong_files(scene, known),
    ]
    return Verdict(
        states=dict(Counter(status.status for status in known)),
        reruns=sum(max(0, status.runs - 1) for status in known),
        losses=sum(status.losses for status in known),
        kills=sum(status.kills for status in known),
        faults=tuple(faults),
    )


def _left_over(scene: Scene) -> list[str]:
    """Name the keys that still hold jobs."""
    client, key = scene.queue.client, scene.queue.key
    held = {name: client.llen(key(name)) for name in _LISTS}
    held |= {name: client.zcard(key(name)) for name in _RANKED}
    return [f"{name}: {number} left" for name, number in held.items() if number]


def _audited(scene: Scene) -> list[str]:
    """Return what is wrong with the queue as it is stored: what holds after any test of it."""
    try:
        audit(scene.queue.client, scene.queue.root)
    except AssertionError as error:
        return [f"audit: {error}"]
    return []


def _miscounted(scene: Scene, known: list[JobStatus], batch: BatchStatus) -> list[str]:
    states = Counter(status.status for status in known)
    counts = scene.queue.stats().counts
    faults = []
    for state in FINAL:
        counted = getattr(batch, state)
        if counted != states[state]:
            faults.append(f"batch: {counted} {state}, found {states[state]}")
    if batch.total != len(scene.inputs) or counts["submitted"] != len(scene.inputs):
        faults.append(f"{len(scene.inputs)} submitted, counted {batch.total}, {counts}")
    ended = scene.queue.batch_ended(scene.batch, 0, 2 * len(scene.inputs))
    if set(ended) != set(scene.inputs):
        faults.append(f"{len(scene.inputs)} submitted, {len(set(ended))} followed to their end")
    return faults


def _wrong_files(scene: Scene, known: list[JobStatus]) -> list[str]:
    """Compare with a clean run: what is there is right, and what is done is there."""
    found = digests_of(scene.out)
    clean = scene.album.digests
    wrong = [f"{name}: not what it is" for name in found if found[name] != clean.get(name)]
    for status in known:
        if status.status == "completed":
            made = [output.path.rpartition("/")[2] for output in status.outputs]
            wrong += [f"{name}: is not there" for name in made if name not in found]
            wrong += [f"{status.job_id}: made {made}"] * (len(made) != 2)
    return wrong
