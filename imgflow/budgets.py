"""Budgets: what the files of a run may weigh and must be worth, and which of them do not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from imgflow.job import Result, Written

#: The name of a budget, as recipes have it.
Kind = Literal["max_bytes", "max_source_bytes", "max_total_bytes", "min_score", "min_saving"]
#: The score of what nothing was lost of.
_PERFECT = 100.0


class Budgets(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Bounds for what a run makes; None where there is none.

    ``max_bytes`` is for each file, ``max_source_bytes`` for all files of one source and
    ``max_total_bytes`` for all of the run, in bytes. ``min_score`` is a score of SSIMULACRA2,
    ``min_saving`` the percent by which each file is smaller than its source.
    """

    max_bytes: int | None = None
    max_source_bytes: int | None = None
    max_total_bytes: int | None = None
    min_score: float | None = None
    min_saving: float | None = None


class Breach(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A budget that is not kept: which, by what, and the numbers.

    ``source`` is the input, "" for the whole run; ``path`` the file, "" for all of a source.
    ``found`` is None for a file that no score was measured of. ``excess`` is how far it is off
    as a share of the limit, or for scores and savings of the whole scale of 100.
    """

    budget: Kind
    limit: float
    found: float | None
    excess: float
    source: str = ""
    path: str = ""

    @property
    def message(self) -> str:
        """Return what was expected and what was found, in words."""
        where = self.path or self.source or "all files"
        if self.found is None:
            hint = f"ask for one with quality: {{score: {self.limit:g}}}"
            return f"{where}: expected a score of at least {self.limit:g}, found none; {hint}"
        if self.budget == "min_score":
            return f"{where}: expected a score of at least {self.limit:g}, found {self.found:.1f}"
        if self.budget == "min_saving":
            saved = f"{self.limit:g} % fewer bytes than the source"
            more = f"{abs(self.found):.1f} % {'fewer' if self.found >= 0 else 'more'}"
            return f"{where}: expected {saved} at least, found {more}"
        sizes = f"at most {self.limit:,.0f} bytes, found {self.found:,.0f}"
        subject = "" if self.path else " in all its files" if self.source else " in all"
        return f"{where}: expected {sizes}{subject}"


def judge_budgets(budgets: Budgets, results: Iterable[Result]) -> list[Breach]:
    """Return the budgets that results do not keep, the worst first.

    Results that failed have no files and break none. The order does not depend on that of
    the results.
    """
    breaches: list[Breach] = []
    total = 0
    for result in results:
        total += sum(_weights(result))
        breaches += _of_source(budgets, result)
    if budgets.max_total_bytes is not None and total > budgets.max_total_bytes:
        breaches.append(_over("max_total_bytes", budgets.max_total_bytes, total))
    return sorted(breaches, key=_rank)


def _of_source(budgets: Budgets, result: Result) -> Iterator[Breach]:
    weight = sum(_weights(result))
    if budgets.max_source_bytes is not None and weight > budgets.max_source_bytes:
        yield _over("max_source_bytes", budgets.max_source_bytes, weight, result.input)
    for written in result.outputs:
        yield from _of_file(budgets, result, written)


def _of_file(budgets: Budgets, result: Result, written: Written) -> Iterator[Breach]:
    if budgets.max_bytes is not None and written.bytes > budgets.max_bytes:
        yield _over("max_bytes", budgets.max_bytes, written.bytes, result.input, written.path)
    if budgets.min_score is not None:
        score = _score(written)
        if score is None or score < budgets.min_score:
            yield _under("min_score", budgets.min_score, score, result.input, written.path)
    if budgets.min_saving is not None and result.input_bytes:
        saving = 100 * (1 - written.bytes / result.input_bytes)
        if saving < budgets.min_saving:
            yield _under("min_saving", budgets.min_saving, saving, result.input, written.path)


def _weights(result: Result) -> Iterator[int]:
    """Yield the bytes of each file, once for outputs that came to the same one."""
    return iter({written.path: written.bytes for written in result.outputs}.values())


def _score(written: Written) -> float | None:
    """Return the score; what kept all of the picture needs none to be measured."""
    if written.score is not None:
        return written.score
    return _PERFECT if written.quality == "lossless" or written.status == "copied" else None


def _over(budget: Kind, limit: int, found: int, source: str = "", path: str = "") -> Breach:
    excess = (found - limit) / limit
    return Breach(budget=budget, limit=limit, found=found, excess=excess, source=source, path=path)


def _under(budget: Kind, limit: float, found: float | None, source: str, path: str) -> Breach:
    excess = 0.0 if found is None else (limit - found) / 100
    return Breach(budget=budget, limit=limit, found=found, excess=excess, source=source, path=path)


def _rank(breach: Breach) -> tuple[float, str, str, str]:
    return -breach.excess, breach.source, breach.path, breach.budget
