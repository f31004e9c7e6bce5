"""From a recipe and its inputs to jobs: one for each source."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import os
from typing import TYPE_CHECKING

from imgflow.errors import UsageError
from imgflow.job import Job
from imgflow.recipe.files import check_files
from imgflow.recipe.finding import Sources, plan_inputs
from imgflow.recipe.findings import Findings
from imgflow.recipe.jobs import Jobs
from imgflow.recipe.per_source import PerSource
from imgflow.recipe.placement import check_placement, check_sources, must_be_checked
from imgflow.recipe.places import Place
from imgflow.recipe.problems import RecipeInvalid
from imgflow.recipe.sources import local_path
from imgflow.storage import open_storages
from imgflow.uris import is_remote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from imgflow.recipe.recipe import Recipe
    from imgflow.recipe.sources import Found
    from imgflow.storage import Storage

#: Most objects that are listed, and looked at together, before the first is worked on.
MOST_KNOWN = 10_000


def expand(
    recipe: Recipe,
    inputs: Sequence[str] | None = None,
    *,
    force: bool = False,
    storage: Storage | None = None,
) -> Jobs:
    """Return one job for each source.

    ``inputs``, if not None, stand in for those of the recipe: files, folders and globs, URIs
    of objects, of folders and globs in buckets, and of the web. A file that is not there
    becomes a job that fails, unless nothing is there at all. ``force`` makes outputs again
    that are there already. ``storage`` lists buckets.

    Up to :data:`MOST_KNOWN` objects are listed at once. Of more, none is remembered: they are
    listed once to see that no two have one output, unless the paths of outputs hold ``{hash}``
    or ``{index}``, and once more as jobs are asked for.

    Raises RecipeInvalid if there is no source, if outputs would collide, if a file that
    steps read is not there, or if one beside a source is wrong; UsageError for an input that
    cannot be one.
    """
    findings = Findings(recipe.resolved.places)
    chosen = recipe.inputs
    if inputs is not None:
        chosen = dataclasses.replace(chosen, sources=tuple(inputs))
    if "" in chosen.sources:
        message = "inputs: expected a file, a folder or a pattern, found an empty name"
        raise UsageError(message, code="bad-input")
    plans = plan_inputs(chosen.sources, chosen.include, chosen.exclude)
    if inputs is not None:
        check_placement(recipe.variants, chosen, findings)
    every = Sources(plans, storage or open_storages())
    first = list(itertools.islice(every, MOST_KNOWN + 1)) if every.flowing else list(every)
    if all(_is_missing(source.path) for source in first):
        _report_nothing(chosen.sources, findings, given=inputs is not None)
    known: Iterable[Found] = first
    total: int | None = len(first)
    if every.flowing and len(first) > MOST_KNOWN:
        known, total = every, None
    tailored = PerSource(recipe, findings)
    tailored.read_sidecars(first if total is not None else every.here())
    if total is not None or must_be_checked(recipe.variants):
        counted = _Counted(known)
        variants_of = None if tailored.alike else lambda source: tailored.making(source).variants
        check_sources(recipe.variants, every, counted, findings, variants_of)
        total = counted.count
        if every.searching:
            tailored.warn_idle()
    check_files(recipe, findings)
    texts = {**recipe.sources, **tailored.texts}
    if findings.errors:
        raise RecipeInvalid(findings.problems, texts)
    return Jobs(
        known, total, _maker(recipe, tailored, force=force), tuple(findings.problems), texts
    )


class _Counted:
    """Passes sources on, and counts them."""

    def __init__(self, sources: Iterable[Found]) -> None:
        self._sources = sources
        self.count = 0

    def __iter__(self) -> Iterator[Found]:
        for source in self._sources:
            self.count += 1
            yield source


def _maker(recipe: Recipe, tailored: PerSource, *, force: bool) -> Callable[[int, Found], Job]:
    today = dt.datetime.now(dt.UTC).date().isoformat()

    def make(index: int, source: Found) -> Job:
        making = tailored.making(source)
        return Job(
            input=source.path,
            outputs=making.outputs,
            relative=source.relative,
            index=index,
            recipe=recipe.name,
            date=today,
            orient=recipe.orient,
            force=force,
            facts=bool(recipe.manifest),
            steps=making.steps,
            alt=making.alt,
        )

    return make


def _report_nothing(names: Sequence[str], findings: Findings, *, given: bool) -> None:
    if given:
        findings = findings.at({(): Place("inputs")})
    if not names:
        message = "expected images to work on, found no inputs"
        hint = "name files or folders after the recipe, or under inputs.from in it"
        findings.report("no-inputs", ("inputs",), message, hint=hint, shown=())
        return
    shown = ", ".join(names[:3]) + (" ..." if names[3:] else "")
    found = "nothing there" if all(map(_is_missing, names)) else "none that the patterns take"
    message = f"expected images in {shown}, found {found}"
    findings.report("no-inputs", ("inputs", "from"), message, shown=())


def _is_missing(path: str) -> bool:
    """Tell that there is nothing; what may not be looked at counts as something.

    Nobody asks for what is far away.
    """
    if is_remote(path):
        return False
    try:
        os.lstat(local_path(path))
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError):
        return False
    return False
