"""A folder with a recipe and small photographs, worked on through the command line."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import samples
from command import Done, wait_for
from PIL import Image

from imgflow import cli
from imgflow.runner import run_jobs
from imgflow.state.stamp import is_settled, read_stamp

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    import pytest

    from imgflow.job import Job, Result

#: Four files of each source, two sizes in two formats.
RECIPE = """\
version: 1
vars: {out: dist}
inputs: {from: photos}
steps:
  - {op: resize, width: 48}
outputs:
  - path: "{out}/{dir}/{stem}-{width}w.{ext}"
    formats: [jpeg, webp]
    widths: [24, 40]
    quality: 70
"""
STATE = ".imgflow"
_PHOTO = samples.coffee()


class Site:
    """A folder; commands are run in it, in this process."""

    def __init__(self, root: Path, recipe: str = RECIPE) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        self.write("recipe.yaml", recipe)

    def path(self, name: str) -> Path:
        """Return the path of a file, whose folder is made."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def write(self, name: str, content: str | bytes) -> None:
        """Write a file."""
        self.path(name).write_bytes(content.encode() if isinstance(content, str) else content)

    def draw(self, name: str, number: int) -> None:
        """Write a photograph; other numbers, other pixels."""
        self.write(name, photo(number, Path(name).suffix))

    def edit(self, name: str, old: str, new: str) -> None:
        """Change a text in a file."""
        text = (self.root / name).read_text()
        assert old in text
        self.write(name, text.replace(old, new))

    def settle(self) -> None:
        """Wait until the times of all files tell of every change to come."""
        for path in self.root.rglob("*"):
            if stamp := read_stamp(str(path)):
                wait_for(lambda stamp=stamp: is_settled(stamp))  # type: ignore[misc]

    def call(self, *arguments: object) -> Done:
        """Run a command."""
        out, err = io.StringIO(), io.StringIO()
        with (
            contextlib.chdir(self.root),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            code = cli.run_command([str(argument) for argument in arguments])
        return Done(code, out.getvalue(), err.getvalue())

    def run(self, *arguments: object, recipe: str = "recipe.yaml", code: int = 0) -> dict[str, Any]:
        """Run the recipe; return the results by source."""
        done = self.call("run", recipe, "--json", *arguments)
        assert done.code == code, done.out + done.err
        return {line["input"]: line for line in done.lines if "input" in line}

    def plan(self, *arguments: object, recipe: str = "recipe.yaml", code: int = 0) -> list[Any]:
        """Return the lines of a plan."""
        done = self.call("plan", recipe, "--json", *arguments)
        assert done.code == code, done.out + done.err
        return done.lines

    def steps(self, *arguments: object, **options: Any) -> dict[str, Any]:
        """Return the lines of a plan by source."""
        lines = self.plan(*arguments, **options)
        return {line["input"]: line for line in lines if "input" in line}

    def due(self, *arguments: object, **options: Any) -> dict[str, list[str]]:
        """Return the reasons of a plan by source, of what is not up to date."""
        steps = self.steps(*arguments, **options)
        return {name: one["reasons"] for name, one in steps.items() if one["action"] != "keep"}

    def orphaned(self, *arguments: object, **options: Any) -> dict[str, bool]:
        """Return the orphans of a plan, and whether they may be removed."""
        lines = self.plan(*arguments, **options)
        return {self.name(one["path"]): one["removable"] for one in lines if "path" in one}

    def name(self, path: str) -> str:
        """Return the name of a file below the folder."""
        return os.path.relpath(os.path.join(self.root, path), self.root)

    def bring_up(self, *arguments: object, code: int = 0) -> dict[str, Any]:
        """Run the recipe as :meth:`run`, and return what was not up to date.

        A plan must have told what comes of each source, its paths too, and changed nothing.
        """
        before, planned = self.stats(), self.steps(*arguments, code=code)
        changed = sorted(self.stats().items() ^ before.items())
        assert not changed, f"a plan has changed {changed}"
        results = self.run(*arguments, code=code)
        told = {name: _told(one) for name, one in planned.items()}
        assert told == {name: _came(one) for name, one in results.items()}
        return {name: one for name, one in results.items() if told[name][0] != "keep"}

    def made(self, folder: str = "dist") -> dict[str, bytes]:
        """Return the files below a folder by name."""
        return files(self.root / folder)

    def stats(self) -> dict[str, tuple[int, ...]]:
        """Return what the system tells of every file and folder, those of the state too."""
        found: dict[str, tuple[int, ...]] = {}
        for path in sorted([self.root, *self.root.rglob("*")]):
            stat = path.stat()
            found[str(path)] = stat.st_size, stat.st_mtime_ns, stat.st_ino
        return found

    def fresh(self, *arguments: object, folder: str = "dist") -> dict[str, bytes]:
        """Return what a run makes where there is nothing yet."""
        with tempfile.TemporaryDirectory() as scratch:
            twin = self.copy(Path(scratch) / "twin", leave=(STATE, folder))
            twin.call("run", "recipe.yaml", "-q", *arguments)
            return twin.made(folder)

    def copy(self, root: Path, leave: Iterable[str] = ()) -> Site:
        """Copy the folder without some names; all times are new."""
        ignore = shutil.ignore_patterns(*leave)
        shutil.copytree(self.root, root, ignore=ignore, copy_function=shutil.copyfile)
        return Site(root, (self.root / "recipe.yaml").read_text())


def files(folder: Path) -> dict[str, bytes]:
    """Return all files below a folder by name."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def photo(number: int, suffix: str = ".jpg") -> bytes:
    """Return a photograph of 96x64 pixels, encoded."""
    top, left = number * 37 % 330, number * 53 % 500
    image = Image.fromarray(_PHOTO[top : top + 64, left : left + 96])
    return samples.encoded(image, "PNG" if suffix == ".png" else "JPEG")


def work_alone(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Have images made in this process, one after the other; return the list of their names."""
    worked: list[str] = []

    def one_by_one(jobs: Iterable[Job], **options: Any) -> Generator[Result]:
        for job in jobs:
            worked.append(job.input)
            yield from run_jobs([job], **options)

    monkeypatch.setattr("imgflow.machine.run_jobs", one_by_one)
    return worked


def _told(line: dict[str, Any]) -> tuple[str, list[str]]:
    """Return what a plan says of a source: what happens to it, and its files."""
    action = "make" if line["action"] in {"create", "update"} else line["action"]
    return action, sorted(line["outputs"])


def _came(line: dict[str, Any]) -> tuple[str, list[str]]:
    """Return the same of a result."""
    if line["status"] == "failed":
        return "fail", []
    kept = all(one.get("status") == "kept" for one in line["outputs"])
    return "keep" if kept else "make", sorted(one["path"] for one in line["outputs"])
