from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imgflow.recipe import explain, load_recipe, parse_recipe

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

TEXT = """\
version: 1
vars: {out: dist, mark: logo}
inputs: {from: photos}
defaults:
  quality: 70
  profile: p3
steps:
  - {op: overlay, image: "{mark}.png"}
outputs:
  - path: "{out}/{stem}.{ext}"
    formats: [webp, {format: jpeg, quality: 90}]
    effort: 1
"""


def explained(text: str, **options: Any) -> dict[str, tuple[Any, str]]:
    values = explain(parse_recipe(text, file="r.yaml", **options))
    found = {value.path: (value.value, value.origin) for value in values}
    assert len(found) == len(values)
    return found


def test_every_value_has_its_origin() -> None:
    found = explained(TEXT)
    assert found["name"] == ("r", "built-in")
    assert found["vars.out"] == ("dist", "r.yaml:2")
    assert found["inputs.from"] == (["photos"], "r.yaml:3")
    assert found["inputs.include"][1] == "built-in"
    assert found["orient"] == (True, "built-in")
    assert found["steps[0].image"] == ("logo.png", "r.yaml:8")
    assert found["steps[0].opacity"] == (1.0, "built-in")
    assert found["outputs[0].path"] == ("dist/{stem}.{ext}", "r.yaml:10")
    assert found["outputs[0].profile"] == ("p3", "r.yaml:6")
    assert found["outputs[0].metadata"] == ("copyright", "built-in")
    assert found["outputs[0].formats.webp"] == ("webp", "r.yaml:11")
    assert found["outputs[0].formats.webp.quality"] == (70, "r.yaml:5")
    assert found["outputs[0].formats.jpeg.quality"] == (90, "r.yaml:11")
    assert found["outputs[0].formats.jpeg.effort"] == (1, "r.yaml:12")
    assert found["outputs[0].formats.jpeg.chroma"] == ("auto", "built-in")


def test_options_of_the_command_line_are_origins() -> None:
    found = explained(TEXT, sets={"mark": "other"}, out="public")
    assert found["vars.out"] == ("public", "--out")
    assert found["vars.mark"] == ("other", "--set")
    assert found["steps[0].image"] == ("other.png", "r.yaml:8")


def test_what_is_inherited_has_the_other_file_as_its_origin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "base.yaml").write_text(TEXT, encoding="utf-8")
    child = "version: 1\nextends: base.yaml\ndefaults: {quality: 50}\n"
    (tmp_path / "child.yaml").write_text(child, encoding="utf-8")
    found = {value.path: value.origin for value in explain(load_recipe("child.yaml"))}
    assert found["outputs[0].formats.webp.quality"] == "child.yaml:3"
    assert found["outputs[0].profile"] == "base.yaml:6"
    assert found["steps[0].op"] == "base.yaml:8"


def test_the_format_that_is_told_by_the_path_or_the_source() -> None:
    found = explained("version: 1\noutputs: [{path: a.jpg}, {path: '{filename}'}]\n")
    assert found["outputs[0].formats.jpeg"] == ("jpeg", "r.yaml:2")
    assert found["outputs[1].formats.original"] == ("original", "built-in")


def test_steps_that_widths_stand_for_are_not_shown_as_steps() -> None:
    found = explained("version: 1\noutputs: [{path: 'o/{stem}-{width}.jpg', widths: [1, 2]}]\n")
    assert found["outputs[0].widths"] == ([1, 2], "r.yaml:2")
    assert not [path for path in found if ".steps[" in path]
