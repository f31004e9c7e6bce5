"""``imgflow cp``: local files and objects, in all directions."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from command import Done
from s3_ground import Ground

pytestmark = pytest.mark.usefixtures("folder")

Here = Callable[..., Done]
PHOTO = "photos/cup.jpg"


def test_there_and_back(here: Here, ground: Ground) -> None:
    target = ground.uri("up loads/ä#1.jpg")
    done = here("cp", PHOTO, target)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"{PHOTO} -> {target} (")
    assert ground.body("up loads/ä#1.jpg") == Path(PHOTO).read_bytes()
    assert ground.head("up loads/ä#1.jpg")["ContentType"] == "image/jpeg"
    assert here("cp", target, "back/", "-q") == (0, "", "")
    assert Path("back/ä#1.jpg").read_bytes() == Path(PHOTO).read_bytes()


def test_several_into_a_prefix_or_folder(here: Here, ground: Ground) -> None:
    done = here("cp", PHOTO, f"file://{Path.cwd()}/photos/cats/1.jpg", ground.uri("many"), "--json")
    assert done.code == 0
    assert [line["target"] for line in done.lines] == [
        ground.uri("many/cup.jpg"),
        ground.uri("many/1.jpg"),
    ]
    assert done.lines[0]["bytes"] == os.path.getsize(PHOTO)
    assert sorted(ground.keys()) == ["many/1.jpg", "many/cup.jpg"]


def test_objects_are_copied_inside_the_service_with_what_is_said_of_them(
    here: Here, ground: Ground
) -> None:
    source = ground.put("a.bin", b"data", CacheControl="no-store", Metadata={"who": "me"})
    assert here("cp", source, ground.uri("sub/")).code == 0
    told = ground.head("sub/a.bin")
    assert (told["CacheControl"], told["Metadata"]) == ("no-store", {"who": "me"})


def test_between_stores(here: Here, ground: Ground) -> None:
    source = ground.put("a.jpg", Path(PHOTO).read_bytes())
    assert here("cp", source, ground.uri("b.jpg", "s3+media")).code == 0
    assert ground.body("b.jpg") == Path(PHOTO).read_bytes()


def test_one_version(here: Here, ground: Ground) -> None:
    ground.client.put_bucket_versioning(
        Bucket=ground.bucket, VersioningConfiguration={"Status": "Enabled"}
    )
    ground.put("a.txt", b"old")
    version = ground.head("a.txt")["VersionId"]
    ground.put("a.txt", b"new")
    assert here("cp", f"{ground.uri('a.txt')}?versionId={version}", "old/").code == 0
    assert Path("old/a.txt").read_bytes() == b"old"


def test_all_that_is_below(here: Here, ground: Ground) -> None:
    done = here("cp", "-r", "photos/", ground.uri("all"), "--json")
    assert done.code == 0
    assert sorted(ground.keys("all/")) == [
        *(f"all/cats/{index}.jpg" for index in (1, 2, 3)),
        "all/cup.jpg",
    ]
    assert here("cp", "-r", ground.uri("all/"), f"file://{Path.cwd()}/copy", "-q").code == 0
    for name in ("cup.jpg", "cats/2.jpg"):
        assert Path("copy", name).read_bytes() == Path("photos", name).read_bytes()
    assert here("cp", "-r", ground.uri("all"), ground.uri("again"), "-q").code == 0
    assert len(ground.keys("again/")) == 4


def test_a_key_does_not_lead_out_of_the_folder(here: Here, ground: Ground) -> None:
    ground.put("keys/../../escaped.txt", b"evil")
    ground.put("keys/fine.txt", b"good")
    done = here("cp", "-r", ground.uri("keys"), "inner/deep")
    assert done.code == 3
    assert "leaves it" in done.err
    assert Path("inner/deep/fine.txt").read_bytes() == b"good"
    assert not list(Path().rglob("escaped.txt"))


def test_one_that_fails_does_not_keep_the_others(here: Here, ground: Ground) -> None:
    done = here("cp", ground.uri("gone.jpg"), PHOTO, "missing.jpg", ground.uri("to/"))
    assert done.code == 3
    assert ground.keys() == ["to/cup.jpg"]
    assert len(done.err.splitlines()) == 2
    assert f"{ground.uri('gone.jpg')}: expected an image file, found nothing there" in done.err
    lines = here("cp", ground.uri("gone.jpg"), PHOTO, ground.uri("to/"), "--json").lines
    assert lines[0]["error"]["code"] == "source-missing"
    assert lines[1]["target"] == ground.uri("to/cup.jpg")


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ((PHOTO,), "expected SOURCE and TARGET"),
        ((PHOTO, PHOTO), "expected another place to copy to, found the same"),
        ((PHOTO, "photos/"), "expected another place to copy to, found the same"),
        (("photos", "s3://bucket/x/"), "expected a file, found a folder; pass --recursive"),
        (("s3://bucket", "x/"), "expected a file, found a folder; pass --recursive"),
        (("s3://bucket/a/", "x/"), "expected a file, found a folder; pass --recursive"),
        (("a/x.jpg", "b/x.jpg", "s3://bucket/"), "would both be copied to s3://bucket/x.jpg"),
        (("-r", "photos", "photos/inner"), "expected a place outside of photos, found one inside"),
        (("-r", "s3://bucket/a", "s3://bucket/a/b"), "found one inside"),
    ],
)
def test_what_makes_no_sense(here: Here, places: tuple[str, ...], expected: str) -> None:
    done = here("cp", *places)
    assert done.code == 2
    assert expected in done.err


def test_nothing_below(here: Here, ground: Ground) -> None:
    done = here("cp", "-r", ground.uri("empty"), "x")
    assert done.code == 3
    assert "expected files below it, found none" in done.err


def test_places_that_take_nothing(here: Here) -> None:
    done = here("cp", PHOTO, "https://example.com/x.jpg")
    assert done.code == 3
    assert "read only" in done.err
    assert "gs://" in here("cp", PHOTO, "gs://bucket/x.jpg").err
