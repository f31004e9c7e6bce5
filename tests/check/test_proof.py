"""A proof fails where the work itself would, in the same words, and writes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import samples
from PIL import Image

from imgflow.execute import execute
from imgflow.job import Job, Output, Result
from imgflow.limits import DEFAULT_LIMITS, Limits
from imgflow.runner.proof import prove
from imgflow.storage import open_storages

OUTSIDE = {"op": "crop", "x": 9000, "y": 0, "width": 9, "height": 9}


def job_of(path: Path, *steps: dict[str, Any], **encoder: Any) -> Job:
    """Return a job that writes below ``out``."""
    out = f"{path.parent}/out"
    output = Output(path=f"{out}/{{stem}}.{{ext}}", root=out, encoder=encoder or None)
    return Job(input=str(path), outputs=(output,), steps=steps)


def both(job: Job, limits: Limits = DEFAULT_LIMITS) -> tuple[Result, Result]:
    """Return what a proof, and after that the work itself, come to."""
    proven = prove(job, open_storages(), limits)
    assert not Path(job.input).parent.joinpath("out").exists()
    return proven, execute(job, open_storages(), limits)


def check_alike(proven: Result, done: Result) -> None:
    """Compare failures; the reasons of decoders may be in more words the first time."""
    assert proven.status == done.status == "failed"
    assert proven.error
    assert done.error
    assert proven.error.code == done.error.code
    assert proven.error.message.split(": ")[:2] == done.error.message.split(": ")[:2]
    assert proven.error.retryable == done.error.retryable


def frames(count: int) -> list[Image.Image]:
    noise = np.random.default_rng(1).integers(0, 255, (count, 40, 60), np.uint8)
    return [Image.fromarray(frame) for frame in noise]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "AVIF", "BMP"])
def test_what_is_whole_passes(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "cat"
    path.write_bytes(samples.encoded(samples.cat(), kind))
    proven, done = both(job_of(path, {"op": "resize", "width": 20}, format="png"))
    assert (proven.status, done.status) == ("completed", "completed")
    assert proven.input_bytes == done.input_bytes == path.stat().st_size
    assert proven.outputs == ()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "AVIF", "BMP"])
@pytest.mark.parametrize("share", [0.3, 0.9])
def test_what_is_cut_off_fails(kind: str, share: float, tmp_path: Path) -> None:
    path = tmp_path / "cat"
    whole = samples.encoded(samples.cat(), kind)
    path.write_bytes(whole[: int(len(whole) * share)])
    proven, done = both(job_of(path, format="png"))
    check_alike(proven, done)


def test_all_frames_are_decoded(tmp_path: Path) -> None:
    path = tmp_path / "noise.webp"
    first, *others = frames(4)
    first.save(path, save_all=True, append_images=others, lossless=True)
    data = bytearray(path.read_bytes())
    at = data.rindex(b"VP8L") + 60
    data[at : at + 400] = bytes(400)
    path.write_bytes(data)
    proven, done = both(job_of(path, format="webp"))
    check_alike(proven, done)


@pytest.mark.parametrize(
    ("data", "steps", "encoder"),
    [
        (b"", [], {}),
        (b"no image at all", [], {}),
        (None, [], {}),
        (samples.encoded(samples.cat(), "PNG"), [OUTSIDE], {}),
        (samples.encoded(Image.new("L", (17_000, 1)), "PNG"), [], {"format": "webp"}),
    ],
    ids=["empty", "no image", "missing", "crop beside it", "too long for the format"],
)
def test_what_cannot_be_done_fails(
    data: bytes | None, steps: list[dict[str, Any]], encoder: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "odd.png"
    if data is not None:
        path.write_bytes(data)
    proven, done = both(job_of(path, *steps, **encoder))
    check_alike(proven, done)


def test_limits_hold(tmp_path: Path) -> None:
    path = tmp_path / "cat.png"
    path.write_bytes(samples.encoded(samples.cat(), "PNG"))
    proven, done = both(job_of(path), Limits(frame_pixels=100))
    check_alike(proven, done)


def test_a_format_that_is_known_only_after_encoding(tmp_path: Path) -> None:
    path = tmp_path / "cat.png"
    path.write_bytes(samples.encoded(samples.cat(), "PNG"))
    assert prove(job_of(path, format="auto"), open_storages(), DEFAULT_LIMITS).status == "completed"
