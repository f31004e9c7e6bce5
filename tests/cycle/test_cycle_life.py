"""Whatever happens to a folder: after a run it holds what a first run would make."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from cycle_site import STATE, Site, photo, work_alone
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

RECIPE = """\
version: 1
inputs: {from: photos}
steps:
  - {op: resize, width: 32}
outputs:
  - {path: "dist/{stem}-{width}w.{ext}", formats: [jpeg, png], widths: [12, 20], quality: 70}
"""
#: What may be said instead.
CHANGES = [
    ("width: 32", "width: 28"),
    ("quality: 70", "quality: 40"),
    ("[12, 20]", "[20]"),
    ("[jpeg, png]", "[jpeg]"),
    ("{stem}", "{stem}-{original_name}"),
]
_NAMES = st.sampled_from(["a.jpg", "b.jpg", "c.jpg"])
_NUMBERS = st.integers(0, 2)
pytestmark = pytest.mark.slow


class Life(RuleBasedStateMachine):
    """A folder in which files and the recipe change, with no time between."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.patch = pytest.MonkeyPatch()
        work_alone(self.patch)
        self.recipe = RECIPE
        self.site = Site(self.folder / "site", RECIPE)
        self.photos = self.site.root / "photos"
        for name in ("a.jpg", "b.jpg"):
            self.site.draw(f"photos/{name}", 0)

    def sources(self) -> list[Path]:
        return sorted(self.photos.glob("*.jpg"))

    def outputs(self) -> list[Path]:
        return sorted(self.site.root.glob("dist/*"))

    @rule(name=_NAMES, number=_NUMBERS, in_place=st.booleans(), set_back=st.booleans())
    def edit_source(self, name: str, number: int, *, in_place: bool, set_back: bool) -> None:
        replace(self.photos / name, photo(number), in_place=in_place, set_back=set_back)

    @rule(data=st.data(), in_place=st.booleans(), set_back=st.booleans())
    def edit_output(self, data: st.DataObject, *, in_place: bool, set_back: bool) -> None:
        if found := self.outputs():
            path = data.draw(st.sampled_from(found))
            replace(path, path.read_bytes()[::-1], in_place=in_place, set_back=set_back)

    @rule(data=st.data())
    def delete_a_file(self, data: st.DataObject) -> None:
        found = [*self.outputs(), *self.sources()[1:]]
        if found:
            data.draw(st.sampled_from(found)).unlink()

    @rule(one=_NAMES, two=_NAMES)
    def rename(self, one: str, two: str) -> None:
        if (self.photos / one).exists():
            (self.photos / one).rename(self.photos / two)

    @rule(data=st.data())
    def move_an_output(self, data: st.DataObject) -> None:
        if found := self.outputs():
            one, two = (data.draw(st.sampled_from(found)) for _ in range(2))
            one.rename(two)

    @rule(change=st.sampled_from(CHANGES))
    def change_recipe(self, change: tuple[str, str]) -> None:
        old, new = change if change[0] in self.recipe else reversed(change)
        self.recipe = self.recipe.replace(old, new, 1)
        self.site.write("recipe.yaml", self.recipe)

    @rule(name=_NAMES, quality=st.sampled_from([0, 50]))
    def say_something_beside(self, name: str, quality: int) -> None:
        path = self.photos / f"{name}.imgflow.yaml"
        path.unlink(missing_ok=True)
        if quality:
            path.write_text(f"quality: {quality}\n")

    @rule()
    def touch(self) -> None:
        for path in [*self.sources(), *self.outputs()]:
            os.utime(path)

    @rule()
    def lose_the_state(self) -> None:
        shutil.rmtree(self.site.root / STATE, ignore_errors=True)

    @rule()
    def run(self) -> None:
        """What a plan tells is done, and nothing is left to do."""
        self.site.bring_up()
        made, fresh = self.site.made(), self.expected()
        assert fresh.items() <= made.items()
        assert self.site.due() == {}

    @rule()
    def run_and_clean(self) -> None:
        self.run()
        orphaned = {name for name, proven in self.site.orphaned().items() if proven}
        before, fresh = self.site.made(), self.expected()
        assert self.site.call("clean", "recipe.yaml").code == 0
        after = self.site.made()
        assert {f"dist/{name}" for name in before.keys() - after.keys()} == orphaned
        assert fresh.items() <= after.items()

    @invariant()
    def what_is_kept_is_right(self) -> None:
        """A plan may be asked for at any time, and calls nothing fresh that is not."""
        kept = [one for one in self.site.steps().values() if one["action"] == "keep"]
        if kept:
            fresh, made = self.expected(), self.site.made()
            names = {path.removeprefix("dist/") for one in kept for path in one["outputs"]}
            assert {name: made[name] for name in names} == {name: fresh[name] for name in names}

    def expected(self) -> dict[str, bytes]:
        """Return what a first run makes, source by source."""
        found: dict[str, bytes] = {}
        for path in self.sources():
            beside = Path(f"{path}.imgflow.yaml")
            said = beside.read_text() if beside.exists() else ""
            found |= first_run(self.recipe, path.name, path.read_bytes(), said)
        return found

    def teardown(self) -> None:
        self.patch.undo()
        shutil.rmtree(self.folder)


TestLife = Life.TestCase
TestLife.settings = settings(
    max_examples=30, stateful_step_count=12, deadline=None, derandomize=True
)

_KNOWN: dict[tuple[str, str, bytes, str], dict[str, bytes]] = {}


def first_run(recipe: str, name: str, data: bytes, beside: str) -> dict[str, bytes]:
    """Return what is made of a source in a folder where there is nothing yet."""
    asked = recipe, name, data, beside
    if asked not in _KNOWN:
        with tempfile.TemporaryDirectory() as scratch:
            site = Site(Path(scratch), recipe)
            site.write(f"photos/{name}", data)
            if beside:
                site.write(f"photos/{name}.imgflow.yaml", beside)
            site.run()
            _KNOWN[asked] = site.made()
    return _KNOWN[asked]


def replace(path: Path, data: bytes, *, in_place: bool, set_back: bool) -> None:
    """Change a file, or put another one in its place, maybe with the time of the old one."""
    before = path.stat() if path.exists() else None
    if not in_place:
        path.unlink(missing_ok=True)
    path.write_bytes(data)
    if before and set_back:
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
