"""Sources of more than 100 MB: streamed, with little memory."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from s3_homes import Bucket
from s3_server import S3Server

#: Makes a thumbnail of a small object, and then of a large one with no more than 64 MiB more
#: of private memory to be had: what libvips maps of the object's file is cache, and no memory.
PROGRAM = """
import json, resource, sys
from imgflow.execute import execute
from imgflow.job import Job, Output
from imgflow.limits import Limits
from imgflow.storage import open_storages
from imgflow.storage.s3.store import Store

def private():
    with open("/proc/self/status") as status:
        lines = dict(line.split(":", 1) for line in status)
    return int(lines["VmData"].split()[0]) * 1024

def make(source):
    output = Output(
        path=folder + "/{stem}.jpg",
        root=folder,
        steps=({"op": "resize", "width": 300},),
        encoder={"format": "jpeg"},
    )
    result = execute(Job(input=source, outputs=(output,)), storage, Limits())
    assert result.status == "completed", result.error
    return result.input_bytes

endpoint, folder, small, large = sys.argv[1:]
storage = open_storages({"default": Store(endpoint_url=endpoint, region="us-east-1")})
make(small)
most = private() + 64 * 2**20
resource.setrlimit(resource.RLIMIT_DATA, (most, most))
print(make(large))
"""


def photograph(fmt: str, side: tuple[int, int], **options: Any) -> bytes:
    """Return noise, which no format makes much smaller, on a gradient."""
    width, height = side
    dice = np.random.default_rng(1)
    tile = dice.integers(0, 256, (500, width, 3), dtype=np.uint8)
    stream = io.BytesIO()
    Image.fromarray(np.tile(tile, (height // 500, 1, 1))).save(stream, fmt, **options)
    return stream.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize(
    "picture",
    [("JPEG", (10_000, 9_500), {"quality": 95}), ("TIFF", (8_000, 5_000), {})],
    ids=lambda picture: str(picture[0]),
)
def test_a_thumbnail_of_a_large_object_takes_little_memory(
    bucket: Bucket, moto: S3Server, tmp_path: Path, picture: tuple[str, tuple[int, int], Any]
) -> None:
    fmt, side, options = picture
    small = bucket.put("small.img", photograph(fmt, (500, 500), **options))
    large = photograph(fmt, side, **options)
    assert len(large) > 100_000_000
    uri = bucket.put("large.img", large)
    del large
    command = [sys.executable, "-c", PROGRAM, moto.url, str(tmp_path), small, uri]
    environment = {**os.environ, "MALLOC_ARENA_MAX": "2"}
    found = subprocess.run(command, capture_output=True, check=False, text=True, env=environment)
    assert found.returncode == 0, found.stderr
    assert int(found.stdout) > 100_000_000
    with Image.open(tmp_path / "large.jpg") as thumbnail:
        assert thumbnail.width == 300
