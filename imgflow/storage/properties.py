"""What is said about an object when it is written: type, caching, metadata, tags, access."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import Literal, get_args

import msgspec

from imgflow.errors import UsageError

Acl = Literal[
    "private",
    "public-read",
    "public-read-write",
    "authenticated-read",
    "aws-exec-read",
    "bucket-owner-read",
    "bucket-owner-full-control",
]
StorageClass = Literal[
    "STANDARD",
    "REDUCED_REDUNDANCY",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER",
    "GLACIER_IR",
    "DEEP_ARCHIVE",
    "EXPRESS_ONEZONE",
]
Encryption = Literal["AES256", "aws:kms", "aws:kms:dsse"]

#: For what never changes because its name says what it is.
IMMUTABLE = "public, max-age=31536000, immutable"
#: S3's limits: bytes of metadata, and tags with their lengths.
_MOST_METADATA, _MOST_TAGS, _LONGEST_TAG, _LONGEST_TAG_VALUE = 2048, 10, 128, 256
#: What one encoded word holds before it is encoded.
_WORD_BYTES = 45
_TOKEN = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]+")
_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(?:\s*;\s*[\w.+-]+=(?:[\w.+-]+|\"[ -~]*\"))*", re.ASCII)
_TAG = re.compile(r"[\w\s+\-=.:/@]*")
_LINE = re.compile(r"[\x20-\x7e]*")
#: Text that would not come back as it went in: not ASCII, of spaces at an end, or an encoded word.
_PLAIN_TEXT = re.compile(r"(?! )(?!.*=\?)[\x20-\x7e]*(?<! )")


class Properties(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is said about an object; nothing of it is needed.

    ``content_type`` is told from the bytes if it is empty. Names in ``metadata`` are lower
    case; its values may be any text. ``acl`` is left to the bucket if it is empty, which means
    private. ``kms_key`` goes with ``encryption: aws:kms``. With ``if_absent`` nothing that is
    there is replaced. Raises UsageError with the code ``bad-properties``, naming the field.
    Files have none of these but ``if_absent``.
    """

    content_type: str = ""
    cache_control: str = ""
    content_disposition: str = ""
    metadata: dict[str, str] = {}
    tags: dict[str, str] = {}
    acl: Acl | Literal[""] = ""
    storage_class: StorageClass | Literal[""] = ""
    encryption: Encryption | Literal[""] = ""
    kms_key: str = ""
    if_absent: bool = False

    def __post_init__(self) -> None:
        """Refuse what S3 would refuse, and what would not come back as it was given."""
        if self.content_type and not _MEDIA_TYPE.fullmatch(self.content_type):
            raise _bad("content_type", "a media type such as image/webp", self.content_type)
        for name in ("cache_control", "content_disposition", "kms_key"):
            if not _LINE.fullmatch(value := getattr(self, name)):
                raise _bad(name, "printable ASCII in one line", value)
        for name, known in (
            ("acl", Acl),
            ("storage_class", StorageClass),
            ("encryption", Encryption),
        ):
            if (value := getattr(self, name)) and value not in (words := get_args(known)):
                raise _bad(name, f"one of {', '.join(words)}", value)
        if self.kms_key and not self.encryption.startswith("aws:kms"):
            raise _bad("kms_key", "'encryption: aws:kms' beside it", self.encryption or "none")
        _check_metadata(self.metadata)
        _check_tags(self.tags)


def encode_metadata(metadata: dict[str, str]) -> dict[str, str]:
    """Return metadata as it goes over the wire: in ASCII, other text as of RFC 2047."""
    return {name: _encode(value) for name, value in metadata.items()}


def decode_metadata(metadata: dict[str, str]) -> dict[str, str]:
    """Return metadata as it was given."""
    return {name: _decode(value) for name, value in metadata.items()}


def _encode(value: str) -> str:
    """Return text as it is, or as encoded words of at most 75 characters (RFC 2047, 2)."""
    if _PLAIN_TEXT.fullmatch(value):
        return value
    words, word = [], b""
    for character in value:
        letters = character.encode()
        if len(word) + len(letters) > _WORD_BYTES:
            words.append(word)
            word = b""
        word += letters
    return " ".join(f"=?utf-8?b?{b64encode(word).decode()}?=" for word in (*words, word))


def _decode(value: str) -> str:
    from email.errors import HeaderParseError
    from email.header import decode_header

    try:
        pieces = decode_header(value)
        return "".join(
            piece.decode(charset or "ascii") if isinstance(piece, bytes) else piece
            for piece, charset in pieces
        )
    except (HeaderParseError, UnicodeError, LookupError):
        return value


def _check_metadata(metadata: dict[str, str]) -> None:
    size = 0
    for name, value in metadata.items():
        if not _TOKEN.fullmatch(name):
            raise _bad("metadata", "names of lower case letters, digits and -_.", name)
        try:
            size += len(name) + len(_encode(value))
        except UnicodeError as error:
            raise _bad("metadata", f"text for '{name}'", "half of a character") from error
    if size > _MOST_METADATA:
        raise _bad("metadata", f"at most {_MOST_METADATA} bytes in all", f"{size}")


def _check_tags(tags: dict[str, str]) -> None:
    if len(tags) > _MOST_TAGS:
        raise _bad("tags", f"at most {_MOST_TAGS}", f"{len(tags)}")
    for name, value in tags.items():
        if not 1 <= len(name) <= _LONGEST_TAG or len(value) > _LONGEST_TAG_VALUE:
            most = f"names of 1 to {_LONGEST_TAG} characters, values of at most"
            raise _bad("tags", f"{most} {_LONGEST_TAG_VALUE}", f"{name[:40]}={value[:40]}")
        if not (_TAG.fullmatch(name) and _TAG.fullmatch(value)) or name.startswith("aws:"):
            raise _bad("tags", "letters, digits, spaces and + - = . _ : / @", f"{name}={value}")


def _bad(field: str, expected: str, found: str) -> UsageError:
    message = f"{field}: expected {expected}, found {found[:100]!r}"
    return UsageError(message, code="bad-properties")


#: Nothing to be said.
PLAIN = Properties()
