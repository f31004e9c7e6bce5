"""``imgflow run``."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import samples
from command import Done, imgflow

from imgflow.runner import default_workers

pytestmark = pytest.mark.usefixtures("folder")

Here = Callable[..., Done]

PHOTOS = ["photos/cats/1.jpg", "photos/cats/2.jpg", "photos/cats/3.jpg", "photos/cup.jpg"]
MADE = ["dist/cats/1.jpg", "dist/cats/2.jpg", "dist/cats/3.jpg", "dist/cup.jpg"]


def made(top: str = "dist") -> list[str]:
    return sorted(str(path) for path in Path(top).rglob("*") if path.is_file())


def test_runs_a_recipe_on_its_own_inputs() -> None:
    done = imgflow("run", "recipe.yaml")
    assert done.code == 0
    assert made() == MADE
    for path in made():
        assert samples.decoded(Path(path).read_bytes()).shape == (40, 60, 3)
    summary = done.out.splitlines()
    assert summary[0].startswith("4 images in ")
    assert summary[0].endswith(" images/s)")
    assert summary[1] == "  files:  4 written"
    assert "kB in, " in summary[2]
    assert "saved (9" in summary[2]
    assert [line.split("]")[0] for line in done.err.splitlines()] == [
        "[1/4", "[2/4", "[3/4", "[4/4"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        (["photos"], MADE),
        (["photos/cats"], ["dist/1.jpg", "dist/2.jpg", "dist/3.jpg"]),
        (["photos/cup.jpg"], ["dist/cup.jpg"]),
        (["photos/**/[12].jpg"], ["dist/cats/1.jpg", "dist/cats/2.jpg"]),
    ],
    ids=["folder", "folder below", "file", "glob"],
)
def test_inputs_named_on_the_command_line(inputs: list[str], expected: list[str]) -> None:
    assert imgflow("run", "recipe.yaml", *inputs).code == 0
    assert made() == expected


@pytest.mark.parametrize("end", ["\n", "\0", "\r\n"])
def test_inputs_listed_on_standard_input(end: str) -> None:
    names = "".join(name + end for name in PHOTOS[:2])
    assert imgflow("run", "recipe.yaml", "-", stdin=names).code == 0
    assert len(made()) == 2


def test_json_lines() -> None:
    Path("photos/bad.jpg").write_bytes(b"no image")
    done = imgflow("run", "recipe.yaml", "--json")
    assert done.code == 3
    assert done.err == ""
    results = {line["input"]: line for line in done.lines}
    assert sorted(results) == sorted([*PHOTOS, "photos/bad.jpg"])
    bad = results.pop("photos/bad.jpg")
    assert (bad["status"], bad["outputs"]) == ("failed", [])
    assert bad["error"]["code"] == "source-unsupported"
    for result in results.values():
        assert (result["status"], result["error"]) == ("completed", None)
        (output,) = result["outputs"]
        assert (output["width"], output["height"], output["format"]) == (60, 40, "jpeg")
        assert output["bytes"] == os.path.getsize(output["path"])


def test_one_bad_image_among_good_ones() -> None:
    Path("photos/bad.jpg").write_bytes(b"")
    Path("photos/link.jpg").symlink_to("nowhere")
    done = imgflow("run", "recipe.yaml", "--set", "side=60")
    assert done.code == 3
    assert made() == MADE
    assert "  failed: 2 images\n" in done.out
    failures = [line for line in done.err.splitlines() if line.startswith("failed: ")]
    assert sorted(failures) == [
        "failed: photos/bad.jpg: expected an image, found an empty file [source-empty]",
        "failed: photos/link.jpg: expected an image file, found a link to nothing [source-missing]",
    ]


def test_command_beside_a_failure_repeats_it() -> None:
    name = "photos/it's bad.jpg"
    Path(name).write_bytes(b"")
    done = imgflow("run", "recipe.yaml", "-o", "elsewhere", "--set", "side=7", "--timeout", 9, "-q")
    message, command = done.err.splitlines()
    words = shlex.split(command)
    assert words == [
        "imgflow", "run", "recipe.yaml", name, "--jobs", "1",
        "--out", "elsewhere", "--set", "side=7", "--timeout", "9",
    ]  # fmt: skip
    again = imgflow(*words[1:], "-q")
    assert again.code == 3
    assert again.err.splitlines() == [message, command]


def test_quiet_says_nothing_if_all_is_well() -> None:
    assert imgflow("run", "recipe.yaml", "--quiet") == (0, "", "")


def test_out_goes_where_it_says() -> None:
    assert imgflow("run", "recipe.yaml", "--out", "else/where").code == 0
    assert made("else/where") == [name.replace("dist", "else/where") for name in MADE]


def test_fail_fast_leaves_the_rest_undone() -> None:
    Path("photos/0.jpg").write_bytes(b"")
    for index in range(40):
        Path(f"photos/{index + 1000}.jpg").write_bytes(Path("photos/cup.jpg").read_bytes())
    done = imgflow("run", "recipe.yaml", "--fail-fast", "--jobs", 1, "--json")
    assert done.code == 3
    assert done.lines[-1]["input"] == "photos/0.jpg"
    assert len(done.lines) < 44


def test_dry_run_tells_the_paths_and_sizes_of_a_run() -> None:
    plans = imgflow("run", "recipe.yaml", "--dry-run", "--json")
    assert plans.code == 0
    assert not Path("dist").exists()
    planned = {
        (file["path"], file["width"], file["height"], file["format"])
        for plan in plans.lines
        for file in plan["outputs"]
    }
    done = imgflow("run", "recipe.yaml", "--json")
    written = {
        (file["path"], file["width"], file["height"], file["format"])
        for result in done.lines
        for file in result["outputs"]
    }
    assert planned == written
    assert imgflow("run", "recipe.yaml", "-n").out == (
        "0 images, 0 files to make, 4 images up to date\n"
    )
    text = imgflow("run", "recipe.yaml", "-n", "--force", "photos/cup.jpg").out
    assert text == (
        "photos/cup.jpg  600x400\n  -> dist/cup.jpg  60x40 jpeg\n1 image, 1 file to make\n"
    )


def test_dry_run_names_what_would_fail(here: Here) -> None:
    Path("photos/bad.jpg").write_bytes(b"")
    done = here("run", "recipe.yaml", "-n")
    assert done.code == 3
    assert "failed: photos/bad.jpg: expected an image, found an empty file" in done.err
    assert "photos/cup.jpg  600x400" in done.out
    assert here("run", "recipe.yaml", "-n", "--quiet") == (3, "", done.err)


def test_wrong_recipe_is_shown_with_its_place(here: Here) -> None:
    Path("recipe.yaml").write_text(
        Path("recipe.yaml").read_text().replace("width: 60}", "widht: 60}")
    )
    done = here("run", "recipe.yaml")
    assert done.code == 2
    assert done.out == ""
    assert "recipe.yaml:6:18: steps[0]: unknown key 'widht' for 'resize'" in done.err
    assert "did you mean 'width'?" in done.err
    assert "^" in done.err
    problem = here("run", "recipe.yaml", "--json").lines[0]["error"]["problems"][0]
    assert (problem["file"], problem["line"], problem["column"]) == ("recipe.yaml", 6, 18)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["gone.yaml"], "gone.yaml: expected a recipe file, found nothing there"),
        (["photos", "recipe.yaml"], "found a folder; the recipe comes before the images"),
        (["recipe.yaml", "gone"], "found nothing there"),
        (["recipe.yaml", ""], "inputs: expected a file, a folder or a pattern, found an empty"),
        (["recipe.yaml", "--out", ""], "--out: expected a folder, found an empty name"),
        (["recipe.yaml", "--out", "slow.yaml"], "--out: expected a folder, found the file slow"),
        (["slow.yaml", "--out", "slow.yaml"], "--out: expected a folder, found the file slow"),
        (["recipe.yaml", "--set", "side"], "--set: expected NAME=VALUE, found 'side'"),
        (["recipe.yaml", "--memory", "lots"], "--memory: expected a size like 512MB"),
        (["recipe.yaml", "--memory", "0"], "--memory: expected a size like 512MB"),
        (["recipe.yaml", "--allow-loader", "exe"], "--allow-loader: expected pdf or svg"),
        (["recipe.yaml", "--jobs", "0"], "--jobs"),
        (["recipe.yaml", "--timeout", "soon"], "--timeout"),
        (["recipe.yaml", "--jbos", "3"], "No such option: --jbos"),
        ([], "RECIPE"),
    ],
)
def test_wrong_usage(here: Here, arguments: list[str], message: str) -> None:
    done = here("run", *arguments)
    assert done.code == 2
    assert message in done.err
    assert "Traceback" not in done.err
    as_json = here("run", *arguments, "--json")
    assert as_json.code == 2
    assert as_json.err == ""
    assert message in as_json.lines[0]["error"]["message"]


def test_wrong_environment() -> None:
    done = imgflow("run", "recipe.yaml", IMGFLOW_JOBS="many")
    assert done.code == 2
    assert "IMGFLOW_JOBS: expected a number of processes from 1, found 'many'" in done.err


@pytest.mark.parametrize(
    ("option", "code"),
    [
        (["--max-megapixels", "0.1"], "source-too-large"),
        (["--max-megabytes", "0.001"], "source-too-large"),
        (["--timeout", "0.001"], "worker-timeout"),
    ],
)
def test_limits(here: Here, option: list[str], code: str) -> None:
    done = here("run", "recipe.yaml", "photos/cup.jpg", "--json", *option)
    assert done.code == 3
    assert done.lines[0]["error"]["code"] == code
    assert option[0] in done.lines[0]["error"]["message"]


def test_untrusted_loader_must_be_named(here: Here) -> None:
    Path("photos/a.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="60">'
        '<rect width="50" height="50"/></svg>'
    )
    refused = here("run", "recipe.yaml", "photos/a.svg", "--json")
    assert refused.lines[0]["error"]["code"] == "source-not-allowed"
    allowed = here("run", "recipe.yaml", "photos/a.svg", "--json", "--allow-loader", "svg")
    assert allowed.lines[0]["outputs"][0]["width"] == 60


def test_reader_that_has_seen_enough() -> None:
    command = f"{sys.executable} -m imgflow run recipe.yaml --json | head -n 1"
    done = os.popen(f'({command}; echo "${{PIPESTATUS[0]}}") 2>&1')  # noqa: S605
    with done:
        text = done.read()
    assert "Traceback" not in text
    assert "Broken" not in text


def test_workers_of_this_machine_are_counted() -> None:
    assert default_workers() >= 1


@pytest.mark.parametrize("guard", ["", 'if __name__ == "__main__":\n    '], ids=["bare", "guarded"])
def test_a_script_may_run_a_recipe(guard: str) -> None:
    Path("script.py").write_text(
        "import imgflow\nprint('started')\n"
        f"{guard}print([r.status for r in imgflow.run('recipe.yaml', ['photos'], jobs=2)])\n"
    )
    with os.popen(f"{sys.executable} script.py 2>&1") as done:  # noqa: S605
        assert done.read() == "started\n['completed', 'completed', 'completed', 'completed']\n"
    assert made() == MADE


def test_start_of_the_program_is_light() -> None:
    heavy = "pyvips PIL rich yaml jsonschema pebble numpy asyncio multiprocessing msgspec"
    Path("script.py").write_text(
        "import sys\nfrom imgflow.cli import run_command\n"
        "run_command(sys.argv[1:])\n"
        f"sys.exit(' '.join(set('{heavy}'.split()) & set(sys.modules)))\n"
    )
    for option in ("--help", "--version"):
        with os.popen(f"{sys.executable} script.py {option} 2>&1 >/dev/null") as done:  # noqa: S605
            assert done.read() == "\n"


def test_summary_of_sets_is_for_a_file() -> None:
    done = imgflow("run", "set.yaml")
    assert done.code == 0
    size = done.out.splitlines()[2]
    assert re.fullmatch(
        r"  size:   \d+ kB in, [\d.]+ kB out, [\d.]+ k?B each "
        r"\(\d\d% smaller than a source\)",
        size,
    )


def test_summary_says_nothing_of_files_if_there_are_none() -> None:
    Path("photos/bad.jpg").write_bytes(b"")
    done = imgflow("run", "recipe.yaml", "photos/bad.jpg")
    assert [line.split(":")[0] for line in done.out.splitlines()[1:]] == ["  failed"]


def test_names_that_are_no_text_on_standard_input() -> None:
    odd = b"photos/caf\xe9.jpg"
    Path(os.fsdecode(odd)).write_bytes(Path("photos/cup.jpg").read_bytes())
    done = subprocess.run(
        [sys.executable, "-m", "imgflow", "run", "recipe.yaml", "-"],
        input=odd + b"\nphotos/cup.jpg\n",
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "utf-8:strict"},
    )
    assert done.returncode == 3
    assert made() == ["dist/cup.jpg"]
    assert b"failed: photos/caf\\xe9.jpg: expected a file name in UTF-8" in done.stderr
    assert b"imgflow run recipe.yaml $'photos/caf\\xe9.jpg' --jobs 1" in done.stderr


@pytest.mark.parametrize("name", ["\x1b[31mred.jpg", "it's\n.jpg", "a\\b\t.jpg"])
def test_names_with_control_characters(here: Here, name: str) -> None:
    Path("odd").mkdir()
    Path("odd", name).write_bytes(b"")
    for option in ("-n", "-q"):
        done = here("run", "recipe.yaml", "odd", option)
        assert done.code == 3
        assert all(line.isprintable() for line in done.err.splitlines())
        assert len(done.err.splitlines()) == (1 if option == "-n" else 2)
    word = done.err.splitlines()[1].partition("recipe.yaml ")[2].removesuffix(" --jobs 1")
    told = subprocess.run(
        ["bash", "-c", f"printf %s {word}"], capture_output=True, text=True, check=True
    )
    assert told.stdout == f"odd/{name}"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no such device")
@pytest.mark.parametrize("options", ["", "--json", "-n"])
def test_output_that_is_full(options: str) -> None:
    command = f"{sys.executable} -m imgflow run recipe.yaml {options} >/dev/full"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == 3
    message = "standard output: cannot be written: No space left on device\n"
    assert done.stderr.endswith(message)
    assert "Exception" not in done.stderr


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_streams_that_are_closed(closed: str) -> None:
    Path("photos/bad.jpg").write_bytes(b"")
    command = f"{sys.executable} -m imgflow run recipe.yaml {closed}"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "itself failed" not in done.stderr
    assert made() == MADE


@pytest.mark.parametrize("debug", ["", "1"])
@pytest.mark.parametrize("inputs", ["photos", "photos/cup.jpg"])
def test_bug_in_one_image(inputs: str, debug: str) -> None:
    Path("broken").mkdir()
    Path("broken/sitecustomize.py").write_text(
        "import imgflow.execute\n"
        "def execute(*_): raise ZeroDivisionError('oops')\n"
        "imgflow.execute.execute = execute\n"
    )
    done = imgflow("run", "recipe.yaml", inputs, "--json", PYTHONPATH="broken", IMGFLOW_DEBUG=debug)
    assert done.code == 3
    for line in done.lines:
        assert line["error"]["code"] == "internal-error"
        assert "what IMGFLOW_DEBUG=1 shows" in line["error"]["message"]
    assert done.err.count("ZeroDivisionError: oops") == (len(done.lines) if debug else 0)
    assert ("Traceback" in done.err) == bool(debug)
