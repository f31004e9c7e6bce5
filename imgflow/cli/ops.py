"""``imgflow ops``: the operations and formats with their parameters."""

from typing import TYPE_CHECKING, Annotated

import typer

from imgflow.cli.options import AsJson

if TYPE_CHECKING:
    from imgflow.recipe.reference import Parameter, Reference

Name = Annotated[str | None, typer.Argument(metavar="[NAME]", help="An operation or a format.")]
Markdown = Annotated[
    bool, typer.Option("--markdown", help="Print the whole reference as a Markdown page.")
]


def ops(name: Name = None, *, as_json: AsJson = False, markdown: Markdown = False) -> None:
    """List operations and formats, or explain one."""
    from imgflow.cli.printing import print_line, print_page

    if markdown:
        from imgflow.recipe.markdown import reference_page

        print_page(reference_page().removesuffix("\n"))
        return
    from imgflow.cli.columns import print_columns
    from imgflow.cli.printing import print_json
    from imgflow.recipe.reference import format_reference, operation_reference

    sections = {"operations": operation_reference(), "formats": format_reference()}
    if name is not None:
        entry = _find([entry for entries in sections.values() for entry in entries], name)
        if as_json:
            print_json(entry)
        else:
            _print(entry)
    elif as_json:
        print_json(sections)
    else:
        for title, entries in sections.items():
            print_line(f"{title}:")
            print_columns([(entry.name, entry.summary) for entry in entries], indent=2)
        print_line()
        print_line("'imgflow ops NAME' tells the parameters.")


def _find(entries: "list[Reference]", name: str) -> "Reference":
    import difflib

    from imgflow.errors import UsageError

    found = {entry.name: entry for entry in entries}
    if name not in found:
        close = difflib.get_close_matches(name, found, 1)
        advice = f"did you mean '{close[0]}'?" if close else f"one of {', '.join(found)}"
        message = f"no operation or format is called '{name}'; {advice}"
        raise UsageError(message, code="unknown-operation")
    return found[name]


def _print(entry: "Reference") -> None:
    from imgflow.cli.columns import print_columns, print_text
    from imgflow.cli.printing import print_line

    print_line(entry.name)
    print_text(entry.description, indent=2)
    if entry.parameters:
        print_line()
    for parameter in entry.parameters:
        print_columns([(parameter.name, _taken(parameter))], indent=2, column=16)
        print_columns([("", parameter.description)], indent=2, column=16)
    if entry.example:
        print_line()
        print_columns([("example:", f"- {_flow(entry.example)}")])


def _taken(parameter: "Parameter") -> str:
    if parameter.required:
        return f"{parameter.accepts}; required"
    if parameter.default is None or "Default" in parameter.description:
        return parameter.accepts
    return f"{parameter.accepts}; default {_flow(parameter.default)}"


def _flow(value: object) -> str:
    from imgflow.recipe.wording import flow

    return flow(value)
