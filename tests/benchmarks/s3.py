"""From bucket to bucket against the same run on files: images a second, requests an image.

The bucket is ``s3_static.py``: each request costs ``--latency`` seconds, and hardly any CPU time
of the cores that the images need, so that what is measured is imgflow and boto3. The pace is
that between the 10th percent of the outputs and the last, so that no start-up is in it.

imgflow has two processes a core where it waits for a network. On a machine that others use,
that alone gets it more of the cores: the run on files with as many processes is the judge there.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import bench

if TYPE_CHECKING:
    from collections.abc import Iterator

RECIPE = """\
version: 1
name: far
vars: {out: out}
outputs:
  - {path: "{out}/{stem}.webp", format: webp, widths: [1600]}
  - {path: "{out}/{stem}.jpg", format: jpeg, widths: [800]}
"""
OUTPUTS = 2
#: The part of the files that is made before the clock starts.
WARM = 0.1
WANTED = 0.90
CROWDED = "files, as many processes"


class Run(NamedTuple):
    """Images a second, CPU ms an image of imgflow and of the bucket, requests an image."""

    rate: float
    cpu: float
    served: float
    requests: dict[str, float]


def main() -> None:
    """Run in turn and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--photos", type=Path, default=bench.EXAMPLES, help="folder of them")
    options.add_argument("--count", type=int, default=120)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--latency", type=float, default=0.02, help="seconds a request")
    options.add_argument("--jobs", type=int, help="processes  [default: imgflow's own]")
    chosen = options.parse_args()
    runs: dict[str, list[Run]] = {"files": [], CROWDED: [], "bucket": []}
    crowd = ["--jobs", str(chosen.jobs or 2 * len(os.sched_getaffinity(0)))]
    with bench.scratch_folder() as scratch:
        photos = bench.photographs(chosen.photos, chosen.count, scratch)
        recipe = scratch / "far.yaml"
        recipe.write_text(RECIPE)
        more = ["--jobs", str(chosen.jobs)] if chosen.jobs else []
        with bucket(Path(photos[0]).parent, chosen.latency) as url:
            for number in range(chosen.rounds):
                folder = Path(photos[0]).parent
                for name, jobs in (("files", more), (CROWDED, crowd)):
                    out = scratch / f"{name}-{number}"
                    runs[name].append(on_files(recipe, folder, out, jobs))
                runs["bucket"].append(on_bucket(recipe, url, scratch, chosen.count, more))
                print(*(some[-1] for some in runs.values()), sep="\n", file=sys.stderr)
    report(runs)


def on_files(recipe: Path, photos: Path, out: Path, more: list[str]) -> Run:
    """Run on local files."""
    count = len(os.listdir(photos))
    cpu = run(recipe, str(photos), str(out), {}, more)
    times = [path.stat().st_mtime_ns / 1e9 for path in out.iterdir()]
    return Run(pace(times), cpu / count * 1000, 0.0, {})


def on_bucket(recipe: Path, url: str, scratch: Path, count: int, more: list[str]) -> Run:
    """Run from the bucket to itself."""
    stores = scratch / "stores.yaml"
    stores.write_text(json.dumps({"default": {"endpoint_url": url, "region": "us-east-1"}}))
    keys = {"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any"}
    before = told(url)["cpu"]
    cpu = run(
        recipe, "s3://bucket/in/", "s3://bucket/out", {"IMGFLOW_STORES": str(stores), **keys}, more
    )
    found = told(url)
    requests = {name: number / count for name, number in found["counts"].items()}
    return Run(
        pace(found["puts"]), cpu / count * 1000, (found["cpu"] - before) / count * 1000, requests
    )


def run(recipe: Path, source: str, out: str, environment: dict[str, str], more: list[str]) -> float:
    """Run a recipe, and return the CPU time of all its processes in seconds."""
    command = bench.imgflow("run", str(recipe), source, "--quiet", "--out", out, *more)
    process = subprocess.Popen(command, env={**os.environ, **environment})
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command}: exit {process.returncode}")
    return usage.ru_utime + usage.ru_stime


def pace(times: list[float]) -> float:
    """Return images a second, once it is warm."""
    times = sorted(times)
    warm = round(WARM * len(times))
    return (len(times) - warm) / OUTPUTS / (times[-1] - times[warm - 1])


@contextmanager
def bucket(photos: Path, latency: float) -> Iterator[str]:
    """Serve photographs until the end of the block."""
    command = [sys.executable, str(bench.HERE / "s3_static.py"), str(photos), str(latency)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(server.stdout.readline())}"
        finally:
            server.terminate()


def told(url: str) -> dict[str, Any]:
    """Return what the bucket was asked since the last time."""
    with urllib.request.urlopen(f"{url}/_told") as answer:  # noqa: S310 - our own
        found: dict[str, Any] = json.load(answer)
    return found


def report(runs: dict[str, list[Run]]) -> None:
    """Print the table, and what was wanted: the median of the ratios round by round."""
    print("| place | images/s | CPU ms/image | bucket's own CPU ms/image | requests/image |")
    print("|---|---|---|---|---|")
    for name, some in runs.items():
        rate, cpu, served = (
            statistics.median(getattr(one, field) for one in some)
            for field in ("rate", "cpu", "served")
        )
        asked = ", ".join(f"{number:.2f} {verb}" for verb, number in some[0].requests.items())
        print(f"| {name} | {rate:.2f} | {cpu:.0f} | {served:.1f} | {asked or '-'} |")
    print()
    for name in ("files", CROWDED):
        pairs = zip(runs[name], runs["bucket"], strict=True)
        ratio = statistics.median(far.rate / near.rate for near, far in pairs)
        verdict = "met" if ratio >= WANTED else "MISSED"
        print(f"bucket / {name}: {ratio:.3f} (wanted >= {WANTED:.2f}): {verdict}")


if __name__ == "__main__":
    main()
