"""Options that several commands share, and what is made of them."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from imgflow.errors import UsageError

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Set a variable of the recipe (repeatable)."),
]
Out = Annotated[
    str | None,
    typer.Option("--out", "-o", metavar="FOLDER", help="Write below this folder."),
]
RecipeName = Annotated[
    str, typer.Argument(metavar="RECIPE", help="A recipe file, or the name of a recipe.")
]
Inputs = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[INPUTS]...",
        help="Files, folders or patterns; '-' reads a list from standard input. "
        "Default: the inputs of the recipe.",
    ),
]
State = Annotated[
    str | None,
    typer.Option(
        metavar="PLACE",
        help="Where it is remembered what was made: a folder, or s3://bucket/prefix, which keeps "
        "the outputs too.  [default: .imgflow beside the recipe]",
    ),
]
AllowLoader = Annotated[
    list[str] | None,
    typer.Option("--allow-loader", metavar="FORMAT", help="Also open svg or pdf (repeatable)."),
]


def parse_sets(pairs: list[str] | None) -> dict[str, str]:
    """Return what ``--set`` says; raises UsageError for one that is no ``name=value``."""
    values: dict[str, str] = {}
    for pair in pairs or []:
        name, sign, value = pair.partition("=")
        if not sign or not name:
            message = f"--set: expected NAME=VALUE, found '{pair}'"
            raise UsageError(message)
        values[name] = value
    return values


def repeat_options(out: str | None, sets: list[str] | None, state: str | None) -> list[str]:
    """Return the options again that another command needs to mean the same files."""
    variables = [part for pair in sets or [] for part in ("--set", pair)]
    place, memory = ["--out", out] if out else [], ["--state", state] if state else []
    return [*place, *variables, *memory]


def read_inputs(inputs: list[str] | None) -> list[str] | None:
    """Return the inputs, with ``-`` replaced by the lines (or NUL-ended names) on stdin."""
    if not inputs or "-" not in inputs:
        return inputs or None
    data = sys.stdin.buffer.read()
    lines = data.split(b"\0") if b"\0" in data else data.replace(b"\r\n", b"\n").split(b"\n")
    listed = [os.fsdecode(line) for line in lines if line.strip()]
    at = inputs.index("-")
    return [*inputs[:at], *listed, *inputs[at + 1 :]]
