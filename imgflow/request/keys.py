"""The keys of a request for work, declared once: schema and checks come from here.

Operations, outputs, defaults and recipes in a request are those of the recipe language.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import msgspec

from imgflow.queue.policy import DAY, Priority
from imgflow.recipe.keys import Keys, VarName
from imgflow.rules import AnyOf, Excludes, Needs, Rule

#: Most jobs in one request, and most images in one batch.
MOST_JOBS = 1_000
MOST_INPUTS = 10_000
_LONGEST_URI = 4_096
_LONGEST_TTL = 30 * DAY

Uri = Annotated[str, msgspec.Meta(min_length=1, max_length=_LONGEST_URI)]
_FORM = ("operations", "output", "outputs", "defaults", "orient")


class RequestKeys(Keys, frozen=True, kw_only=True):
    """What requests have in common: each kind has a name."""

    title: ClassVar[str]


class WorkKeys(RequestKeys, frozen=True, kw_only=True):
    """What to make of an image, and how the job is to be queued."""

    rules: ClassVar[tuple[Rule, ...]] = (
        AnyOf(("output", "outputs", "recipe")),
        Excludes("output", ("outputs",)),
        Excludes("recipe", _FORM),
        Needs("vars", ("recipe",)),
        Needs("out", ("recipe",)),
    )

    operations: Annotated[
        list[Any],
        msgspec.Meta(
            description="Operations, in the order in which they run.",
            examples=[[{"op": "resize", "width": 800}]],
            extra_json_schema={"items": {"$ref": "#/definitions/step"}},
        ),
    ] = msgspec.field(default_factory=list)
    output: (
        Annotated[
            Uri,
            msgspec.Meta(
                description="Where to write: a path template as in recipes. The format is that "
                "of its extension, unless a convert says another.",
                examples=["s3://bucket/output.jpg", "file:///srv/out/{stem}-{width}w.{ext}"],
            ),
        ]
        | None
    ) = None
    outputs: (
        Annotated[
            list[Any],
            msgspec.Meta(
                min_length=1,
                description="Several files to make, as in recipes.",
                extra_json_schema={"items": {"$ref": "#/definitions/output"}},
            ),
        ]
        | None
    ) = None
    defaults: (
        Annotated[
            dict[str, Any],
            msgspec.Meta(description="What the outputs have in common, as in recipes."),
        ]
        | None
    ) = None
    orient: Annotated[
        bool,
        msgspec.Meta(
            description="Turn the source upright first, as its EXIF orientation says. "
            "Default: true."
        ),
    ] = True
    recipe: (
        Annotated[
            str | dict[str, Any],
            msgspec.Meta(description="The name of a recipe, or a recipe itself."),
        ]
        | None
    ) = None
    vars: Annotated[
        dict[VarName, str | int | float],
        msgspec.Meta(description="Values for the vars of the recipe.", examples=[{"side": 600}]),
    ] = msgspec.field(default_factory=dict)
    out: (
        Annotated[
            Uri,
            msgspec.Meta(
                description="The folder to write into: the recipe's var of that name, or what "
                "goes before the paths of its outputs.",
                examples=["s3://bucket/thumbnails"],
            ),
        ]
        | None
    ) = None
    force: Annotated[
        bool, msgspec.Meta(description="Also make what is there already. Default: false.")
    ] = False
    priority: Annotated[
        Priority,
        msgspec.Meta(description="high, normal or low; low never starves. Default: normal."),
    ] = "normal"
    ttl: (
        Annotated[
            float,
            msgspec.Meta(
                gt=0,
                le=_LONGEST_TTL,
                description="Seconds in which the job must be started, or it expires. "
                "Default: a day.",
                examples=[3600],
            ),
        ]
        | None
    ) = None
    dedupe: Annotated[
        bool,
        msgspec.Meta(
            description="Answer with an older job that is the same, if there is one. Default: true."
        ),
    ] = True
    dedupe_window: (
        Annotated[
            float,
            msgspec.Meta(
                ge=0,
                le=_LONGEST_TTL,
                description="Seconds after its completion in which a job still answers for "
                "another one that is the same. Default: an hour.",
                examples=[600],
            ),
        ]
        | None
    ) = None
    webhook: (
        Annotated[
            Uri,
            msgspec.Meta(
                description="A URL that is told, by POST, when the job has ended.",
                examples=["https://example.com/hooks/imgflow"],
            ),
        ]
        | None
    ) = None


class JobKeys(WorkKeys, frozen=True, kw_only=True):
    """A request for one job: an image, and what to make of it."""

    title: ClassVar[str] = "job"
    input: Annotated[
        Uri,
        msgspec.Meta(
            description="The image: a URI, or an absolute path on the workers' machine.",
            examples=["s3://bucket/input.jpg", "file:///srv/photos/cat.jpg"],
        ),
    ]


class BatchKeys(WorkKeys, frozen=True, kw_only=True):
    """A request for a batch: many images, and what to make of each."""

    title: ClassVar[str] = "batch"
    inputs: Annotated[
        list[Uri],
        msgspec.Meta(
            min_length=1,
            max_length=MOST_INPUTS,
            description="The images: URIs, or absolute paths on the workers' machine.",
            examples=[["s3://bucket/a.jpg", "s3://bucket/b.jpg"]],
        ),
    ]
