"""A check as the command line shows it: to people, to programs, and to the service it runs in."""

from __future__ import annotations

import dataclasses
import itertools
import os
from contextlib import closing
from typing import TYPE_CHECKING

from imgflow.check import Commands, check, find_checkout
from imgflow.cli import exits
from imgflow.cli.columns import print_columns
from imgflow.cli.counting import counted
from imgflow.cli.printing import flush, print_json, print_line, shell_word, visible
from imgflow.runner.errand import PROOF

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgflow.check import Checked, Finding
    from imgflow.job import Job, Result
    from imgflow.machine import Machine
    from imgflow.project import Project
    from imgflow.storage import Storage

#: Findings of one kind that people are shown.
_MOST = 20
#: Characters that the kinds, and the space after them, take.
_COLUMN = 10


@dataclasses.dataclass(frozen=True)
class Check:
    """How a check is done and shown; ``words`` name the recipe and files for other commands."""

    machine: Machine
    storage: Storage
    words: list[str]
    as_json: bool
    quiet: bool

    def run(self, project: Project, *, junit: str | None, sarif: str | None) -> int:
        """Check a project, tell what is found, and return the exit code.

        Reports are written last. Raises StorageError for one that cannot be.
        """
        checked = check(project, self.storage, self._prove, self._commands())
        if self.as_json:
            _print_json(checked)
        else:
            _print(checked, quiet=self.quiet)
        flush()
        checkout = find_checkout(os.environ)
        if os.environ.get("GITHUB_ACTIONS") == "true":
            from imgflow.cli.check_on_github import tell_github

            tell_github(checked, checkout)
        if junit:
            from imgflow.check.junit import junit_report

            self.storage.write(junit, junit_report(checked))
        if sarif:
            from imgflow.check.sarif import sarif_report

            self.storage.write(sarif, sarif_report(checked, checkout))
        return _exit_code(checked)

    def _prove(self, jobs: list[Job]) -> Iterator[Result]:
        hidden = self.as_json or self.quiet
        with (
            counted(len(jobs), hidden=hidden) as tell,
            closing(self.machine.work(jobs, how=PROOF)) as results,
        ):
            for result in results:
                tell(visible(result.input))
                yield result

    def _commands(self) -> Commands:
        words = " ".join(map(shell_word, self.words))
        return Commands(f"imgflow run {words}", f"imgflow clean {words}")


def _exit_code(checked: Checked) -> int:
    if checked.count("failed"):
        return exits.FAILED
    stale = any(finding.is_error for finding in checked.findings)
    return exits.STALE if stale else exits.OK


def _print_json(checked: Checked) -> None:
    for finding in checked.findings:
        print_json(finding)
    print_json({"summary": {**checked.counts, "exit_code": _exit_code(checked)}})


def _print(checked: Checked, *, quiet: bool) -> None:
    for kind, group in itertools.groupby(checked.findings, lambda finding: finding.kind):
        findings = list(group)
        if quiet and not findings[0].is_error:
            continue
        print_columns(map(_row, findings[:_MOST]), column=_COLUMN)
        if len(findings) > _MOST:
            print_columns([(kind, f"and {len(findings) - _MOST:,} more")], column=_COLUMN)
    if not quiet:
        print_line(checked.words)
        for line in checked.advice:
            print_line(line)


def _row(finding: Finding) -> tuple[str, str]:
    code = f" [{finding.code}]" if finding.kind == "failed" else ""
    return finding.kind, visible(finding.message) + code
