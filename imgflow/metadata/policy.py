"""The metadata policy, as a recipe writes it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from imgflow.errors import RecipeError

Group = Literal["copyright", "exif", "gps", "xmp", "iptc"]


class Keep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Keep some groups of metadata, by name, and strip all others."""

    keep: Annotated[
        tuple[Group, ...],
        msgspec.Meta(
            description="Groups to keep. 'copyright' is copyright, artist and credit, wherever "
            "they stand; 'gps' is the position, which no other group keeps.",
            examples=[["copyright", "exif"]],
        ),
    ]


MetadataPolicy = Annotated[
    Literal["copyright", "none", "all"] | Keep,
    msgspec.Meta(
        description="What to keep of the source's metadata: 'copyright' (default) keeps "
        "copyright, artist and credit, 'none' nothing, 'all' everything but the position; or "
        "name groups to keep. Thumbnails inside metadata always go.",
        examples=["copyright", "none", {"keep": ["copyright", "exif", "gps"]}],
    ),
]
DEFAULT_POLICY = "copyright"

_WORDS: dict[str, frozenset[str]] = {
    "copyright": frozenset({"copyright"}),
    "none": frozenset(),
    "all": frozenset({"copyright", "exif", "xmp", "iptc"}),
}


def parse_policy(policy: Any) -> frozenset[str]:  # noqa: ANN401
    """Return the names of the groups to keep; ``policy`` is plain JSON or a :class:`Keep`.

    None is the default. Raises RecipeError for anything else.
    """
    if isinstance(policy, Keep):
        return frozenset(policy.keep)
    if policy is None:
        return _WORDS[DEFAULT_POLICY]
    if isinstance(policy, str) and policy in _WORDS:
        return _WORDS[policy]
    try:
        return frozenset(msgspec.convert(policy, Keep).keep)
    except msgspec.ValidationError as error:
        message = (
            "metadata: expected 'copyright', 'none', 'all' or {keep: [...]} of copyright, exif, "
            f"gps, xmp, iptc; found {policy!r} ({error})"
        )
        raise RecipeError(message, code="bad-parameter") from error
