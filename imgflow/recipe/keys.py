"""The keys of a recipe, declared once: schema, hover texts and checks come from here.

Steps and the options of formats are declared by operations and encoders.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import msgspec

from imgflow.metadata import MetadataPolicy
from imgflow.recipe.budget_keys import BudgetKeys
from imgflow.recipe.object_keys import CacheControl, ObjectKeys
from imgflow.rules import Excludes, Rule, Unless
from imgflow.template import FIELDS

Text = Annotated[str, msgspec.Meta(min_length=1)]
Texts = Text | Annotated[list[Text], msgspec.Meta(min_length=1)]
VarName = Annotated[str, msgspec.Meta(pattern="^[A-Za-z_][A-Za-z0-9_-]*$")]
Width = Annotated[int, msgspec.Meta(ge=1, le=65535)]


def _items(name: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"items": {"$ref": f"#/definitions/{name}"}, **more}


Steps = Annotated[
    list[Any],
    msgspec.Meta(
        description="Operations, in the order in which they run.",
        extra_json_schema=_items("step"),
    ),
]


class Keys(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
):
    """What the mappings of a recipe have in common."""

    rules: ClassVar[tuple[Rule, ...]] = ()


class InputKeys(Keys, frozen=True, kw_only=True, rename={"from_": "from"}):
    """The sources of a run, unless the command line names others."""

    from_: (
        Annotated[
            Texts,
            msgspec.Meta(
                description="Files, folders (searched at any depth) or globs, from the working "
                "directory. Folders below are mirrored as {dir}.",
                examples=["photos", ["photos", "scans/**/*.tif"]],
            ),
        ]
        | None
    ) = None
    include: (
        Annotated[
            Texts,
            msgspec.Meta(
                description="Patterns that files below a folder must match, any of them; case "
                "does not matter. Default: every known image extension.",
                examples=["**/*.{jpg,jpeg,png}"],
            ),
        ]
        | None
    ) = None
    exclude: (
        Annotated[
            Texts,
            msgspec.Meta(
                description="Patterns of files and folders to leave out.", examples=["**/raw/**"]
            ),
        ]
        | None
    ) = None


class DefaultKeys(Keys, frozen=True, kw_only=True):
    """What outputs have in common; each may say otherwise."""

    rules: ClassVar[tuple[Rule, ...]] = (Excludes("format", ("formats",)),)

    format: (
        Annotated[
            str,
            msgspec.Meta(
                description="The format to write; original is the format of the source. Default: "
                "the last convert of the steps, else the extension of the path, else original."
            ),
        ]
        | None
    ) = None
    formats: (
        Annotated[
            list[Any],
            msgspec.Meta(
                min_length=1,
                description="Several formats, one file each: names, or mappings of a format and "
                "options for it alone. The path needs {ext} or {format}.",
                examples=[["avif", "webp", "jpeg"], [{"format": "webp", "quality": 70}, "jpeg"]],
                extra_json_schema=_items("format"),
            ),
        ]
        | None
    ) = None
    metadata: MetadataPolicy = "copyright"
    profile: Annotated[
        Literal["srgb", "p3", "keep"],
        msgspec.Meta(
            description="Colours of the result: srgb (no profile is written), p3 (Display P3), "
            "or keep those of the source with its profile. Default: srgb."
        ),
    ] = "srgb"
    cache_control: CacheControl | None = None
    object: ObjectKeys | None = None


class OutputKeys(DefaultKeys, frozen=True, kw_only=True):
    """One output: where it goes, how it is made from the shared steps, and its formats.

    Options of the formats (quality, effort ...) stand beside these keys, and apply to those
    formats that know them.
    """

    path: Annotated[
        Text,
        msgspec.Meta(
            description="Where to write, with fields: "
            + "; ".join(f"{{{name}}} {text}" for name, text in FIELDS.items())
            + "; and the recipe's vars.",
            examples=["{out}/{dir}/{stem}-{width}w.{ext}"],
        ),
    ]
    name: Annotated[Text, msgspec.Meta(description="A name for this output in reports.")] | None = (
        None
    )
    steps: Annotated[Steps, msgspec.Meta(description="Steps after the shared ones.")] = []
    widths: (
        Annotated[
            list[Width],
            msgspec.Meta(
                min_length=1,
                description="Widths in pixels, one file each, never enlarged. The path needs "
                "{width}.",
                examples=[[480, 960, 1600]],
                extra_json_schema={"uniqueItems": True},
            ),
        ]
        | None
    ) = None

    def __post_init__(self) -> None:
        """Refuse a width that is there twice."""
        if self.widths and len(set(self.widths)) < len(self.widths):
            message = "a width is there twice"
            raise ValueError(message)


class RecipeKeys(Keys, frozen=True, kw_only=True):
    """An imgflow recipe: a chain of steps, and the outputs to make of each source."""

    rules: ClassVar[tuple[Rule, ...]] = (Unless("outputs", "extends"),)

    version: Annotated[
        Literal[1], msgspec.Meta(description="The version of the recipe language: 1.")
    ]
    name: (
        Annotated[
            Text, msgspec.Meta(description="A name for the recipe. Default: that of its file.")
        ]
        | None
    ) = None
    description: Annotated[str, msgspec.Meta(description="What the recipe is for.")] | None = None
    extends: (
        Annotated[
            Texts,
            msgspec.Meta(
                description="Recipes to start from: names, or paths from this file's folder. "
                "vars, inputs, defaults and budgets are merged key by key; all else is replaced "
                "as a whole.",
                examples=["web-photo", "./house-style.yaml"],
            ),
        ]
        | None
    ) = None
    vars: Annotated[
        dict[VarName, str | int | float],
        msgspec.Meta(
            description="Names for texts, used as {name} in paths, inputs and texts of steps; "
            "--set name=value overrides them.",
            examples=[{"out": "dist/img"}],
        ),
    ] = {}
    inputs: InputKeys | None = None
    orient: Annotated[
        bool,
        msgspec.Meta(
            description="Turn each source upright first, as its EXIF orientation says. "
            "Default: true."
        ),
    ] = True
    defaults: dict[str, Any] | None = None
    steps: Annotated[
        Steps, msgspec.Meta(description="Shared steps: run once per source, before all outputs.")
    ] = []
    outputs: (
        Annotated[
            list[Any],
            msgspec.Meta(
                min_length=1,
                description="The files to make of each source.",
                extra_json_schema=_items("output"),
            ),
        ]
        | None
    ) = None
    overrides: (
        Annotated[
            list[Any],
            msgspec.Meta(
                min_length=1,
                description="What holds for some sources only, and counts more than what outputs "
                "say; the last one that matches counts most. A file beside a source, "
                "photo.jpg.imgflow.yaml, says the same of that one.",
                extra_json_schema=_items("override"),
            ),
        ]
        | None
    ) = None
    manifest: (
        Annotated[
            Text,
            msgspec.Meta(
                description="Where to write the manifest, a JSON file of all sources and what "
                "was made of them, with the recipe's vars and {recipe} as fields.",
                examples=["{out}/manifest.json"],
            ),
        ]
        | None
    ) = None
    budgets: BudgetKeys | None = None

    def __post_init__(self) -> None:
        """Refuse a var that would hide a field of templates."""
        if hidden := FIELDS.keys() & self.vars.keys():
            message = f"vars hide the fields {', '.join(sorted(hidden))}"
            raise ValueError(message)
