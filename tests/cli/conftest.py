"""A folder to work in, with photos and recipes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import samples
from command import RECIPE, SET, SLOW, Done
from PIL import Image

from imgflow import cli

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("IMGFLOW_JOBS", raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    (tmp_path / "recipe.yaml").write_text(RECIPE)
    (tmp_path / "slow.yaml").write_text(SLOW)
    (tmp_path / "set.yaml").write_text(SET)
    (tmp_path / "photos" / "cats").mkdir(parents=True)
    for index in range(4):
        name = f"cats/{index}.jpg" if index else "cup.jpg"
        pixels = samples.cat() if index else samples.coffee()
        (tmp_path / "photos" / name).write_bytes(samples.encoded(pixels, "JPEG"))
    return tmp_path


@pytest.fixture
def large(folder: Path) -> Path:
    image = Image.fromarray(samples.coffee()).resize((3000, 2000))
    data = samples.encoded(image, "JPEG", quality=95)
    for index in range(3):
        (folder / "photos" / f"large{index}.jpg").write_bytes(data)
    return folder


@pytest.fixture
def here(capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Return a function that runs a command in this process: the same, but sooner done."""

    def call(*arguments: object) -> Done:
        code = cli.run_command([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return Done(code, out, err)

    return call
