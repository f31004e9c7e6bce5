"""What a recipe says under ``budgets``, declared once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import msgspec

from imgflow.budgets import Budgets
from imgflow.encoders.goals import Bytes, count_bytes
from imgflow.rules import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

_SIZE = "A number of bytes, or '200KB', '1.5MB', '64KiB'."


class BudgetKeys(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What the files may weigh and must be worth; over budget, a check fails."""

    rules: ClassVar[tuple[Rule, ...]] = ()

    max_bytes: (
        Annotated[Bytes, msgspec.Meta(description=f"The most that each file may have. {_SIZE}")]
        | None
    ) = None
    max_source_bytes: (
        Annotated[
            Bytes,
            msgspec.Meta(description=f"The most that all files of one source may have. {_SIZE}"),
        ]
        | None
    ) = None
    max_total_bytes: (
        Annotated[Bytes, msgspec.Meta(description=f"The most that all files may have. {_SIZE}")]
        | None
    ) = None
    min_score: (
        Annotated[
            float,
            msgspec.Meta(
                ge=30,
                le=100,
                description="The least score (SSIMULACRA2) of each file. A file without one that "
                "may have lost something does not keep it.",
                examples=[80],
            ),
        ]
        | None
    ) = None
    min_saving: (
        Annotated[
            float,
            msgspec.Meta(
                ge=0,
                lt=100,
                description="By how many percent each file must be smaller than its source.",
                examples=[30],
            ),
        ]
        | None
    ) = None


def read_budgets(fields: Mapping[str, Any]) -> Budgets:
    """Return the budgets that sound keys stand for, sizes in bytes."""
    sizes = {key: count_bytes(value) for key, value in fields.items() if key.endswith("_bytes")}
    return Budgets(**sizes, min_score=fields.get("min_score"), min_saving=fields.get("min_saving"))
