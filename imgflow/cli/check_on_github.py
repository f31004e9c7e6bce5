"""A check that runs in GitHub Actions: annotations, and the summary of the step."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from imgflow.check.github import workflow_commands
from imgflow.check.step_summary import MOST_BYTES, step_summary
from imgflow.cli.printing import print_error
from imgflow.errors import StorageError

if TYPE_CHECKING:
    from imgflow.check import Checked, Checkout


def tell_github(checked: Checked, checkout: Checkout) -> None:
    """Print annotations on standard error, which is read too, and add to the step's summary.

    Raises StorageError if there is a file for the summary, and it takes nothing.
    """
    for command in workflow_commands(checked, checkout):
        print_error(command)
    if path := os.environ.get("GITHUB_STEP_SUMMARY"):
        _append(path, checked)


def _append(path: str, checked: Checked) -> None:
    try:
        with open(path, "ab") as file:
            file.write(step_summary(checked, MOST_BYTES - file.tell()).encode())
    except OSError as error:
        message = f"{path}: the summary of the step cannot be written: {error.strerror}"
        raise StorageError(message, code="write-failed") from error
