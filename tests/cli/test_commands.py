"""The other commands."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import samples
from command import Done, imgflow
from PIL import Image

from imgflow import cli
from imgflow.encoders import ENCODERS
from imgflow.operations import OPERATIONS
from imgflow.version import __version__

pytestmark = pytest.mark.usefixtures("folder")

Here = Callable[..., Done]

COMMANDS = (
    *("run", "optimize", "validate", "explain", "recipes", "ops", "schema", "inspect"),
    *("compare", "ladder", "markup", "init", "cp", "presign"),
    *("up", "serve", "worker", "jobs", "queue"),
)


def test_version() -> None:
    assert imgflow("--version") == (0, f"imgflow {__version__}\n", "")


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"]], ids=["nothing", "help", "h"])
def test_help_lists_all_commands_and_fits_a_terminal(here: Here, arguments: list[str]) -> None:
    done = here(*arguments)
    assert done.code == 0
    for command in COMMANDS:
        assert f"  {command} " in done.out
    assert max(map(len, done.out.splitlines())) <= 80
    assert "..." not in done.out.partition("Commands:")[2]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command(here: Here, command: str) -> None:
    done = here(command, "--help")
    assert done.code == 0
    assert done.out.startswith(f"Usage: imgflow {command} ")
    assert max(map(len, done.out.splitlines())) <= 80


def test_unknown_command(here: Here) -> None:
    done = here("rnu")
    assert done.code == 2
    assert done.err == "No such command 'rnu'. Did you mean 'run'? See 'imgflow --help'.\n"


def test_validate(here: Here) -> None:
    done = here("validate", "recipe.yaml")
    assert done == (0, "recipe.yaml: valid, 1 file for each image\n", "")
    (line,) = here("validate", "recipe.yaml", "--json").lines
    assert line == {"recipe": "recipe.yaml", "valid": True, "error": None, "problems": []}


def test_validate_shows_every_problem_of_every_recipe(here: Here) -> None:
    Path("one.yaml").write_text("version: 2\noutputs: [{path: 'a.jpg', foo: 1}]\n")
    Path("two.yaml").write_text("version: [")
    done = here("validate", "one.yaml", "recipe.yaml", "two.yaml")
    assert done.code == 2
    assert "one.yaml:1:10: " in done.err
    assert "one.yaml:2:27: " in done.err
    assert "two.yaml:1:" in done.err
    assert done.out == "recipe.yaml: valid, 1 file for each image\n"
    one, _, two = here("validate", "one.yaml", "recipe.yaml", "two.yaml", "--json").lines
    assert [problem["line"] for problem in one["problems"]] == [1, 2]
    assert (one["valid"], two["valid"]) == (False, False)


def test_explain_names_the_origin_of_values(here: Here) -> None:
    done = here("explain", "recipe.yaml", "--set", "side=70")
    assert done.code == 0
    lines = [" ".join(line.split()) for line in done.out.splitlines()]
    assert "steps[0].width: 60 # recipe.yaml:6" in lines
    assert 'vars.side: "70" # --set' in lines
    origins = {line["path"]: line for line in here("explain", "recipe.yaml", "--json").lines[0]}
    assert origins["steps[0].op"] == {
        "path": "steps[0].op",
        "value": "resize",
        "origin": "recipe.yaml:6",
    }


def test_recipes_finds_those_beside(here: Here) -> None:
    Path("recipes").mkdir()
    Path("recipes/mine.yaml").write_text(
        Path("recipe.yaml").read_text() + "description: For tests.\n"
    )
    assert "mine" in here("recipes").out
    found = {line["name"]: line for line in here("recipes", "--json").lines[0]}
    assert found["mine"]["description"] == "For tests."
    assert found["mine"]["path"] == "recipes/mine.yaml"
    assert here("run", "mine", "-q").code == 0


def test_ops_lists_all(here: Here) -> None:
    words = {line.split()[0] for line in here("ops").out.splitlines() if line.strip()}
    assert set(OPERATIONS) | set(ENCODERS) <= words


@pytest.mark.parametrize("name", [*sorted(OPERATIONS), *sorted(ENCODERS)])
def test_ops_knows_each(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run_command(["ops", name]) == 0
    text = capsys.readouterr().out
    assert text.startswith(name + "\n")
    for field in (OPERATIONS.get(name) or ENCODERS[name]).__struct_fields__:
        assert field in text or field == "encoder"
    assert cli.run_command(["ops", name, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["name"] == name


def test_ops_suggests(here: Here) -> None:
    done = here("ops", "resiez")
    assert done.code == 2
    assert "did you mean 'resize'?" in done.err


def test_schema_is_printed_written_and_checked(here: Here) -> None:
    assert here("schema", "--check").code == 1
    assert here("schema", "--write").code == 0
    assert here("schema", "--check") == (0, "", "")
    assert here("schema").out == Path("schema/recipe.schema.json").read_text()
    assert json.loads(here("schema", "result").out)["title"] == "imgflow result"
    Path("schema/job.schema.json").write_text("{}")
    stale = here("schema", "--check")
    assert stale.code == 1
    assert stale.out.startswith("schema/job.schema.json: out of date")
    assert here("schema", "recpie").code == 2


def test_inspect(here: Here) -> None:
    image = Image.fromarray(samples.cat())
    exif = Image.Exif()
    exif[0x0112], exif[0x8298] = 6, "Jane Doe"
    image.save("turned.jpg", exif=exif, progressive=True)
    done = here("inspect", "turned.jpg")
    assert done.code == 0
    text = " ".join(done.out.split())
    assert "format jpeg, progressive" in text
    assert "size 300x451 (stored 451x300, orientation 6)" in text
    assert "copyright Jane Doe" in text
    (info,) = here("inspect", "turned.jpg", "--json").lines
    assert (info["width"], info["height"], info["orientation"]) == (300, 451, 6)


def test_inspect_goes_on_after_what_is_no_image(here: Here) -> None:
    done = here("inspect", "recipe.yaml", "gone.jpg", "photos/cup.jpg")
    assert done.code == 3
    assert done.out.startswith("photos/cup.jpg\n")
    assert len(done.err.splitlines()) == 2
    lines = here("inspect", "gone.jpg", "photos/cup.jpg", "--json").lines
    assert lines[0]["error"]["code"] == "source-missing"
    assert lines[1]["format"] == "jpeg"


def test_inspect_tells_of_an_animation(here: Here) -> None:
    frames = [Image.fromarray(samples.cat() // shade) for shade in (1, 2, 3)]
    frames[0].save("a.gif", save_all=True, append_images=frames[1:], duration=100, loop=0)
    assert "3 in 0.3 s, for ever" in here("inspect", "a.gif").out


def test_init_writes_a_recipe_that_works_and_spares_what_is_there(here: Here) -> None:
    assert here("init", "sub/mine.yaml").code == 0
    assert "imgflow run 'my own.yaml' PHOTOS" in here("init", "my own.yaml").out
    assert here("validate", "sub/mine.yaml").code == 0
    done = here("run", "sub/mine.yaml", "photos/cup.jpg", "--json")
    assert done.code == 0
    assert len(done.lines[0]["outputs"]) == 3
    again = here("init", "sub/mine.yaml")
    assert again.code == 2
    assert "expected no file, found one" in again.err
    assert here("init", "recipe.yaml/x.yaml").code == 3


def test_bug_of_ours(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def stumble() -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("imgflow.recipe.list_recipes", stumble)
    monkeypatch.delenv("IMGFLOW_DEBUG", raising=False)
    assert cli.run_command(["recipes"]) == 70
    text = capsys.readouterr().err
    assert text.startswith("imgflow itself failed: ZeroDivisionError: oops\n")
    assert "Traceback" not in text
    assert cli.run_command(["recipes", "--json"]) == 70
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "internal-error"
    monkeypatch.setenv("IMGFLOW_DEBUG", "1")
    assert cli.run_command(["recipes"]) == 70
    assert "Traceback" in capsys.readouterr().err


def test_explain_is_readable_at_80_columns(here: Here) -> None:
    done = here("explain", "web-photo")
    lines = done.out.splitlines()
    assert lines[0].startswith("# web-photo.yaml is ")
    assert max(map(len, lines[1:])) <= 80
    assert not any(line.endswith("-") for line in lines)
    Path("base").mkdir()
    Path("recipe.yaml").rename("base/recipe.yaml")
    Path("recipe.yaml").write_text("version: 1\nextends: base/recipe.yaml\nname: mine\n")
    text = here("explain", "recipe.yaml").out
    assert "# recipe.yaml:3" in text
    assert "# base/recipe.yaml:6" in text


@pytest.mark.parametrize("name", [*sorted(OPERATIONS), *sorted(ENCODERS)])
def test_ops_is_readable_at_80_columns(here: Here, name: str) -> None:
    text = here("ops", name).out
    assert max(map(len, text.splitlines())) <= 80
    assert "\n\n\n" not in text
    assert not any(line.endswith("-") for line in text.splitlines())


def test_ops_tells_a_default_once(here: Here) -> None:
    words = " ".join(here("ops", "webp").out.split())
    assert "alpha_quality a whole number from 0 to 100 Quality of the transparency" in words


def test_schema_that_cannot_be_written(here: Here) -> None:
    Path("file").touch()
    done = here("schema", "--write", "--folder", "file")
    assert done.code == 3
    assert done.err.startswith("file/recipe.schema.json: cannot be written: ")


def test_inspect_can_do_nothing_to_a_terminal(here: Here) -> None:
    exif = Image.Exif()
    exif[0x8298] = "Jane \x1b[31m Doe"
    Image.fromarray(samples.cat()).convert("L").save("gray.jpg", exif=exif)
    text = here("inspect", "gray.jpg").out
    assert r"Jane \x1b[31m Doe" in text
    assert "gray, 1 channel, 8 bits each" in text
