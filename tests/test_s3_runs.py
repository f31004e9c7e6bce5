"""Runs from S3 to S3 by a real server: what is asked of it, what is written, what goes wrong."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import samples
from s3_ground import Ground, break_ground
from s3_server import Answer, Gate, Request, S3Server, error

from imgflow import ImageProcessor, run
from imgflow.errors import SourceError
from imgflow.execute import execute
from imgflow.job import Job, Output, Result
from imgflow.recipe import parse_recipe
from imgflow.storage import IMMUTABLE, Properties
from imgflow.storage.opening import open_settled

SMALL = ({"op": "resize", "width": 60},)
WEBP = {"format": "webp"}


@pytest.fixture
def gate(object_server: S3Server) -> Iterator[Gate]:
    with Gate(object_server.port) as gate:
        yield gate


@pytest.fixture
def place(gate: Gate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ground:
    """A bucket behind a gate."""
    found = break_ground(gate.url, tmp_path)
    for name, value in found.settings.items():
        monkeypatch.setenv(name, value)
    found.put("in/trip/cat.jpg", samples.encoded(samples.cat(), "JPEG"))
    gate.requests.clear()
    return found


def made(place: Ground, *outputs: Output, **job: Any) -> Result:
    storage = open_settled(place.settings["IMGFLOW_STORES"])
    source = place.uri("in/trip/cat.jpg")
    result = execute(Job(input=source, relative="trip/cat.jpg", outputs=outputs, **job), storage)
    storage.close()
    return result


def small(path: str, **fields: Any) -> Output:
    return Output(path=path, steps=SMALL, encoder=WEBP, **fields)


def test_one_request_to_read_and_one_for_each_output(place: Ground, gate: Gate) -> None:
    outputs = [small(place.uri("out/{stem}-{hash:8}.webp")), small(place.uri("out/a.webp"))]
    outputs += [
        Output(path=place.uri("out/{dir}/{stem}.png"), steps=SMALL, encoder={"format": "png"})
    ]
    result = made(place, *outputs)
    assert result.error is None
    assert sorted(request.method for request in gate.requests) == ["GET", "PUT", "PUT", "PUT"]
    assert {"out/a.webp", "out/trip/cat.png"} < set(place.keys("out/"))
    assert place.head("out/trip/cat.png")["ContentType"] == "image/png"
    assert all(file.status == "written" and file.sha256 for file in result.outputs)


def test_what_the_name_tells_never_changes(place: Ground, gate: Gate) -> None:
    output = small(place.uri("out/{hash}.{ext}"))
    first, again = made(place, output), made(place, output)
    assert [file.outputs[0].status for file in (first, again)] == ["written", "kept"]
    assert first.outputs[0].sha256 == again.outputs[0].sha256
    (key,) = place.keys("out/")
    assert place.head(key)["CacheControl"] == IMMUTABLE
    assert made(place, output, force=True).outputs[0].status == "written"
    assert Counter(request.method for request in gate.requests)["PUT"] == 3


def test_what_is_said_about_objects_gets_there(place: Ground) -> None:
    said = Properties(cache_control="no-store", metadata={"who": "zoë"}, tags={"team": "web"})
    made(place, small(place.uri("out/a.webp"), properties=said))
    head = place.head("out/a.webp")
    assert (head["CacheControl"], head["ContentType"]) == ("no-store", "image/webp")
    tags = place.client.get_object_tagging(Bucket=place.bucket, Key="out/a.webp")["TagSet"]
    assert tags == [{"Key": "team", "Value": "web"}]
    assert head["Metadata"]["who"].startswith("=?utf-8?b?")


def test_type_is_that_of_the_content_whatever_the_name(place: Ground) -> None:
    made(place, small(place.uri("out/a.css")))
    assert place.head("out/a.css")["ContentType"] == "image/webp"


def test_keys_that_look_like_versions_are_keys(place: Ground) -> None:
    place.put("in/a.jpg?versionId=1", samples.encoded(samples.cat(), "JPEG"))
    output = Output(path=place.uri("out/{filename}"), steps=SMALL, encoder=WEBP)
    storage = open_settled(place.settings["IMGFLOW_STORES"])
    source = place.uri("in/a.jpg?versionId=1?versionId=")
    job = Job(input=source, relative="a.jpg?versionId=1", outputs=(output,))
    assert execute(job, storage).error is None
    storage.close()
    assert place.keys("out/") == ["out/a.jpg?versionId=1"]


@pytest.mark.parametrize(
    "relative", ["../cat.jpg", "a/../../cat.jpg", "./cat.jpg", "../../x/cat.jpg"]
)
def test_no_name_leads_out_of_the_root(place: Ground, gate: Gate, relative: str) -> None:
    output = small(place.uri("out/{dir}/{stem}.webp"))
    storage = open_settled(place.settings["IMGFLOW_STORES"])
    job = Job(input=place.uri("in/trip/cat.jpg"), relative=relative, outputs=(output,))
    result = execute(job, storage)
    storage.close()
    assert result.error is not None
    assert result.error.code == "path-escapes"
    assert all(request.path.startswith(f"/{place.bucket}/") for request in gate.requests)
    assert place.keys() == ["in/trip/cat.jpg"]


def busy(request: Request) -> Answer | None:
    return error(503, "SlowDown") if request.method == "PUT" else None


def denied(request: Request) -> Answer | None:
    return error(403, "AccessDenied") if request.method == "PUT" else None


@pytest.mark.parametrize(("rule", "retryable"), [(busy, True), (denied, False)])
def test_errors_say_whether_another_try_can_help(
    place: Ground, gate: Gate, rule: Any, *, retryable: bool
) -> None:
    gate.rules.append(rule)
    result = made(place, small(place.uri("out/a.webp")))
    assert result.error is not None
    assert result.error.retryable is retryable
    assert place.bucket in result.error.message
    assert place.keys("out/") == []


@pytest.mark.parametrize("name", ["{stem}.webp", "{stem}-{hash:8}.webp"])
def test_a_job_that_is_retried_leaves_one_whole_object(
    place: Ground, gate: Gate, name: str
) -> None:
    """The object is there, and the reply is lost."""
    gate.cut(times=20, method="PUT")
    first = made(place, small(place.uri(f"out/{name}")))
    gate.changes.clear()
    again = made(place, small(place.uri(f"out/{name}")))
    assert again.error is None
    if first.error is not None:
        assert first.error.retryable
    (key,) = place.keys("out/")
    assert len(place.body(key)) == again.outputs[0].bytes
    assert place.uploads() == []


def test_a_missing_source_is_an_error_of_its_own(place: Ground) -> None:
    storage = open_settled(place.settings["IMGFLOW_STORES"])
    job = Job(input=place.uri("in/none.jpg"), outputs=(small(place.uri("out/a.webp")),))
    result = execute(job, storage)
    storage.close()
    assert result.error is not None
    assert (result.error.code, result.error.retryable) == ("source-missing", False)


def test_a_recipe_from_bucket_to_bucket(place: Ground, gate: Gate) -> None:
    """The processes, the settings, the listing: all of it, from Python."""
    for number in range(5):
        place.put(
            f"in/more/{number}.jpg", samples.encoded(samples.cat(), "JPEG", quality=40 + number)
        )
    gate.requests.clear()
    recipe = parse_recipe(
        f"""
        version: 1
        inputs: {{from: "s3+media://{place.bucket}/in/**/*.jpg"}}
        defaults: {{cache_control: no-cache, object: {{tags: {{team: web}}}}}}
        outputs:
          - {{path: "s3://{place.bucket}/out/{{dir}}/{{stem}}.{{ext}}", format: webp, widths: [50]}}
        """.replace("\n        ", "\n")
    )
    results = run(recipe)
    assert [result.error for result in results] == [None] * 6
    assert sorted(place.keys("out/")) == [
        *(f"out/more/{number}.webp" for number in range(5)),
        "out/trip/cat.webp",
    ]
    assert {result.input.partition("://")[0] for result in results} == {"s3+media"}
    asked = Counter(request.method for request in gate.requests if "list-type" not in request.path)
    assert asked == {"GET": 6, "PUT": 6}
    assert place.head("out/trip/cat.webp")["CacheControl"] == "no-cache"


def test_out_may_be_a_bucket(place: Ground, tmp_path: Path) -> None:
    photo = tmp_path / "a b.jpg"
    photo.write_bytes(samples.encoded(samples.cat(), "JPEG"))
    (tmp_path / "r.yaml").write_text(
        'version: 1\nsteps: [{op: resize, width: 50}]\noutputs: [{path: "{stem}.webp"}]\n'
    )
    (result,) = run(str(tmp_path / "r.yaml"), [photo.as_uri()], out=place.uri("made/"))
    assert result.error is None
    assert result.input == photo.as_uri()
    assert result.outputs[0].path == place.uri("made/a b.webp")
    assert place.keys("made/") == ["made/a b.webp"]


def test_files_are_named_as_they_were(tmp_path: Path) -> None:
    photo = tmp_path / "100% #1.jpg"
    photo.write_bytes(samples.encoded(samples.cat(), "JPEG"))
    output = small(f"{tmp_path.as_uri()}/out/{{stem}}.webp")
    storage = open_settled()
    result = execute(Job(input=photo.as_uri(), outputs=(output,)), storage)
    assert result.error is None
    assert result.outputs[0].path == f"{tmp_path.as_uri()}/out/100%25%20%231.webp"
    assert (tmp_path / "out" / "100% #1.webp").is_file()


def test_local_work_never_loads_boto3(tmp_path: Path) -> None:
    photo = tmp_path / "a.jpg"
    photo.write_bytes(samples.encoded(samples.cat(), "JPEG"))
    (tmp_path / "r.yaml").write_text('version: 1\noutputs: [{path: "out/{stem}.png"}]\n')
    code = (
        "import sys, imgflow; print(imgflow.run('r.yaml', ['a.jpg'])[0].status,"
        " {'boto3', 'imgflow.storage.s3', 'imgflow.guard', 'sqlite3'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == "completed set()\n"


def test_one_image_in_python(place: Ground, gate: Gate) -> None:
    image = ImageProcessor().resize(place.uri("in/trip/cat.jpg"), width=60)
    image.save(place.uri("out/small.webp"))
    assert [request.method for request in gate.requests] == ["GET", "PUT"]
    assert samples.decoded(place.body("out/small.webp")).shape == (40, 60, 3)
    assert place.head("out/small.webp")["ContentType"] == "image/webp"
    with pytest.raises(SourceError) as caught:
        ImageProcessor().resize(place.uri("in/none.jpg"), width=60).data  # noqa: B018
    assert caught.value.code == "source-missing"
