"""Jobs that do not depend on the working directory."""

from __future__ import annotations

from imgflow.anchoring import anchor
from imgflow.job import Job, Output


def test_relative_paths_become_absolute() -> None:
    steps = ({"op": "overlay", "image": "logo.png"}, {"op": "flip"})
    job = Job(
        input="photos/../a.jpg",
        outputs=(Output(path="dist/{stem}.webp", root="dist", steps=steps),),
        relative="a.jpg",
        steps=({"op": "text", "text": "logo.png", "font_file": "fonts/a.ttf"},),
    )
    found = anchor(job, "/ada")
    assert found.input == "/ada/a.jpg"
    assert found.relative == "a.jpg"
    assert found.outputs[0].path == "/ada/dist/{stem}.webp"
    assert found.outputs[0].root == "/ada/dist"
    assert found.outputs[0].steps == ({"op": "overlay", "image": "/ada/logo.png"}, {"op": "flip"})
    assert found.steps == ({"op": "text", "text": "logo.png", "font_file": "/ada/fonts/a.ttf"},)


def test_a_path_without_a_root_stays_below_the_folder() -> None:
    job = anchor(Job(input="a.jpg", outputs=(Output(path="{stem}.webp"),)), "/ada")
    assert (job.outputs[0].path, job.outputs[0].root) == ("/ada/{stem}.webp", "/ada")


def test_absolute_paths_and_uris_stay_as_they_are() -> None:
    outputs = (Output(path="/out/{stem}.webp"), Output(path="s3://b/{stem}.webp", root="s3://b"))
    job = Job(input="s3://b/a.jpg", outputs=outputs, steps=({"op": "flip"},))
    assert anchor(job, "/ada") == job
