"""The heart: files made, files kept, nothing half done, and errors that name their cause."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest
import samples
from PIL import Image

from imgflow.execute import execute
from imgflow.job import Job, Output, Result
from imgflow.limits import Limits
from imgflow.storage import LocalStorage

JPEG = {"format": "jpeg"}


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "in" / "trip" / "cat.jpg"
    path.parent.mkdir(parents=True)
    path.write_bytes(samples.encoded(samples.cat(), "JPEG", quality=95))
    return path


def resized(template: str, encoder: dict[str, Any] | None = None, **resize: Any) -> Output:
    return Output(path=template, steps=({"op": "resize", **resize},), encoder=encoder or JPEG)


def run(photo: Path, *outputs: Output, **job: Any) -> Result:
    root = f"{photo.parents[2]}/out"
    rooted = tuple(
        Output(
            path=f"{root}/{output.path}",
            root=root,
            name=output.name,
            steps=output.steps,
            encoder=output.encoder,
        )
        for output in outputs
    )
    return execute(
        Job(input=str(photo), relative="trip/cat.jpg", outputs=rooted, **job), LocalStorage()
    )


def made(photo: Path) -> list[str]:
    out = photo.parents[2] / "out"
    return sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file())


def test_result_says_what_was_made(photo: Path) -> None:
    result = run(photo, resized("{dir}/{stem}-{width}x{height}.{ext}", width=200))
    assert result.status == "completed"
    assert result.error is None
    assert result.input_bytes == photo.stat().st_size
    (written,) = result.outputs
    data = Path(written.path).read_bytes()
    assert made(photo) == ["trip/cat-200x133.jpg"]
    assert (written.width, written.height, written.format) == (200, 133, "jpeg")
    assert written.bytes == len(data)
    assert written.sha256 == hashlib.sha256(data).hexdigest()
    with Image.open(written.path) as judge:
        assert judge.size == (200, 133)


def test_every_template_field(photo: Path) -> None:
    template = "{recipe}/{date}/{index}/{filename}/{original_name}.{format}"
    run(photo, resized(template, width=50), recipe="web", date="2026-11-22", index=7)
    assert made(photo) == ["web/2026-11-22/7/cat.jpg/cat.jpeg"]


def test_shared_steps_and_several_outputs(photo: Path) -> None:
    result = run(
        photo,
        resized("{width}.jpg", width=100),
        resized("{width}.jpg", width=50),
        steps=({"op": "crop", "aspect": 1.0},),
    )
    assert [(made.width, made.height) for made in result.outputs] == [(100, 100), (50, 50)]


def test_widths_beyond_the_source_are_made_once(photo: Path) -> None:
    widths = (300, 451, 960, 1600)
    outputs = [resized("{width}.jpg", width=width, enlarge=False) for width in widths]
    result = run(photo, *outputs)
    assert sorted(written.width for written in result.outputs) == [300, 451]
    assert made(photo) == ["300.jpg", "451.jpg"]


def test_widths_beyond_a_size_that_only_pixels_tell_are_made_once(photo: Path) -> None:
    outputs = [resized("{width}.jpg", width=width, enlarge=False) for width in (960, 1600)]
    result = run(photo, *outputs, steps=({"op": "trim"},))
    assert result.error is None
    assert len(result.outputs) == 1


def test_two_outputs_on_one_path_are_refused(photo: Path) -> None:
    result = run(photo, resized("same.jpg", width=100), resized("same.jpg", width=50))
    assert result.status == "failed"
    assert result.error is not None
    assert result.error.code == "path-collision"
    assert made(photo) == []


def test_a_name_with_a_digest_is_kept(photo: Path) -> None:
    outputs = [resized("{stem}-{hash:8}.jpg", width=width) for width in (100, 50)]
    first = run(photo, *outputs)
    before = [os.stat(written.path).st_mtime_ns for written in first.outputs]
    second = run(photo, *outputs)
    assert {written.status for written in second.outputs} == {"kept"}
    assert [written.bytes for written in second.outputs] == [made.bytes for made in first.outputs]
    assert [os.stat(written.path).st_mtime_ns for written in first.outputs] == before
    forced = run(photo, *outputs, force=True)
    assert {written.status for written in forced.outputs} == {"written"}


def test_the_digest_depends_on_all_that_the_bytes_depend_on(photo: Path) -> None:
    template = "{hash}.jpg"
    paths = {
        run(photo, resized(template, width=100)).outputs[0].path,
        run(photo, resized(template, width=101)).outputs[0].path,
        run(photo, resized(template, {"format": "jpeg", "quality": 7}, width=100)).outputs[0].path,
        run(photo, resized(template, width=100), orient=False).outputs[0].path,
    }
    photo.write_bytes(samples.encoded(samples.cat(), "JPEG", quality=94))
    paths.add(run(photo, resized(template, width=100)).outputs[0].path)
    assert len(paths) == 5


def test_the_digest_depends_on_overlays(photo: Path, tmp_path: Path) -> None:
    mark = tmp_path / "mark.png"
    paths = set()
    for shade in (0, 255):
        mark.write_bytes(samples.encoded(Image.new("L", (9, 9), shade), "PNG"))
        os.utime(mark, (shade, shade))
        stamped = Output(path="{hash}.jpg", steps=({"op": "overlay", "image": str(mark)},))
        paths.add(run(photo, stamped).outputs[0].path)
    assert len(paths) == 2


def test_an_empty_file_is_never_kept(photo: Path) -> None:
    output = resized("{hash:8}.jpg", width=100)
    path = Path(run(photo, output).outputs[0].path)
    path.write_bytes(b"")
    assert run(photo, output).outputs[0].status == "written"
    assert path.stat().st_size > 0


def test_the_same_job_gives_the_same_bytes(photo: Path) -> None:
    outputs = [resized("{width}.jpg", width=width) for width in (300, 150, 75)]
    first = run(photo, *outputs)
    second = run(photo, *reversed(outputs))
    assert {made.sha256 for made in first.outputs} == {made.sha256 for made in second.outputs}


def test_format_comes_from_convert_and_then_from_the_source(photo: Path) -> None:
    plain = Output(path="plain.{ext}")
    converted = Output(path="converted.{ext}", steps=({"op": "convert", "format": "png"},))
    result = run(photo, plain, converted)
    assert [written.format for written in result.outputs] == ["jpeg", "png"]


def test_nothing_is_written_unless_everything_can_be_encoded(photo: Path) -> None:
    too_long = Output(
        path="long.webp",
        steps=({"op": "resize", "width": 20000, "height": 10, "fit": "fill"},),
        encoder={"format": "webp"},
    )
    result = run(photo, resized("small.jpg", width=100), too_long)
    assert result.status == "failed"
    assert made(photo) == []


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "source-empty"),
        (b"just some text\n" * 10, "source-unsupported"),
        (samples.encoded(samples.cat(), "JPEG")[:9000], "source-corrupt"),
        (samples.encoded(samples.cat(), "PNG")[:9000], "source-corrupt"),
    ],
)
def test_a_bad_source_fails_with_its_cause(photo: Path, data: bytes, code: str) -> None:
    photo.write_bytes(data)
    result = run(photo, resized("a.jpg", width=100), resized("b.jpg", width=50))
    assert result.status == "failed"
    assert result.error is not None
    assert result.error.code == code
    assert str(photo) in result.error.message
    assert not result.error.retryable
    assert made(photo) == []


def test_a_missing_source_fails(photo: Path) -> None:
    photo.unlink()
    result = run(photo, resized("a.jpg", width=100))
    assert result.error is not None
    assert result.error.code == "source-missing"


def test_limits_are_passed_on(photo: Path) -> None:
    job = Job(input=str(photo), outputs=(Output(path=f"{photo.parent}/x.jpg"),))
    result = execute(job, LocalStorage(), Limits(frame_pixels=10))
    assert result.error is not None
    assert result.error.code == "source-too-large"


@pytest.mark.parametrize("template", ["../{stem}.jpg", "{dir}/../../{stem}.jpg"])
def test_a_path_that_leaves_its_root_is_refused(photo: Path, template: str) -> None:
    result = run(photo, resized(template, width=100))
    assert result.error is not None
    assert result.error.code == "path-escapes"


def test_a_source_name_cannot_lead_out_of_the_root(photo: Path) -> None:
    root = f"{photo.parents[2]}/out"
    job = Job(
        input=str(photo),
        relative="../../etc/passwd.jpg",
        outputs=(Output(path=f"{root}/{{dir}}/{{stem}}.jpg", root=root),),
    )
    result = execute(job, LocalStorage())
    assert result.error is not None
    assert result.error.code == "path-escapes"


def test_a_bad_step_is_an_error_of_the_recipe(photo: Path) -> None:
    result = run(photo, resized("a.jpg", width=-5))
    assert result.error is not None
    assert result.error.code == "bad-parameter"
    assert "steps[0]: resize" in result.error.message
