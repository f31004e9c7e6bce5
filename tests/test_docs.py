"""Every command, recipe and program in the documents does what it is there for."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import samples

from imgflow.recipe import parse_recipe
from imgflow.recipe.markdown import reference_page

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
#: Commands that set up an environment: CI takes them literally, in a fresh one.
SETS_UP = re.compile(r"pip install")


def blocks(language: str) -> list[tuple[str, str]]:
    """Return (place, code) for all code blocks of a language."""
    found = []
    for document in DOCUMENTS:
        pattern = rf"^```{language}\n(.*?)^```"
        for number, match in enumerate(
            re.findall(pattern, document.read_text(), re.MULTILINE | re.DOTALL)
        ):
            found.append((f"{document.name}-{number}", match))
    return found


def parametrised(language: str) -> pytest.MarkDecorator:
    cases = blocks(language)
    return pytest.mark.parametrize("code", [c for _, c in cases], ids=[name for name, _ in cases])


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a working directory with the pictures that the documents speak of."""
    shutil.copytree(ROOT / "examples" / "photos", tmp_path / "examples" / "photos")
    (tmp_path / "photos").mkdir()
    cat = samples.encoded(samples.cat(), "JPEG")
    (tmp_path / "photos" / "cat.jpg").write_bytes(cat)
    (tmp_path / "input.jpg").write_bytes(samples.encoded(samples.portrait(), "JPEG"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@parametrised("yaml")
def test_recipes_are_valid(code: str) -> None:
    recipe = parse_recipe(code)
    assert recipe.outputs
    assert not recipe.warnings


@pytest.mark.slow
@parametrised("python")
def test_programs_run(code: str, desk: Path) -> None:
    (desk / "program.py").write_text(code)
    done = subprocess.run(
        [sys.executable, "program.py"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout


@pytest.mark.slow
@parametrised("bash")
def test_commands_run(code: str, desk: Path) -> None:
    if SETS_UP.search(code):
        pytest.skip("sets up an environment: CI runs it in a fresh one")
    scripts = Path(sys.executable).parent
    environment = os.environ | {"PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=desk,
        env=environment,
    )
    assert done.returncode == 0, done.stderr


def test_reference_is_that_of_the_declarations() -> None:
    assert (ROOT / "docs" / "reference.md").read_text() == reference_page()


def test_links_lead_somewhere() -> None:
    documents = [*DOCUMENTS, *ROOT.glob("*.md")]
    for document in documents:
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text()):
            if not target.startswith("http"):
                assert (document.parent / target).exists(), f"{document.name}: {target}"
