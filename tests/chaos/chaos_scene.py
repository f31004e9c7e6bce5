"""A queue on a real server, pictures, jobs, and the files that a run without faults makes."""

from __future__ import annotations

import hashlib
import os
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import samples

from imgflow.job import Job, Output
from imgflow.queue import Policy, Queue, Submission, connect
from imgflow.runner import run_jobs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from servers import RedisServer

#: Leases for tests: shorter than those of people who have the time.
SHORT = Policy(lease=2.0, delays=(0.2, 0.5, 1.0))
#: Different pictures; jobs have them under names of their own.
_PICTURES = 24
_SIDE = 320


class Album(NamedTuple):
    """Pictures in ``inputs``, and the digests of what a clean run makes of them, by name."""

    inputs: Path
    names: tuple[str, ...]
    digests: dict[str, str]

    def jobs(self, out: Path) -> list[Job]:
        """Return a job for each picture, with its files in a folder."""
        return [_job(str(self.inputs / name), out) for name in self.names]


def make_album(folder: Path, count: int) -> Album:
    """Write pictures, and make of them what is to be made, in this very machine's cores."""
    inputs, clean = folder / "in", folder / "clean"
    inputs.mkdir()
    names = tuple(f"{number:04d}.png" for number in range(count))
    for number, name in enumerate(names):
        if number < _PICTURES:
            (inputs / name).write_bytes(_picture(number))
        else:
            os.link(inputs / names[number % _PICTURES], inputs / name)
    album = Album(inputs, names, {})
    results = list(run_jobs(album.jobs(clean), workers=2))
    assert {result.status for result in results} == {"completed"}
    return album._replace(digests=digests_of(clean))


def digests_of(folder: Path) -> dict[str, str]:
    """Return the digests of all files but those that a killed process was writing."""
    paths = (path for path in folder.rglob("*") if path.is_file() and path.name[0] != ".")
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


class Scene:
    """Jobs of an album in a queue, as one batch, with their files in ``out``."""

    def __init__(
        self,
        server: RedisServer,
        album: Album,
        out: Path,
        *,
        name: str = "default",
        policy: Policy = SHORT,
    ) -> None:
        self.album, self.out = album, out
        self.queue = Queue(connect(server.url), name, policy)
        self.batch = ""
        self.inputs: dict[str, str] = {}

    def close(self) -> None:
        self.queue.client.close()

    def submit(self) -> None:
        """Queue all jobs."""
        self.batch = self.queue.open_batch("chaos")
        self._submit(list(self._submissions()))
        self.queue.seal_batch(self.batch)

    def submit_doomed(self, broken: int, late: int) -> None:
        """Queue jobs with the others that cannot be done, and some that are too late."""
        source = self.album.inputs / "broken.png"
        source.write_bytes(b"no picture at all")
        self.batch = self.queue.open_batch("chaos")
        self._submit(list(self._submissions()))
        doomed = [self._doomed(source, number) for number in range(broken)]
        missing = [self._doomed(source, number, late=True) for number in range(late)]
        self._submit([*doomed, *missing])
        self.queue.seal_batch(self.batch)

    def ended_at(self) -> list[float]:
        """Return when the jobs ended, in seconds since 1970."""
        client, key = self.queue.client, self.queue.key
        moments = [client.hget(key("job:" + job_id), "end") for job_id in self.inputs]
        return sorted(int(moment) / 1000 for moment in moments if moment)

    def _submit(self, submissions: list[Submission]) -> None:
        receipts = self.queue.submit(submissions)
        assert not any(receipt.duplicate for receipt in receipts)
        for submission in submissions:
            self.inputs[submission.id] = submission.job.input

    def _submissions(self) -> Iterator[Submission]:
        for number, job in enumerate(self.album.jobs(self.out)):
            priority = ("high", "normal", "low")[number % 3]
            yield Submission(job=job, id=_new_id(), batch=self.batch, priority=priority)  # type: ignore[arg-type]

    def _doomed(self, source: Path, number: int, *, late: bool = False) -> Submission:
        job = _job(str(source), self.out / f"doomed-{number}-{late}")
        return Submission(
            job=job, id=_new_id(), batch=self.batch, dedupe=False, ttl=0.001 if late else None
        )


def _new_id() -> str:
    return str(uuid.uuid4())


def _job(source: str, out: Path) -> Job:
    """Return a job that makes a file under a plain name, and one named by what it depends on."""
    webp = {"format": "webp", "quality": 75}
    return Job(
        input=source,
        steps=({"op": "resize", "width": 200},),
        outputs=(
            Output(path=f"{out}/{{stem}}.webp", root=str(out), encoder=webp),
            Output(
                path=f"{out}/{{stem}}-{{hash}}.jpg",
                root=str(out),
                encoder={"format": "jpeg", "quality": 75},
                steps=({"op": "grayscale"},),
            ),
        ),
    )


def _picture(number: int) -> bytes:
    """Return a part of a photograph as a PNG."""
    photographs = (samples.portrait(), samples.cat(), samples.coffee())
    photograph = photographs[number % 3]
    height, width = photograph.shape[:2]
    top = (number * 7) % max(1, height - _SIDE)
    left = (number * 13) % max(1, width - _SIDE)
    part = photograph[top : top + _SIDE, left : left + _SIDE]
    return samples.encoded(part, "PNG", compress_level=1)
