"""What a recipe says under ``overrides``, and a sidecar about its source, declared once."""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec

from imgflow.operations.crop import Shares
from imgflow.operations.gravity import Gravity
from imgflow.recipe.keys import DefaultKeys, Texts, Width
from imgflow.rules import Excludes, Rule

Focus = Annotated[
    Shares,
    msgspec.Meta(
        description="The point that cuts keep nearest to the middle, as shares of width and "
        "height: [0, 0] is the top left corner. It is for the first step that cuts: a crop "
        "without x, or a resize with fit: cover."
    ),
]
Kept = Annotated[
    Gravity,
    msgspec.Meta(
        description="Which part all cuts keep: crops without x, and resizes with fit: cover."
    ),
]


class SourceKeys(DefaultKeys, frozen=True, kw_only=True):
    """What holds for one source: options of its outputs, what to keep of it, what it shows.

    It counts more than what outputs say. Formats are those of outputs whose path has {ext} or
    {format}; options apply to those formats that know them.
    """

    rules: ClassVar[tuple[Rule, ...]] = (*DefaultKeys.rules, Excludes("focus", ("gravity",)))

    widths: (
        Annotated[
            list[Width],
            msgspec.Meta(
                min_length=1,
                description="Widths in pixels, for outputs that have several.",
                examples=[[480, 960, 1600]],
                extra_json_schema={"uniqueItems": True},
            ),
        ]
        | None
    ) = None
    focus: Focus | None = None
    gravity: Kept | None = None
    alt: (
        Annotated[
            str,
            msgspec.Meta(
                description="What the picture shows, in words, for manifests and markup.",
                examples=["A lighthouse at dusk"],
            ),
        ]
        | None
    ) = None

    def __post_init__(self) -> None:
        """Refuse a width that is there twice."""
        if self.widths and len(set(self.widths)) < len(self.widths):
            message = "a width is there twice"
            raise ValueError(message)


class OverrideKeys(SourceKeys, frozen=True, kw_only=True):
    """What holds for some sources; of several overrides that match, the last one counts most."""

    match: Annotated[
        Texts,
        msgspec.Meta(
            description="Patterns of sources, by their path below the folder that is searched or "
            "from the working directory; without a slash, of names in any folder. Case does not "
            "matter.",
            examples=["**/hero-*.jpg"],
        ),
    ]


class SidecarKeys(SourceKeys, frozen=True, kw_only=True):
    """What holds for the source that this file lies beside: photo.jpg.imgflow.yaml."""
