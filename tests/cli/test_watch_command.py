"""``imgflow watch`` as people use it: a real process, real saves, and patience."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import samples
from command import SLOW, group, wait_for
from PIL import Image

from imgflow.cli.watching import Screen
from imgflow.job import Result, Written
from imgflow.storage import temporary

if TYPE_CHECKING:
    from command import Done

RECIPE = """\
version: 1
inputs: {from: photos, exclude: ["small/**"]}
steps:
  - {op: resize, width: 40}
outputs:
  - {path: "dist/{dir}/{stem}.jpg", format: jpeg, quality: 80}
"""
RED, GREEN, BLUE = (200, 20, 20), (20, 200, 20), (20, 20, 200)


def picture(colour: tuple[int, int, int], width: int = 80) -> bytes:
    return samples.encoded(Image.new("RGB", (width, 60), colour), "JPEG", quality=95)


def rename_over(path: Path, data: bytes) -> None:
    new = path.with_name(f".{path.name}.new")
    new.write_bytes(data)
    new.replace(path)


def like_vim(path: Path, data: bytes) -> None:
    backup = path.with_name(f"{path.name}~")
    (path.parent / "4913").write_bytes(b"")
    (path.parent / "4913").unlink()
    path.rename(backup)
    path.write_bytes(data)
    backup.unlink()


def like_jetbrains(path: Path, data: bytes) -> None:
    new, old = (path.with_name(f"{path.name}___jb_{word}___") for word in ("tmp", "old"))
    new.write_bytes(data)
    path.rename(old)
    new.rename(path)
    old.unlink()


def delete_and_create(path: Path, data: bytes) -> None:
    path.unlink()
    path.write_bytes(data)


def bit_by_bit(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        for start in range(0, len(data), 100):
            file.write(data[start : start + 100])
            file.flush()


SAVES = [Path.write_bytes, rename_over, like_vim, like_jetbrains, delete_and_create, bit_by_bit]


class Watch:
    """A watch that runs in a folder; what it says goes to files."""

    def __init__(self, top: Path, *arguments: str) -> None:
        self.top = top
        with (top / "out.txt").open("w") as out, (top / "err.txt").open("w") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "imgflow", "watch", *(arguments or ("r.yaml",))],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env={**os.environ, "COLUMNS": "80"},
                process_group=0,
            )

    @property
    def out(self) -> str:
        return (self.top / "out.txt").read_text()

    @property
    def err(self) -> str:
        return (self.top / "err.txt").read_text()

    def until(self, condition: Callable[[], Any]) -> Any:
        """Wait until something is so, as long as the watch runs."""

        def met() -> Any:
            assert self.process.poll() is None, self.err
            return condition()

        return wait_for(met)

    def ready(self) -> Watch:
        self.until(lambda: "watching " in self.out)
        return self

    def says(self, text: str, times: int = 1) -> None:
        self.until(lambda: self.out.count(text) == times)

    def warns(self, text: str, times: int = 1) -> None:
        self.until(lambda: self.err.count(text) == times)

    def shows(self, name: str, colour: tuple[int, int, int], width: int = 40) -> None:
        self.until(lambda: is_like(self.top / "dist" / name, colour, width))

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)


def is_like(path: Path, colour: tuple[int, int, int], width: int) -> bool:
    """Tell whether a picture has a colour, and a width; every file that is there is whole."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return False
    pixels = samples.decoded(data, "RGB")
    return bool(pixels.shape[1] == width and abs(pixels.mean((0, 1)) - colour).max() < 12)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("IMGFLOW_JOBS", raising=False)
    (tmp_path / "r.yaml").write_text(RECIPE)
    (tmp_path / "photos/sub").mkdir(parents=True)
    (tmp_path / "photos/a.jpg").write_bytes(picture(RED))
    (tmp_path / "photos/sub/b.jpg").write_bytes(picture(RED))
    return tmp_path


@pytest.fixture
def watch(site: Path) -> Iterator[Callable[..., Watch]]:
    """Return a function that starts a watch; each ends as it should, and leaves nothing half."""
    started: list[Watch] = []

    def start(*arguments: str) -> Watch:
        started.append(Watch(site, *arguments))
        return started[-1]

    yield start
    for one in started:
        one.stop()
        for pid in group(one.process.pid):
            os.kill(pid, signal.SIGKILL)
        assert "Traceback" not in one.err
    assert not list(site.rglob("*" + temporary.SUFFIX))


Start = Callable[..., Watch]


@pytest.mark.slow
def test_brings_up_to_date_and_ends_with_ctrl_c(watch: Start) -> None:
    running = watch().ready()
    assert running.out.startswith("2 images in ")
    assert "watching r.yaml, 2 images, 4 folders; Ctrl-C ends it\n" in running.out
    running.shows("a.jpg", RED)
    running.shows("sub/b.jpg", RED)
    assert running.stop() == 130
    assert running.err.endswith("interrupted\n")
    again = watch().ready()
    assert "2 there already" in again.out
    again.process.send_signal(signal.SIGTERM)
    assert again.process.wait(60) == 143


@pytest.mark.slow
def test_saves_as_editors_do_them(site: Path, watch: Start) -> None:
    running = watch().ready()
    for number, save in enumerate(SAVES):
        colour = (10, 40 * number, 250 - 40 * number)
        save(site / "photos/a.jpg", picture(colour))
        running.shows("a.jpg", colour)
    running.says("photos/a.jpg -> 1 file, ", len(SAVES))
    assert running.stop() == 130
    assert sorted(os.listdir(site / "dist")) == ["a.jpg", "sub"]


@pytest.mark.slow
def test_new_files_folders_and_renames(site: Path, watch: Start) -> None:
    running = watch().ready()
    (site / "photos/c.jpg").write_bytes(picture(GREEN))
    running.shows("c.jpg", GREEN)
    (site / "photos/deep/er").mkdir(parents=True)
    (site / "photos/deep/er/d.jpg").write_bytes(picture(BLUE))
    running.shows("deep/er/d.jpg", BLUE)
    (site / "photos/deep/er/d.jpg").write_bytes(picture(RED))
    running.shows("deep/er/d.jpg", RED)
    (site / "photos/c.jpg").rename(site / "photos/deep/e.jpg")
    running.shows("deep/e.jpg", GREEN)
    running.says("photos/c.jpg: gone\n  orphaned: 1 file made of it\n")
    running.says("  to remove orphans: imgflow clean r.yaml\n")
    (site / "photos/deep").rename(site / "photos/flat")
    running.shows("flat/er/d.jpg", RED)
    (site / "photos/flat/er/d.jpg").write_bytes(picture(BLUE))
    running.shows("flat/er/d.jpg", BLUE)
    running.says("photos/deep/er/d.jpg: gone\n")
    assert (site / "dist/c.jpg").exists()
    assert (site / "dist/deep/er/d.jpg").exists()


@pytest.mark.slow
def test_folder_of_sources_is_deleted_and_made_again(site: Path, watch: Start) -> None:
    running = watch().ready()
    shutil.rmtree(site / "photos")
    running.warns("expected images in photos, found nothing there")
    running.says("photos/sub/b.jpg: gone")
    (site / "photos/sub").mkdir(parents=True)
    (site / "photos/sub/b.jpg").write_bytes(picture(GREEN))
    running.shows("sub/b.jpg", GREEN)
    shutil.rmtree(site / "photos")
    (site / "photos/new").mkdir(parents=True)
    (site / "photos/new/c.jpg").write_bytes(picture(BLUE))
    running.shows("new/c.jpg", BLUE)
    (site / "photos/new/c.jpg").write_bytes(picture(RED))
    running.shows("new/c.jpg", RED)
    assert running.out.count("photos/a.jpg: gone") == 1


@pytest.mark.slow
def test_recipe_that_is_wrong_for_a_while(site: Path, watch: Start) -> None:
    running = watch().ready()
    (site / "r.yaml").write_text(RECIPE.replace("width: 40", "widht: 40"))
    running.warns("unknown key 'widht' for 'resize'; did you mean 'width'?")
    running.warns("^")
    (site / "photos/a.jpg").write_bytes(picture(GREEN))
    running.shows("a.jpg", GREEN)
    rename_over(site / "r.yaml", RECIPE.replace("40", "30").encode())
    running.shows("a.jpg", GREEN, 30)
    running.shows("sub/b.jpg", RED, 30)
    running.says("all is well again\n")
    (site / "r.yaml").unlink()
    running.warns("r.yaml: expected a recipe file, found nothing there")
    (site / "photos/a.jpg").write_bytes(picture(BLUE))
    running.shows("a.jpg", BLUE, 30)
    (site / "r.yaml").write_text(RECIPE)
    running.shows("a.jpg", BLUE, 40)
    running.shows("sub/b.jpg", RED, 40)
    assert running.stop() == 130
    assert running.err.count("widht") == 2  # the message, and the line that it points at


@pytest.mark.slow
def test_recipe_that_is_wrong_at_first(site: Path, watch: Start) -> None:
    (site / "r.yaml").write_text(RECIPE + "extends: ./parts/base.yaml\n")
    running = watch().ready()
    running.warns("extends: parts/base.yaml: expected a readable recipe file")
    (site / "parts").mkdir()
    (site / "parts/base.yaml").write_text("version: 1\ndefaults: {profile: srgb}\n")
    (site / "r.yaml").write_text(RECIPE + "\nextends: ./parts/base.yaml\n")
    running.shows("a.jpg", RED)


@pytest.mark.slow
def test_all_that_a_recipe_is_made_of(site: Path, watch: Start) -> None:
    text = RECIPE + "extends: ./base.yaml\n"
    base = "version: 1\ninputs: {include: ['*.jpg']}\noverrides: [{match: a.jpg, quality: 20}]\n"
    overlaid = "  - {op: overlay, image: logo.png, scale: 1}\n"
    (site / "r.yaml").write_text(text.replace("outputs", overlaid + "outputs"))
    (site / "base.yaml").write_text(base)
    (site / "logo.png").write_bytes(samples.encoded(Image.new("RGB", (80, 60), GREEN)))
    running = watch().ready()
    running.shows("a.jpg", GREEN)
    rename_over(site / "logo.png", samples.encoded(Image.new("RGB", (80, 60), BLUE)))
    running.shows("a.jpg", BLUE)
    running.shows("sub/b.jpg", BLUE)
    (site / "logo.png").unlink()
    running.warns("expected a file, found none at 'logo.png'")
    (site / "logo.png").write_bytes(samples.encoded(Image.new("RGB", (80, 60), RED)))
    running.shows("a.jpg", RED)
    made = site / "dist/a.jpg"
    coarse = made.read_bytes()
    (site / "base.yaml").write_text(base.replace("20", "95"))
    running.until(lambda: made.read_bytes() != coarse)
    fine = made.read_bytes()
    sidecar = site / "photos/a.jpg.imgflow.yaml"
    sidecar.write_text("quality: 20\n")
    running.until(lambda: made.read_bytes() == coarse)
    sidecar.unlink()
    running.until(lambda: made.read_bytes() == fine)


@pytest.mark.slow
def test_images_that_are_damaged_or_half_written(site: Path, watch: Start) -> None:
    running = watch().ready()
    whole = samples.encoded(samples.coffee(), "JPEG", quality=90)
    (site / "photos/a.jpg").write_bytes(whole[:9000])
    running.warns("failed: photos/a.jpg: ")
    running.warns("imgflow run r.yaml photos/a.jpg")
    (site / "photos/sub/b.jpg").write_bytes(picture(GREEN))
    running.shows("sub/b.jpg", GREEN)
    (site / "photos/c.jpg").write_bytes(picture(BLUE))
    running.shows("c.jpg", BLUE)
    with (site / "photos/a.jpg").open("ab") as file:
        file.write(whole[9000:])
    running.says("photos/a.jpg -> 1 file, ")
    running.stop()
    assert running.err.count("failed: photos/a.jpg: ") == 1
    small = Image.open(site / "dist/a.jpg")
    assert (
        samples.likeness(
            samples.decoded(samples.encoded(small), "RGB"),
            samples.decoded(samples.encoded(Image.fromarray(samples.coffee()).resize(small.size))),
        )
        > 0.9
    )


@pytest.mark.slow
def test_outputs_and_state_among_the_inputs(site: Path, watch: Start) -> None:
    (site / "r.yaml").write_text(RECIPE.replace("dist/{dir}", "photos/small/{dir}"))
    running = watch("r.yaml", "--state", "photos/state").ready()
    for name in ("photos/a.jpg", "photos/sub/b.jpg"):
        (site / name).write_bytes(picture(GREEN))
        running.says(f"{name} -> 1 file, ")
    running.until(lambda: is_like(site / "photos/small/sub/b.jpg", GREEN, 40))
    running.stop()
    assert running.out.count(" -> ") == 2
    assert "small" not in running.out


@pytest.mark.slow
def test_named_files_and_quiet(site: Path, watch: Start) -> None:
    running = watch("r.yaml", "photos/a.jpg", "photos/c.jpg", "--quiet", "--out", "site")
    running.until(lambda: is_like(site / "site/dist/a.jpg", RED, 40))
    running.warns("failed: photos/c.jpg: ")
    (site / "photos/c.jpg").write_bytes(picture(GREEN))
    running.until(lambda: is_like(site / "site/dist/c.jpg", GREEN, 40))
    rename_over(site / "photos/a.jpg", picture(BLUE))
    running.until(lambda: is_like(site / "site/dist/a.jpg", BLUE, 40))
    assert running.stop() == 130
    assert running.out == ""
    assert not (site / "site/dist/sub").exists()


@pytest.mark.slow
def test_manifest_and_budgets_follow(site: Path, watch: Start) -> None:
    (site / "r.yaml").write_text(RECIPE + "manifest: dist/m.json\nbudgets: {max_bytes: 600}\n")
    running = watch().ready()
    running.warns("warning: over budget", 0)

    def names() -> list[str]:
        found: dict[str, Any] = msgspec.json.decode((site / "dist/m.json").read_bytes())
        return sorted(found["sources"])

    running.until(lambda: names() == ["a.jpg", "sub/b.jpg"])
    detailed = Image.fromarray(samples.coffee()).resize((80, 60))
    (site / "photos/c.jpg").write_bytes(samples.encoded(detailed, "JPEG", quality=95))
    running.until(lambda: names() == ["a.jpg", "c.jpg", "sub/b.jpg"])
    running.warns("warning: over budget: dist/c.jpg: expected at most 600 bytes")
    (site / "photos/a.jpg").unlink()
    running.until(lambda: names() == ["c.jpg", "sub/b.jpg"])
    (site / "photos/c.jpg").write_bytes(picture(RED))
    running.says("within budget again\n")
    assert running.err.count("over budget") == 1


@pytest.mark.slow
def test_burst_of_files(site: Path, watch: Start) -> None:
    running = watch().ready()
    data = picture(GREEN, 20)
    (site / "photos/many").mkdir()
    for number in range(500):
        (site / f"photos/many/{number:03}.jpg").write_bytes(data)
    made = site / "dist/many"
    wait_for(lambda: made.exists() and len(list(made.glob("*.jpg"))) == 500, 120)
    wait_for(lambda: running.out.count(" -> 1 file") == 500, 60)
    (site / "photos/many/250.jpg").write_bytes(picture(BLUE))
    running.shows("many/250.jpg", BLUE)
    shutil.rmtree(site / "photos/many")
    running.until(lambda: sum(map(int, re.findall(r"orphaned: (\d+)", running.out))) == 500)


@pytest.mark.slow
def test_disk_that_takes_nothing_for_a_while(site: Path, watch: Start) -> None:
    running = watch().ready()
    running.shows("sub/b.jpg", RED)
    shutil.rmtree(site / "dist/sub")
    (site / "dist/sub").write_text("in the way")
    (site / "photos/sub/b.jpg").write_bytes(picture(GREEN))
    running.warns("failed: dist/sub/b.jpg: cannot be written")
    (site / "photos/a.jpg").write_bytes(picture(BLUE))
    running.shows("a.jpg", BLUE)
    (site / "dist/sub").unlink()
    (site / "photos/a.jpg").write_bytes(picture(RED))
    running.shows("sub/b.jpg", GREEN)


@pytest.mark.slow
def test_name_that_is_no_text(site: Path, watch: Start) -> None:
    running = watch().ready()
    Path(os.fsdecode(os.fsencode(site) + b"/photos/\xff.jpg")).write_bytes(picture(RED))
    running.warns("failed: photos/\\xff.jpg: expected a file name in UTF-8")
    (site / "photos/a.jpg").write_bytes(picture(GREEN))
    running.shows("a.jpg", GREEN)


@pytest.mark.slow
def test_ctrl_c_while_an_image_is_made(site: Path, watch: Start) -> None:
    (site / "r.yaml").write_text(SLOW)
    running = watch("r.yaml", "photos/a.jpg").ready()
    before = (site / "dist/a.avif").read_bytes()
    spent = cpu(running.process.pid)
    large = Image.fromarray(samples.coffee()).resize((3000, 2000))
    (site / "photos/a.jpg").write_bytes(samples.encoded(large, "JPEG", quality=95))
    running.until(lambda: cpu(running.process.pid) > spent + 0.5)
    assert running.stop() == 130
    assert running.err.endswith("interrupted\n")
    assert (site / "dist/a.avif").read_bytes() == before


def cpu(pid: int) -> float:
    """Return the seconds that a process has computed."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def result(name: str, seconds: float) -> Result:
    written = Written(path="dist/a.jpg", format="jpeg", width=9, height=9, bytes=1234)
    return Result(status="completed", input=name, outputs=(written, written), seconds=seconds)


@pytest.mark.parametrize("terminal", [True, False])
def test_lines_fit_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, terminal: bool
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal)
    screen = Screen("r.yaml", [], [], quiet=False)
    name = f"photos/{'long' * 30}/waves\x1b.jpg"
    screen.made(result(name, 0.0849))
    screen.made(result("photos/a.jpg", 12.34))
    long, short = capsys.readouterr().out.splitlines()
    assert long.endswith("/waves\\x1b.jpg -> 2 files, 2.5 kB, 85 ms")
    assert short == "photos/a.jpg -> 2 files, 2.5 kB, 12.3 s"
    assert len(long) == (80 if terminal else 167)
    assert long.startswith("..." if terminal else "photos/long")


def test_sources_that_are_no_more(capsys: pytest.CaptureFixture[str]) -> None:
    screen = Screen("my recipe.yaml", ["--out", "site"], ["--timeout", "3"], quiet=False)
    screen.lost({"a.jpg": 0})
    assert capsys.readouterr().out == "a.jpg: gone\n"
    screen.lost({__file__: 2, **{f"{number}.jpg": 1 for number in range(11)}})
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{__file__}: no longer a source"
    assert lines[9:] == [
        "8.jpg: gone",
        "and 2 more",
        "  orphaned: 13 files made of them",
        "  to remove orphans: imgflow clean 'my recipe.yaml' --out site",
    ]


def test_what_cannot_be_watched(site: Path, here: Callable[..., Done]) -> None:
    done = here("watch", "r.yaml", "s3://bucket/photos/")
    assert done.code == 2
    assert "expected sources and outputs on this machine, found s3://bucket" in done.err
    done = here("watch", "none.yaml")
    assert done.code == 2
    assert done.err.startswith("none.yaml: expected a recipe file, found nothing there")
    done = here("watch", "r.yaml", "--jobs", "0")
    assert done.code == 2
    assert "--jobs" in done.err
    assert not (site / "dist").exists()
