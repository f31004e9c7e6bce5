from __future__ import annotations

from typing import Any

import msgspec
import pytest

from imgflow.errors import EncodeError, OperationError, RecipeError
from imgflow.geometry import Size
from imgflow.job import Job, Output
from imgflow.naming import content_key, render_path, source_fields
from imgflow.operations import parse_steps
from imgflow.source import Source
from imgflow.target import aim

SOURCE = Source("photos/a/b.c.JPG", data=b"bytes")
OUTPUT = Output(path="{stem}.{ext}", encoder={"format": "webp"})


def job(*outputs: Output, **fields: Any) -> Job:
    whole = {"input": "photos/a/b.c.JPG", "relative": "a/b.c.JPG", "recipe": "web", **fields}
    return Job(**whole, outputs=outputs)


def path(template: str, root: str = "", **fields: Any) -> str:
    output = msgspec.structs.replace(OUTPUT, path=template, root=root)
    target = aim(output, (), Size(800, 600), "jpeg")
    return render_path(job(output, **fields), target, Size(40, 30), SOURCE)


def key(
    output: Output = OUTPUT, source: Source = SOURCE, size: Size | None = None, **fields: Any
) -> str:
    whole = job(output, **fields)
    return content_key(whole, aim(output, parse_steps(whole.steps), size, "jpeg"), source)


def test_fields_of_the_source() -> None:
    assert source_fields(job(index=7, date="2024-01-02")) == {
        "date": "2024-01-02",
        "dir": "a",
        "filename": "b.c.JPG",
        "index": "7",
        "original_name": "b.c",
        "recipe": "web",
        "stem": "b.c",
    }


def test_a_job_without_a_relative_path_has_no_folder() -> None:
    assert source_fields(job(relative=""))["dir"] == ""
    assert path("{dir}/{filename}", relative="") == "b.c.JPG"


def test_paths() -> None:
    assert path("o/{dir}/{stem}-{width}x{height}.{ext}") == "o/a/b.c-40x30.webp"
    assert path("{recipe}/{format}/{index}-{original_name}") == "web/webp/0-b.c"
    digest = path("{hash:12}")
    assert path("{hash}").startswith(digest)
    assert len(digest) == 12


def test_a_path_cannot_leave_its_root() -> None:
    with pytest.raises(OperationError, match="expected a path inside 'o'") as caught:
        path("o/{dir}/x", root="o", relative="../../b.jpg")
    assert caught.value.code == "path-escapes"


def test_the_digest_depends_on_all_that_the_bytes_depend_on() -> None:
    changed = msgspec.structs.replace
    keys = {
        key(),
        key(source=Source("photos/a/b.c.JPG", data=b"others")),
        key(changed(OUTPUT, encoder={"format": "webp", "quality": 50})),
        key(changed(OUTPUT, encoder={"format": "jpeg"})),
        key(changed(OUTPUT, steps=({"op": "flip"},))),
        key(changed(OUTPUT, metadata="none")),
        key(changed(OUTPUT, profile="p3")),
        key(orient=False),
        key(steps=({"op": "flip"},)),
    }
    assert len(keys) == 9


def test_the_digest_depends_on_nothing_else() -> None:
    assert key() == key(index=3, date="2024-01-02", recipe="other", force=True)
    assert key() == key(msgspec.structs.replace(OUTPUT, path="x", name="y", root="z"))
    assert key() == key(source=Source("elsewhere", data=b"bytes"))
    assert key() == key(msgspec.structs.replace(OUTPUT, encoder={"format": "webp", "quality": 80}))


def test_widths_beyond_the_source_have_one_digest() -> None:
    size = Size(300, 200)
    one, two = (
        msgspec.structs.replace(OUTPUT, steps=({"op": "resize", "width": width, "enlarge": False},))
        for width in (960, 1600)
    )
    outputs = job(one, two)
    first, second = (
        content_key(outputs, aim(each, (), size, "jpeg"), SOURCE) for each in (one, two)
    )
    assert first == second


def test_the_encoder_is_the_output_s_own_or_the_chain_s_or_the_source_s() -> None:
    def encoder(own: dict[str, Any] | None, *steps: dict[str, Any]) -> dict[str, Any]:
        output = Output(path="x", encoder=own, steps=steps)
        return aim(output, (), None, "jpeg").encoder.fields()

    convert = {"op": "convert", "format": "png"}
    assert encoder({"format": "webp", "quality": 50}, convert) == {"format": "webp", "quality": 50}
    assert encoder(None, convert)["format"] == "png"
    assert encoder(None)["format"] == "jpeg"


def test_original_takes_the_options_that_its_format_knows() -> None:
    output = Output(path="x", encoder={"format": "original", "quality": 70, "effort": 2})
    fields = {name: aim(output, (), None, name).encoder.fields() for name in ("jpeg", "png", "gif")}
    assert fields["jpeg"] == {"format": "jpeg", "quality": 70, "effort": 2}
    assert fields["png"]["format"] == "png"
    assert "quality" not in fields["gif"]
    assert fields["gif"] == {"format": "gif", "effort": 2}


def test_a_format_that_cannot_be_written_is_named() -> None:
    with pytest.raises(EncodeError, match="bmp"):
        aim(Output(path="x", encoder={"format": "original"}), (), None, "bmp")
    with pytest.raises(RecipeError, match="unknown format"):
        aim(Output(path="x", encoder={"format": "bpm"}), (), None, "jpeg")
