"""Errors that end a command, told to a person or to a program."""

from __future__ import annotations

import os
import sys
import traceback
from typing import TYPE_CHECKING, Any

from imgflow.cli import exits
from imgflow.cli.printing import print_error, print_json, visible
from imgflow.settings import debugging

if TYPE_CHECKING:
    from imgflow.errors import ImgflowError
    from imgflow.project import Project
    from imgflow.recipe import Jobs, Recipe


def report_error(error: ImgflowError, *, as_json: bool) -> int:
    """Print an error raised on purpose, and return the exit code for it."""
    from imgflow.recipe import RecipeInvalid, render_problems

    fields: dict[str, Any] = {"code": error.code, "message": error.message}
    text = visible(error.message)
    if isinstance(error, RecipeInvalid):
        fields["problems"] = error.problems
        text = render_problems(error.problems, error.sources)
    if as_json:
        print_json({"error": fields})
    else:
        sys.stderr.write(f"{text}\n")
    return exits.exit_code(error)


def report_usage(message: str, *, as_json: bool) -> int:
    """Print what is wrong with the command line itself."""
    if as_json:
        print_json({"error": {"code": "usage", "message": message}})
    else:
        print_error(message)
    return exits.USAGE


def report_bug(error: Exception, *, as_json: bool) -> int:
    """Print an error that nobody foresaw; the traceback only if it is asked for."""
    message = f"imgflow itself failed: {type(error).__name__}: {error}"
    if debugging(os.environ):
        traceback.print_exception(error)
    if as_json:
        print_json({"error": {"code": "internal-error", "message": message}})
    else:
        print_error(message)
        print_error("please report it, with what IMGFLOW_DEBUG=1 shows")
    return exits.BUG


def show_warnings(doubtful: Recipe | Jobs | Project, *, hidden: bool) -> None:
    """Print what is doubtful in a recipe, or about its sources, on standard error."""
    from imgflow.recipe import render_problems

    if doubtful.warnings and not hidden:
        sys.stderr.write(render_problems(doubtful.warnings, doubtful.sources) + "\n")
