"""Speed: a responsive set, WebP of quality 80 in five widths from one decode.

imgflow against the best hand-written script, and against one decode for each width.
"""

from __future__ import annotations

import os
import sys

import bench

WIDTHS = ("1920", "1280", "960", "640", "320")
RECIPE = f"""\
version: 1
name: set
vars: {{out: out}}
outputs:
  - path: "{{out}}/{{stem}}-{{width}}.webp"
    widths: [{", ".join(WIDTHS)}]
    format: webp
    quality: 80
    effort: 4
"""


def main() -> None:
    """Race and print."""
    options = bench.parser(__doc__)
    options.add_argument("--count", type=int, default=40)
    chosen = options.parse_args()
    with bench.scratch_folder() as scratch:
        paths = bench.photographs(chosen.photos, chosen.count, scratch)
        listed = "".join(f"{path}\n" for path in paths)
        recipe = scratch / "set.yaml"
        recipe.write_text(RECIPE)
        cores = str(len(os.sched_getaffinity(0)))
        inputs, out = str(scratch / "in"), str(scratch / "imgflow")
        contenders = [
            bench.Contender(
                "imgflow",
                bench.imgflow("run", str(recipe), inputs, "--quiet", "--out", out),
                out=scratch / "imgflow",
            )
        ]
        for mode in ("shared", "unshared"):
            script = str(bench.HERE / "rivals/bare_set.py")
            command = [sys.executable, script, str(scratch / mode), cores, mode, *WIDTHS]
            contenders.append(bench.Contender(f"bare {mode}", command, listed, scratch / mode))
        costs = bench.race(contenders, chosen.rounds)
        print(f"{len(paths)} JPEGs, {len(WIDTHS)} widths each\n")
        bench.table(costs, len(paths), "bare shared")


if __name__ == "__main__":
    main()
