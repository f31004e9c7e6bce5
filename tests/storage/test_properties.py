"""What is said about an object: checked as S3 would, before it is said."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgflow.errors import UsageError
from imgflow.storage.properties import Properties, decode_metadata, encode_metadata

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"content_type": "jpeg"}, "content_type: expected a media type"),
        ({"content_type": "image/jpeg\r\nX: y"}, "content_type"),
        ({"cache_control": "a\nb"}, "cache_control: expected printable ASCII in one line"),
        ({"content_disposition": "filename=ü"}, "content_disposition"),
        ({"metadata": {"a b": "c"}}, "metadata: expected names of lower case letters"),
        ({"metadata": {"A": "c"}}, "metadata"),
        ({"metadata": {"": "c"}}, "metadata"),
        ({"metadata": {"a": "x" * 2048}}, "metadata: expected at most 2048 bytes in all"),
        ({"metadata": {"a": "ü" * 1024}}, "metadata: expected at most 2048 bytes in all"),
        ({"metadata": {"a": "\ud800"}}, "metadata: expected text for 'a'"),
        ({"tags": {str(number): "" for number in range(11)}}, "tags: expected at most 10"),
        ({"tags": {"": "a"}}, "tags: expected names of 1 to 128 characters"),
        ({"tags": {"a" * 129: "a"}}, "tags"),
        ({"tags": {"a": "a" * 257}}, "tags"),
        ({"tags": {"a": "<b>"}}, "tags: expected letters, digits"),
        ({"tags": {"aws:a": "b"}}, "tags"),
        ({"acl": "open"}, "acl: expected one of private"),
        ({"storage_class": "COLD"}, "storage_class: expected one of STANDARD"),
        ({"encryption": "rot13"}, "encryption: expected one of AES256"),
        ({"kms_key": "a"}, "kms_key: expected 'encryption: aws:kms' beside it"),
        ({"kms_key": "a", "encryption": "AES256"}, "kms_key"),
    ],
)
def test_what_would_be_refused(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        Properties(**fields)
    assert caught.value.code == "bad-properties"


def test_they_come_from_json_too() -> None:
    sent = msgspec.json.encode(Properties(cache_control="no-cache", tags={"a": "b"}))
    assert sent == b'{"cache_control":"no-cache","tags":{"a":"b"}}'
    assert msgspec.json.decode(sent, type=Properties).tags == {"a": "b"}
    with pytest.raises(UsageError):
        msgspec.json.decode(b'{"tags":{"aws:a":"b"}}', type=Properties)


@given(TEXT)
def test_metadata_of_any_text_comes_back(value: str) -> None:
    sent = encode_metadata({"a": value})
    assert sent["a"].isascii()
    assert sent["a"].isprintable()
    assert sent["a"].strip() == sent["a"]
    assert all(len(word) <= 75 for word in sent["a"].split()) or sent["a"] == value
    assert decode_metadata(sent) == {"a": value}


def test_metadata_that_others_wrote() -> None:
    told = {"a": "=?iso-8859-1?q?gr=FCn?=", "b": "=?x?=", "c": "=?none?b?!?=", "d": "plain"}
    found = decode_metadata(told)
    assert (found["a"], found["b"], found["d"]) == ("grün", "=?x?=", "plain")
