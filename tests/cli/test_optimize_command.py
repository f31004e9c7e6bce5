"""The command optimize: files replaced or written elsewhere, once, whole, or left alone."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import samples
from command import Done, start, wait_for
from PIL import Image
from s3_ground import Ground

pytestmark = pytest.mark.usefixtures("folder")

Here = Callable[..., Done]


def states(folder: str = "photos") -> dict[str, tuple[int, int, int]]:
    """Return inode, time of change and size of each file."""
    found = {}
    for path in sorted(Path(folder).rglob("*.*")):
        info = path.stat()
        found[str(path)] = info.st_ino, info.st_mtime_ns, info.st_size
    return found


def contents(folder: str = "photos") -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(Path(folder).rglob("*.*"))}


@pytest.fixture
def mixed(folder: Path) -> None:
    cat = Image.fromarray(samples.cat()[:120, :160])
    for name, options in (
        ("a.png", {}),
        ("b.webp", {"lossless": True, "method": 0}),
        ("c.gif", {"comment": b"hello"}),
    ):
        cat.save(folder / "photos" / name, **options)
    (folder / "photos" / "notes.txt").write_text("no image")


@pytest.mark.usefixtures("mixed")
def test_without_a_target_it_only_tells(here: Here) -> None:
    before = states()

    done = here("optimize", "photos")

    assert done.code == 0
    assert states() == before
    assert "nothing was written: add --in-place, or --out FOLDER, to do it\n" in done.out
    lines = [" ".join(line.split()) for line in done.out.splitlines()]
    assert lines[0].startswith("7 images in ")
    assert any(line.startswith("jpeg: 4 of 4 smaller, ") for line in lines)
    assert any(line.startswith("all: ") and "saved (" in line for line in lines)
    assert max(map(len, done.out.splitlines())) <= 80


@pytest.mark.usefixtures("mixed")
@pytest.mark.parametrize("options", [[], ["--quality", "60"]], ids=["lossless", "lossy"])
def test_a_second_run_writes_nothing(here: Here, options: list[str]) -> None:
    before = contents()
    assert here("optimize", "photos", "--in-place", *options).code == 0
    after, first = contents(), states()
    for name, data in after.items():
        assert len(data) <= len(before[name])
    if not options:
        for name in before.keys() - {"photos/notes.txt"}:
            with Image.open(name) as image:
                seen = np.asarray(image.convert("RGB"))
            assert np.array_equal(seen, samples.decoded(before[name], "RGB"))

    again = here("optimize", "photos", "-i", *options, "--json")

    assert again.code == 0
    assert states() == first
    assert {file["status"] for line in again.lines for file in line["outputs"]} == {"kept"}
    copied = Path("elsewhere")
    shutil.copytree("photos", copied)
    there = states("elsewhere")
    assert here("optimize", "elsewhere", "-i", *options).code == 0
    assert states("elsewhere") == there


def test_elsewhere_folders_are_mirrored_and_sources_stay(here: Here) -> None:
    before = states()

    assert here("optimize", "photos", "--out", "small", "-q").code == 0

    assert states() == before
    found = states("small")
    assert sorted(found) == [f"small{name.removeprefix('photos')}" for name in sorted(before)]
    assert here("optimize", "photos", "--out", "small", "-q").code == 0
    assert states("small") == found


def test_permissions_stay(here: Here) -> None:
    path = Path("photos/cup.jpg")
    path.chmod(0o640)

    assert here("optimize", path, "--in-place").code == 0

    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert not list(Path("photos").glob("*.imgflow-tmp"))


def test_json_has_one_object_an_image(here: Here) -> None:
    (line,) = here("optimize", "photos/cup.jpg", "--in-place", "--json").lines
    (file,) = line["outputs"]
    assert (line["status"], line["input"], line["error"]) == ("completed", "photos/cup.jpg", None)
    assert file["path"] == "photos/cup.jpg"
    assert "status" not in file  # as always where a file was written
    assert (file["quality"], file["format"]) == ("lossless", "jpeg")
    assert file["bytes"] == Path("photos/cup.jpg").stat().st_size < line["input_bytes"]
    (dry,) = here("optimize", "photos/cats/1.jpg", "--quality", "score:70", "-n", "--json").lines
    assert dry["outputs"][0]["score"] >= 69.5
    assert Path("photos/cats/1.jpg").stat().st_size == dry["input_bytes"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["photos", "--in-place", "--out", "x"], "either --in-place or --out"),
        (["photos", "--lossless", "--quality", "high"], "either --lossless or --quality"),
        (["photos", "--quality", "best"], "--quality: expected good, high"),
        (["photos", "--quality", "101"], "found '101'"),
        (["photos", "--quality", "score:20"], "found 'score:20'"),
        (["photos", "--effort", "fast"], "--effort: expected balanced or max, found 'fast'"),
        (["photos", "--metadata", "gps,foo"], "--metadata: expected copyright"),
        (["photos", "--out", "photos/small"], "outside of 'photos'"),
        (["photos/cup.jpg", "--out", "photos"], "use --in-place"),
        (["photos/cup.jpg", "other/cup.jpg", "--out", "x"], "would both be written to x/cup.jpg"),
        (["photos", "--out", ""], "--out: expected a folder"),
        (["empty"], "found none to optimize"),
        ([""], "empty name"),
        (["s3://bucket/a.jpg", "--in-place"], "write it elsewhere with --out"),
        ([], "PATHS"),
    ],
)
def test_mistakes_are_told_and_nothing_is_done(
    here: Here, arguments: list[str], words: str
) -> None:
    Path("empty").mkdir()
    shutil.copytree("photos", "other")
    before = contents(".")

    done = here("optimize", *arguments)

    assert done.code == 2
    assert words in done.err
    assert done.out == ""
    assert contents(".") == before


def test_broken_files_do_not_keep_others(here: Here) -> None:
    whole = Path("photos/cup.jpg").read_bytes()
    Path("photos/half.jpg").write_bytes(whole[: len(whole) // 2])
    Path("photos/text.png").write_text("no image at all")
    Path("page.html").write_text("<p>")

    done = here("optimize", "photos", "gone.png", "page.html", "--in-place")

    assert done.code == 3
    failed = [line for line in done.err.splitlines() if line.startswith("failed: ")]
    codes = {line.split()[1].rstrip(":"): line.rpartition("[")[2][:-1] for line in failed}
    assert codes == {
        "photos/half.jpg": "source-corrupt",
        "photos/text.png": "source-unsupported",
        "gone.png": "source-missing",
        "page.html": "source-unsupported",
    }
    assert "  imgflow optimize photos/half.jpg --jobs 1 --in-place" in done.err
    assert Path("photos/half.jpg").read_bytes() == whole[: len(whole) // 2]
    assert Path("photos/cup.jpg").stat().st_size < len(whole)
    assert "failed:  4 images" in done.out


def test_links_are_passed_over_and_refused_by_name(here: Here) -> None:
    Path("photos/link.jpg").symlink_to("cup.jpg")
    before = Path("photos/cup.jpg").stat().st_size

    named = here("optimize", "photos/link.jpg", "--in-place")

    assert named.code == 3
    assert "expected a file to replace, found a link to" in named.err
    assert Path("photos/cup.jpg").stat().st_size == before
    assert here("optimize", "photos", "-i").code == 0
    assert Path("photos/link.jpg").is_symlink()
    assert Path("photos/cup.jpg").stat().st_size < before


def test_what_is_read_only_stays_and_is_told(here: Here) -> None:
    path = Path("photos/cup.jpg")
    path.chmod(0o444)
    before = path.read_bytes()

    done = here("optimize", path, "--in-place")

    assert done.code == 3
    assert "found one that is read-only; allow it with chmod u+w" in done.err
    assert path.read_bytes() == before
    assert here("optimize", path).code == 0
    assert here("optimize", path, "--out", "x").code == 0


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_told(here: Here) -> None:
    Path("photos/cats").chmod(0o555)
    done = here("optimize", "photos/cats/1.jpg", "--in-place")
    Path("photos/cats").chmod(0o755)
    assert done.code == 3
    assert "cannot be written" in done.err


def test_names_with_braces_and_blanks_are_names(here: Here) -> None:
    odd = Path("photos/{stem} {}/a {b}.jpg")
    odd.parent.mkdir()
    shutil.copy("photos/cup.jpg", odd)

    assert here("optimize", odd.parent, str(odd), "-i").code == 0

    assert odd.stat().st_size < Path("photos/cup.jpg").stat().st_size


def test_inputs_are_read_from_a_list() -> None:
    listed = subprocess.run(
        [sys.executable, "-m", "imgflow", "optimize", "-", "-i", "--json"],
        input="photos/cup.jpg\nphotos/cats/1.jpg\n",
        capture_output=True,
        text=True,
        check=True,
    )
    assert len(listed.stdout.splitlines()) == 2


def test_a_kill_in_the_middle_leaves_whole_files(large: Path) -> None:
    for index in range(6):
        shutil.copy(large / "photos" / "large0.jpg", large / "photos" / f"more{index}.jpg")
    before = contents()
    process = start("optimize", "photos", "--in-place", "-j", "2")

    wait_for(lambda: contents() != before)
    os.killpg(process.pid, 9)
    process.communicate()

    after = contents()
    changed = 0
    for name, data in before.items():
        if after[name] != data:
            changed += 1
            assert len(after[name]) < len(data)
            assert np.array_equal(samples.decoded(after[name]), samples.decoded(data))
    assert 0 < changed <= len(before)


def test_objects_are_written_elsewhere_and_once(here: Here, ground: Ground) -> None:
    source = ground.put("in/cats/a.jpg", Path("photos/cup.jpg").read_bytes())

    first = here("optimize", ground.uri("in/"), "--out", ground.uri("small"), "--json")
    made = ground.head("small/cats/a.jpg")
    second = here("optimize", source, "--out", ground.uri("small/cats"), "--json")

    assert (first.code, second.code) == (0, 0), first.err
    assert made["ContentLength"] < Path("photos/cup.jpg").stat().st_size
    assert second.lines[0]["outputs"][0]["status"] == "kept"
    assert ground.head("small/cats/a.jpg")["LastModified"] == made["LastModified"]
    told = here("optimize", ground.uri("in/"))
    assert "nothing was written" in told.out
