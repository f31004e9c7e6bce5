"""What would be made is what is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import samples
from PIL import Image

from imgflow.execute import execute
from imgflow.job import Job, Output
from imgflow.limits import DEFAULT_LIMITS
from imgflow.preview import preview
from imgflow.storage import LocalStorage

if TYPE_CHECKING:
    from pathlib import Path

CHAINS: dict[str, tuple[dict[str, Any], ...]] = {
    "none": (),
    "resize": ({"op": "resize", "width": 200},),
    "crop": ({"op": "crop", "aspect": "1:1"},),
    "rotate": ({"op": "rotate", "angle": 30},),
    "trim": ({"op": "trim"},),
    "trim and resize": ({"op": "trim"}, {"op": "resize", "height": 50}),
    "convert": ({"op": "convert", "format": "png"},),
}


@pytest.fixture
def picture(tmp_path: Path) -> str:
    canvas = Image.new("RGB", (600, 500), "white")
    canvas.paste(Image.fromarray(samples.cat()), (50, 60))
    exif = Image.Exif()
    exif[0x0112] = 6
    canvas.save(tmp_path / "in.jpg", quality=95, exif=exif)
    return str(tmp_path / "in.jpg")


@pytest.mark.parametrize("chain", CHAINS)
def test_preview_of_every_kind_of_chain(picture: str, tmp_path: Path, chain: str) -> None:
    path = f"{tmp_path}/out/{{stem}}-{{width}}x{{height}}.{{hash:8}}.{{ext}}"
    outputs = (
        Output(path=path, root=str(tmp_path), steps=CHAINS[chain]),
        Output(path=path, root=str(tmp_path), steps=CHAINS[chain], encoder={"format": "webp"}),
    )
    job = Job(input=picture, outputs=outputs)
    storage = LocalStorage()
    plan = preview(job, storage.locate(picture), DEFAULT_LIMITS)
    assert (plan.status, plan.width, plan.height) == ("planned", 500, 600)
    assert not (tmp_path / "out").exists()
    result = execute(job, storage)
    assert [(file.path, file.format, file.width, file.height) for file in plan.outputs] == [
        (file.path, file.format, file.width, file.height) for file in result.outputs
    ]


@pytest.mark.parametrize(("allow", "extension"), [(["webp", "png"], "{ext}"), (["jpeg"], "jpg")])
def test_the_extension_that_auto_comes_to_is_left_open(
    picture: str, tmp_path: Path, allow: list[str], extension: str
) -> None:
    encoder = {"format": "auto", "allow": allow}
    output = Output(path=f"{tmp_path}/{{stem}}-a.{{ext}}", root=str(tmp_path), encoder=encoder)
    job = Job(input=picture, outputs=(output,))
    plan = preview(job, LocalStorage().locate(picture), DEFAULT_LIMITS)
    assert [(file.path, file.format) for file in plan.outputs] == [
        (f"{tmp_path}/in-a.{extension}", "auto")
    ]


def test_outputs_at_one_path_are_named_once(picture: str, tmp_path: Path) -> None:
    steps = [({"op": "resize", "width": width, "enlarge": False},) for width in (5000, 6000)]
    outputs = tuple(
        Output(path=f"{tmp_path}/{{width}}.jpg", root=str(tmp_path), steps=step) for step in steps
    )
    plan = preview(
        Job(input=picture, outputs=outputs), LocalStorage().locate(picture), DEFAULT_LIMITS
    )
    assert plan.error is None
    assert [file.path for file in plan.outputs] == [f"{tmp_path}/500.jpg"]


def test_what_is_wrong_is_in_the_preview(tmp_path: Path) -> None:
    (tmp_path / "bad.jpg").write_bytes(b"no image")
    job = Job(input=str(tmp_path / "bad.jpg"), outputs=())
    plan = preview(job, LocalStorage().locate(job.input), DEFAULT_LIMITS)
    assert plan.status == "failed"
    assert plan.error is not None
    assert plan.error.code == "source-unsupported"


def test_pixels_are_measured_once_for_all_outputs(tmp_path: Path) -> None:
    canvas = Image.new("RGB", (600, 500), "white")
    canvas.paste(Image.fromarray(samples.cat()), (50, 60))
    source = tmp_path / "in.jpg"
    canvas.save(source, quality=95)
    steps = [({"op": "trim"}, {"op": "resize", "width": width}) for width in (50, 60)]
    outputs = tuple(
        Output(path=f"{tmp_path}/{{width}}.jpg", root=str(tmp_path), steps=step) for step in steps
    )
    job = Job(input=str(source), outputs=outputs)
    plan = preview(job, LocalStorage().locate(str(source)), DEFAULT_LIMITS)
    assert plan.error is None
    assert [file.width for file in plan.outputs] == [50, 60]
    source.write_bytes(source.read_bytes()[:8000])
    plan = preview(job, LocalStorage().locate(str(source)), DEFAULT_LIMITS)
    assert plan.error is not None
    assert plan.error.code == "source-corrupt"
