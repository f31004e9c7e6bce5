"""What a recipe says about the objects that it makes in a bucket, declared once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import msgspec

from imgflow.errors import UsageError
from imgflow.rules import OnlyWith, Rule
from imgflow.storage import PLAIN, Properties
from imgflow.storage.properties import Acl, Encryption, StorageClass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgflow.recipe.places import Keys
    from imgflow.recipe.resolve import Resolved

MetadataName = Annotated[str, msgspec.Meta(pattern="^[a-z0-9_-]+$")]
Line = Annotated[str, msgspec.Meta(min_length=1, pattern="^[ -~]+$")]

CacheControl = Annotated[
    Line,
    msgspec.Meta(
        description="For how long caches may keep the file, where it is written to S3. Default: "
        "a year and immutable if the path has {hash}, else nothing is said.",
        examples=["public, max-age=86400"],
    ),
]


class ObjectKeys(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What is said about files that are written to S3; local files have none of it."""

    rules: ClassVar[tuple[Rule, ...]] = (
        OnlyWith("kms_key", "encryption", ("aws:kms", "aws:kms:dsse")),
    )

    metadata: Annotated[
        dict[MetadataName, str],
        msgspec.Meta(
            description="Metadata of the object by name, up to 2 kB; names in lower case, texts "
            "in any script.",
            examples=[{"source": "camera-1"}],
        ),
    ] = {}
    tags: Annotated[
        dict[str, str],
        msgspec.Meta(description="Tags of the object, at most 10.", examples=[{"team": "web"}]),
    ] = {}
    acl: (
        Annotated[
            Acl,
            msgspec.Meta(description="A canned ACL. Default: the bucket's own, which is private."),
        ]
        | None
    ) = None
    storage_class: (
        Annotated[
            StorageClass,
            msgspec.Meta(description="The storage class. Default: that of the bucket, STANDARD."),
        ]
        | None
    ) = None
    encryption: (
        Annotated[
            Encryption,
            msgspec.Meta(
                description="Encryption on the server: AES256 with the service's key, aws:kms "
                "with one of KMS. Default: what the bucket is set to."
            ),
        ]
        | None
    ) = None
    kms_key: Annotated[Line, msgspec.Meta(description="The KMS key, by id or alias.")] | None = None
    content_disposition: (
        Annotated[
            Line,
            msgspec.Meta(
                description="How browsers save or show the file.",
                examples=["attachment"],
            ),
        ]
        | None
    ) = None


def object_fields(recipe: Resolved, at: int) -> Iterator[tuple[str, Any, Keys]]:
    """Yield what is said about the objects of an output: name, value, and where it stands.

    What the output says stands before the defaults, key by key.
    """
    layers: list[tuple[dict[str, Any], Keys]] = [
        (recipe.data["outputs"][at], ("outputs", at)),
        (recipe.data.get("defaults", {}), ("defaults",)),
    ]
    for fields, keys in layers:
        if "cache_control" in fields:
            yield "cache_control", fields["cache_control"], (*keys, "cache_control")
            break
    said = [(fields.get("object", {}), (*keys, "object")) for fields, keys in layers]
    for name in ObjectKeys.__struct_fields__:
        for fields, keys in said:
            if name in fields:
                yield name, fields[name], (*keys, name)
                break


def object_properties(recipe: Resolved, at: int) -> Properties:
    """Return what is said about the objects of an output; what S3 would refuse is reported."""
    said = list(object_fields(recipe, at))
    if not said:
        return PLAIN
    for name, value, keys in said:
        if name != "kms_key":
            _checked(recipe, {name: value}, keys)
    whole = {name: value for name, value, _ in said}
    if any(not recipe.findings.clean(keys) for _, _, keys in said):
        return PLAIN
    return _checked(recipe, whole, ("outputs", at, "object"))


def _checked(recipe: Resolved, fields: dict[str, Any], keys: Keys) -> Properties:
    try:
        return Properties(**fields)
    except UsageError as error:
        recipe.findings.report(error.code, keys, error.message)
        return PLAIN
