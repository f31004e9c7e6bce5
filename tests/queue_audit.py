"""What must hold for all that a queue has stored, at any moment, whatever happened to it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


#: Keys that are there for as long as the queue is, and do not grow by themselves.
STRUCTURE = {
    "p:high",
    "p:normal",
    "p:low",
    "inprogress",
    "leases",
    "delayed",
    "dead",
    "recipes",
    "counts",
    "hist",
    "recent",
    "wake",
    "wake:sink",
    "wake:events",
    "workers",
    "events",
    "events:tries",
}
_LISTS = {"h": "p:high", "n": "p:normal", "l": "p:low"}
_ALIVE, _FINAL = "qdp", "cfxe"
_PARTS = ("", ":jobs", ":ended", ":same")


def strings(fields: Mapping[bytes, bytes]) -> dict[str, str]:
    """Return a hash as text."""
    return {name.decode(): value.decode(errors="replace") for name, value in fields.items()}


def audit(raw: Any, root: str) -> None:
    """Assert that every job is in one state and in one place, and that nothing is left over."""
    _Audit(raw, root).check()


class _Audit:
    def __init__(self, raw: Any, root: str) -> None:
        self.raw, self.root = raw, root
        names = [key.decode() for key in raw.scan_iter(count=1000)]
        self.names = sorted(name.removeprefix(root) for name in names if name.startswith(root))
        with raw.pipeline(transaction=False) as pipeline:
            for name in self.names:
                pipeline.pttl(root + name)
            self.left = dict(zip(self.names, pipeline.execute(), strict=True))
        self.jobs = {name[4:]: self._hash(name) for name in self._named("job:")}

    def check(self) -> None:
        assert all({"s", "c", "recipe"} <= job.keys() for job in self.jobs.values()), "half a job"
        self._check_places()
        self._check_lists()
        self._check_expiries()
        self._check_duplicates()
        self._check_recipes()
        for name in self._named("batch:"):
            if name.count(":") == 1:
                self._check_batch(name)

    def _check_places(self) -> None:
        working = sorted(self._in_state("p"))
        assert sorted(self._list("inprogress")) == working
        assert sorted(self._scores("leases")) == working
        delayed = {job_id: int(self.jobs[job_id]["due"]) for job_id in self._in_state("d")}
        assert self._scores("delayed") == delayed
        dead = {job_id for job_id in self._scores("dead") if job_id in self.jobs}
        assert dead == self._in_state("f")

    def _check_lists(self) -> None:
        """A list holds each job that waits once, and as many tombstones as were counted."""
        counts = self._hash("counts")
        for priority, name in _LISTS.items():
            entries = Counter(self._list(name))
            waiting = {
                job_id for job_id in self._in_state("q") if self._job_priority(job_id) == priority
            }
            assert waiting <= entries.keys(), "a job waits in no list"
            tombs = entries.total() - len(waiting)
            assert tombs == int(counts.get(f"tombs:{priority}", 0)), "tombstones are miscounted"

    def _check_expiries(self) -> None:
        """All that is done with goes some day, and nothing that lives does."""
        for job_id, job in self.jobs.items():
            expires = self.left[f"job:{job_id}"] > 0
            assert expires == (job["s"] in _FINAL), f"{job} keeps {self.left[f'job:{job_id}']}"
            assert not (expires and {"due", "cancel", "by"} & job.keys())
        for name in self.names:
            kind = name.partition(":")[0]
            if name not in STRUCTURE and kind not in ("job", "dd", "recipe", "batch"):
                assert kind in ("w", "idem", "tended", "grace"), f"{name}: what is that?"
                assert self.left[name] != -1, f"{name} is kept for ever"

    def _check_duplicates(self) -> None:
        for name in self._named("dd:"):
            job_id = (self.raw.get(self.root + name) or b"").decode()
            assert job_id in self.jobs, f"{name} stands for a job that is gone"
            state = self.jobs[job_id]["s"]
            assert self.jobs[job_id]["dd"] == name[3:]
            assert state in "qdpc", f"{name} is blocked by a job in state {state}"
            assert (self.left[name] > 0) == (state == "c")

    def _check_recipes(self) -> None:
        uses = Counter(job["recipe"] for job in self.jobs.values() if job["s"] in _ALIVE)
        found = {name: int(number) for name, number in self._hash("recipes").items()}
        assert found == dict(uses), "recipes are miscounted"
        for digest in {job["recipe"] for job in self.jobs.values()} | uses.keys():
            left = self.left.get(f"recipe:{digest}", -2)
            assert (left == -1) if uses[digest] else (left > 0), "a recipe goes before its jobs"

    def _check_batch(self, name: str) -> None:
        batch = self._hash(name)
        total, same = int(batch.get("total", 0)), int(batch.get("same", 0))
        members = self._list(name + ":jobs")
        ended = self._list(name + ":ended")
        assert len(members) == len(set(members)) == total - same
        assert self.raw.hlen(self.root + name + ":same") == same
        assert not set(members) & self._hash(name + ":same").keys()
        counts = {state: int(batch.get(state, 0)) for state in _FINAL}
        if all(job_id in self.jobs for job_id in members):
            states = Counter(self.jobs[job_id]["s"] for job_id in members)
            assert counts == {state: states[state] for state in _FINAL}
            assert {job_id for job_id in members if self.jobs[job_id]["s"] in _FINAL} <= set(ended)
        assert set(ended) <= set(members)
        over = "sealed" not in batch or sum(counts.values()) + same == total
        for part in _PARTS:
            if name + part in self.left:
                assert (self.left[name + part] > 0) == over, f"{name + part} {batch}"

    def _named(self, prefix: str) -> list[str]:
        return [name for name in self.names if name.startswith(prefix)]

    def _in_state(self, state: str) -> set[str]:
        return {job_id for job_id, job in self.jobs.items() if job["s"] == state}

    def _job_priority(self, job_id: str) -> str:
        return self.jobs[job_id].get("p", "n")

    def _hash(self, name: str) -> dict[str, str]:
        return strings(self.raw.hgetall(self.root + name))

    def _list(self, name: str) -> list[str]:
        return [value.decode() for value in self.raw.lrange(self.root + name, 0, -1)]

    def _scores(self, name: str) -> dict[str, int]:
        found: Any = self.raw.zrange(self.root + name, 0, -1, withscores=True)
        return {member.decode(): int(score) for member, score in found}
