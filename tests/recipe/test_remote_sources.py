"""Sources in buckets and on the web: listed as they are asked for, told apart, kept clear of."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgflow.errors import UsageError
from imgflow.recipe import Jobs, RecipeInvalid, expand, parse_recipe
from imgflow.recipe.finding import Sources, plan_inputs
from imgflow.recipe.sources import Found
from imgflow.recipe.taken import Taken
from imgflow.storage import Entry, MemoryStorage


class Bucket(MemoryStorage):
    """A bucket of keys without content, that counts what was listed of it."""

    def __init__(self, *keys: str) -> None:
        super().__init__()
        self.keys = sorted(f"s3://b/{key}" for key in keys)
        self.listed: list[str] = []
        self.yielded = 0

    def list(self, uri: str, prefix: str = "") -> Iterator[Entry]:
        self.listed.append(uri + prefix)
        for key in self.keys:
            if key.startswith(uri + prefix):
                self.yielded += 1
                yield Entry(key, 7, "tag")


def found(bucket: MemoryStorage, *inputs: str, **patterns: Any) -> list[str]:
    plans = plan_inputs(inputs, patterns.get("include", ()), patterns.get("exclude", ()))
    return [source.path.removeprefix("s3://b/") for source in Sources(plans, bucket)]


def jobs(bucket: MemoryStorage, path: str, *inputs: str, more: str = "") -> Jobs:
    recipe = parse_recipe(f'version: 1\noutputs: [{{path: "{path}"{more}}}]\n')
    return expand(recipe, list(inputs), storage=bucket)


def refused(bucket: MemoryStorage, path: str, *inputs: str, more: str = "") -> list[str]:
    with pytest.raises(RecipeInvalid) as caught:
        jobs(bucket, path, *inputs, more=more)
    return [problem.code for problem in caught.value.problems]


def test_a_folder_is_searched_at_any_depth() -> None:
    bucket = Bucket("p/a.jpg", "p/b/c.PNG", "p/b/notes.txt", "p/.hidden/d.jpg", "q/e.jpg", "p2.jpg")
    assert found(bucket, "s3://b/p/") == ["p/a.jpg", "p/b/c.PNG"]
    assert found(bucket, "s3://b") == ["p/a.jpg", "p/b/c.PNG", "p2.jpg", "q/e.jpg"]
    assert found(bucket, "s3://b/p/", exclude=("b",)) == ["p/a.jpg"]
    assert found(bucket, "s3://b/p/", include=("*.txt",)) == ["p/b/notes.txt"]


def test_patterns_list_no_more_than_they_must() -> None:
    bucket = Bucket("p/2024/a.jpg", "p/2024/x/b.jpg", "p/2025/c.jpg", "p/other/d.jpg")
    assert found(bucket, "s3://b/p/202*/*.jpg") == ["p/2024/a.jpg", "p/2025/c.jpg"]
    assert found(bucket, "s3://b/p/**/{b,d}.jpg") == ["p/2024/x/b.jpg", "p/other/d.jpg"]
    assert bucket.listed == ["s3://b/p/202", "s3://b/p/"]


@pytest.mark.parametrize(
    "key", ["a?b.jpg", "a#b.jpg", "100%25.jpg", "a b.jpg", "ü/é.jpg", "a+b.jpg"]
)
def test_keys_are_taken_as_they_are(key: str) -> None:
    bucket = Bucket(key)
    assert found(bucket, f"s3://b/{key}") == [key]
    assert bucket.listed == []
    assert found(bucket, "s3://b/") == [key]


def test_a_pattern_is_also_the_key_that_reads_like_it() -> None:
    bucket = Bucket("a[1].jpg", "a1.jpg", "a2.jpg")
    assert found(bucket, "s3://b/a[1].jpg") == ["a1.jpg", "a[1].jpg"]


def test_a_name_without_extension_is_a_folder_if_there_is_something_in_it() -> None:
    bucket = Bucket("uploads/3f2a", "photos/a.jpg")
    assert found(bucket, "s3://b/uploads/3f2a") == ["uploads/3f2a"]
    assert found(bucket, "s3://b/photos") == ["photos/a.jpg"]


def test_each_source_comes_once() -> None:
    bucket = Bucket("p/a.jpg", "p/b.jpg", "p/c/d.jpg")
    assert found(bucket, "s3://b/p/b.jpg", "s3://b/p/*.jpg", "s3://b/p/", "s3://b/p/a.jpg") == [
        "p/b.jpg",
        "p/a.jpg",
        "p/c/d.jpg",
    ]


@pytest.mark.parametrize("uri", ["s3://", "s3://b*/a.jpg", "ftp://host/a.jpg", "s3://{a,b}/x.jpg"])
def test_what_cannot_be_an_input(uri: str) -> None:
    with pytest.raises(UsageError) as caught:
        plan_inputs([uri], (), ())
    assert caught.value.code == "bad-input"


def test_a_recipe_that_names_no_bucket_is_refused_with_its_place() -> None:
    with pytest.raises(RecipeInvalid) as caught:
        parse_recipe('version: 1\ninputs: {from: "s3://*"}\noutputs: [{path: "o/{stem}.jpg"}]\n')
    (problem,) = caught.value.problems
    assert (problem.code, problem.line, problem.column) == ("bad-input", 2, 16)


def test_names_on_the_web_come_from_the_path() -> None:
    made = list(jobs(Bucket(), "o/{stem}.{ext}", "https://h.example/a/photo%20x.jpg?w=1#top"))
    assert [(job.input, job.relative) for job in made] == [
        ("https://h.example/a/photo%20x.jpg?w=1#top", "photo x.jpg")
    ]


def test_jobs_know_what_the_listing_told() -> None:
    made = jobs(Bucket("p/a.jpg"), "o/{stem}.{ext}", "s3://b/p/")
    ((job, version),) = made.versioned()
    assert (made.total, job.input, job.relative) == (1, "s3://b/p/a.jpg", "a.jpg")
    assert version == "7-tag"


@pytest.mark.parametrize(
    ("path", "keys", "code"),
    [
        ("s3://b/o/{stem}.webp", ["p/a.jpg", "p/a.png"], "path-collision"),
        ("s3://b/o/{stem}.webp", ["p/x/a.jpg", "p/y/a.jpg"], "path-collision"),
        ("s3://b/p/{stem}.{ext}", ["p/a.jpg"], "output-among-inputs"),
        ("s3://b/p/{filename}", ["p/a.jpg"], "output-among-inputs"),
        ("s3://b/o/{dir}/{stem}.webp", ["p/x//a.jpg", "p/x/a.jpg"], "path-collision"),
    ],
)
def test_outputs_keep_clear(path: str, keys: list[str], code: str) -> None:
    assert refused(Bucket(*keys), path, "s3://b/p/") == [code]


def test_an_output_that_the_pattern_would_take_next_time() -> None:
    bucket = Bucket("p/hero-a.jpg")
    codes = refused(bucket, "s3://b/p/{stem}-small.jpg", "s3://b/p/hero-*.jpg")
    assert codes == ["output-among-inputs"]
    assert jobs(bucket, "s3://b/p/small-{stem}.jpg", "s3://b/p/hero-*.jpg").total == 1
    assert refused(bucket, "s3://b/p/{stem}.jpg", "s3://b/p/hero-a.jpg") == ["output-onto-input"]


def test_nothing_in_the_bucket() -> None:
    assert refused(Bucket("q/a.jpg"), "o/{stem}.jpg", "s3://b/p/") == ["no-inputs"]


def test_many_are_not_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[expand.__module__], "MOST_KNOWN", 10)
    bucket = Bucket(*(f"p/{number:04}.jpg" for number in range(500)))
    flowing = jobs(bucket, "s3://b/o/{stem}-{hash}.webp", "s3://b/p/")
    assert (flowing.total, bucket.yielded) == (None, 11)
    assert [job.index for job in islice(flowing, 3)] == [0, 1, 2]
    assert bucket.yielded == 14
    checked = jobs(bucket, "s3://b/o/{stem}.webp", "s3://b/p/")
    assert checked.total == 500
    assert sum(1 for _ in checked) == 500


def test_many_are_checked_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[expand.__module__], "MOST_KNOWN", 10)
    monkeypatch.setattr("imgflow.recipe.taken.MOST_IN_MEMORY", 20)
    keys = [f"p/{number:04}.jpg" for number in range(500)]
    assert refused(Bucket(*keys, "p/0499.png"), "s3://b/o/{stem}.webp", "s3://b/p/") == [
        "path-collision"
    ]
    assert refused(Bucket(*keys, "q/0001.jpg"), "s3://b/q/{stem}.jpg", "s3://b/[pq]/*.jpg") == [
        "output-among-inputs"
    ]


@given(st.lists(st.text(min_size=1, max_size=3)))
def test_paths_on_the_disk_are_told_apart_as_in_memory(paths: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("imgflow.recipe.taken.MOST_IN_MEMORY", 3)
        taken = Taken()
        told = [taken.claim(path, Found(path, path)) is not None for path in paths]
        taken.close()
    assert told == [path in paths[:at] for at, path in enumerate(paths)]
