"""The reference of operations and formats as a Markdown page, made from the declarations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.encoders import format_table
from imgflow.recipe.reference import format_reference, operation_reference
from imgflow.recipe.wording import flow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from imgflow.recipe.reference import Parameter, Reference

_TITLE = """\
# Reference

Made from the declarations by `imgflow ops --markdown`. `imgflow ops NAME` prints the same for
one operation or format.
"""


def reference_page() -> str:
    """Return the page: operations, then formats, then what each format can hold."""
    lines = [_TITLE, "## Operations", ""]
    for entry in operation_reference():
        lines += _entry(entry)
    lines += ["## Formats", ""]
    heads, *rows = format_table()
    lines += [*_table(heads, rows), ""]
    for entry in format_reference():
        lines += _entry(entry)
    return "\n".join(lines).rstrip() + "\n"


def _entry(entry: Reference) -> Iterator[str]:
    yield from (f"### {entry.name}", "", entry.description, "")
    if entry.parameters:
        heads = ("parameter", "takes", "default", "meaning")
        yield from _table(heads, [_row(parameter) for parameter in entry.parameters])
        yield ""
    if entry.example:
        yield from ("```text", f"- {flow(entry.example)}", "```", "")


def _row(parameter: Parameter) -> tuple[str, ...]:
    default = "" if parameter.default is None else f"`{flow(parameter.default)}`"
    return (
        f"`{parameter.name}`",
        parameter.accepts,
        "required" if parameter.required else default,
        parameter.description,
    )


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield _line(heads)
    yield _line(["---"] * len(heads))
    yield from (_line(row) for row in rows)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
