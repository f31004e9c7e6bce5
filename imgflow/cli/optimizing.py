"""From what ``imgflow optimize`` is told to jobs: one file each, no pixel step."""

from __future__ import annotations

import os
import posixpath
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from imgflow.errors import RecipeError, UsageError
from imgflow.job import Job, Output
from imgflow.metadata import parse_policy
from imgflow.operations import parse_steps
from imgflow.recipe.finding import Sources, plan_inputs
from imgflow.recipe.jobs import Jobs
from imgflow.recipe.sources import Found, Search, local_path
from imgflow.template import parse_template
from imgflow.uris import is_remote

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from imgflow.recipe.finding import Plan
    from imgflow.storage import Storage

#: What is looked for in folders: what can be repacked, and what can be compressed with loss.
_PACKED = ("apng", "gif", "jfif", "jpe", "jpeg", "jpg", "png", "webp")
_LOSSY = (*_PACKED, "avif")
_SCORE = re.compile(r"score[:=](\d+(?:\.\d+)?)")


class Wish(NamedTuple):
    """What to do to each file, and where it goes: below ``out``, or where it was."""

    step: dict[str, Any]
    metadata: Any
    out: str | None
    in_place: bool

    @classmethod
    def parse(cls, said: Mapping[str, str | None], *, lossless: bool, in_place: bool) -> Wish:
        """Read the options; raises UsageError for those that make no sense."""
        quality, out = said["quality"], said["out"]
        if in_place and out is not None:
            message = "expected either --in-place or --out, found both"
            raise UsageError(message)
        if lossless and quality not in {None, "lossless"}:
            message = f"expected either --lossless or --quality, found both ({quality})"
            raise UsageError(message)
        if out == "":
            message = "--out: expected a folder, found an empty name"
            raise UsageError(message)
        step = {"op": "optimize", "quality": _quality(quality), "effort": said["effort"]}
        step = {key: value for key, value in step.items() if value is not None}
        try:
            parse_steps([step])
        except RecipeError as error:
            raise UsageError(_blame(said)) from error
        return cls(step, _policy(said["metadata"]), out, in_place)

    @property
    def is_lossy(self) -> bool:
        """Whether pixels may change."""
        return bool(self.step.get("quality", "lossless") != "lossless")


def plan_jobs(paths: Sequence[str], wish: Wish, storage: Storage) -> Jobs:
    """Return one job for each file; raises UsageError if there are none, or they would collide.

    In folders, links to files are passed over: what they lead to lies elsewhere.
    """
    if "" in paths:
        message = "expected a file, a folder or a pattern, found an empty name"
        raise UsageError(message, code="bad-input")
    plans = plan_inputs(paths, (f"*.{{{','.join(_LOSSY if wish.is_lossy else _PACKED)}}}",), ())
    found = list(_own_files(plans, storage))
    if not found:
        message = f"expected images in {', '.join(paths[:3])}, found none to optimize"
        raise UsageError(message, code="no-inputs")
    if wish.out is None:
        _check_here(found, wish)
    else:
        _check_apart(found, plans, wish.out)

    def make(index: int, source: Found) -> Job:
        return Job(
            input=source.path,
            outputs=(_output(source, wish),),
            relative=source.relative,
            index=index,
            orient=False,
            steps=(wish.step,),
        )

    return Jobs(found, len(found), make)


def _output(source: Found, wish: Wish) -> Output:
    name, folder = "{dir}/{filename}", wish.out
    if folder is None:
        name, folder = "{filename}", posixpath.dirname(source.path)
    path = parse_template(name).inside(folder).text if folder else name
    return Output(path=path, root=folder or "", metadata=wish.metadata)


def _own_files(plans: Sequence[Plan], storage: Storage) -> Iterator[Found]:
    named = {plan.path for plan in plans if isinstance(plan, Found)}
    for source in Sources(plans, storage):
        if is_remote(source.path):
            yield source
            continue
        path = os.path.normpath(local_path(source.path))
        if source.path in named or not os.path.islink(path):
            yield source._replace(path=path)


def _check_here(found: Sequence[Found], wish: Wish) -> None:
    far = next((source.path for source in found if is_remote(source.path)), None)
    if far and wish.in_place:
        message = (
            f"{far}: expected a file of this machine for --in-place, found one far away, which "
            "would lose its headers; write it elsewhere with --out"
        )
        raise UsageError(message)


def _check_apart(found: Sequence[Found], plans: Sequence[Plan], out: str) -> None:
    """Refuse a target that would be taken for a source next time, and files of one name."""
    folders = [plan.folder for plan in plans if isinstance(plan, Search)]
    inside = next((folder for folder in folders if _lies_in(out, folder)), None)
    if inside is not None:
        message = (
            f"--out: expected a folder outside of '{inside}', which is searched, found '{out}'; "
            "to replace the files themselves, use --in-place"
        )
        raise UsageError(message, code="output-among-inputs")
    taken: dict[str, Found] = {}
    for source in found:
        path = posixpath.join(out, source.relative)
        first = taken.setdefault(path, source)
        if first is not source:
            message = f"--out: {first.path} and {source.path} would both be written to {path}"
            raise UsageError(message, code="path-collision")
        if not is_remote(path) and os.path.realpath(path) == os.path.realpath(source.path):
            message = f"--out: {source.path} would be overwritten; use --in-place for that"
            raise UsageError(message, code="output-onto-input")


def _lies_in(path: str, folder: str) -> bool:
    if is_remote(path) or is_remote(folder):
        return path.rstrip("/").startswith(folder.rstrip("/"))
    inner, outer = os.path.realpath(path), os.path.realpath(folder)
    return os.path.commonpath([inner, outer]) == outer


def _quality(text: str | None) -> Any:  # noqa: ANN401
    """Return a quality as a recipe has it."""
    if text is None or not text[:5].strip():
        return text
    if match := _SCORE.fullmatch(text):
        return {"score": float(match[1])}
    return int(text) if text.isdecimal() else text


def _policy(text: str | None) -> Any:  # noqa: ANN401
    """Return a policy as a recipe has it: a word, or the names of groups."""
    policy: Any = "copyright" if text is None else text
    if text not in {None, "copyright", "none", "all"}:
        policy = {"keep": [name.strip() for name in str(text).split(",")]}
    try:
        parse_policy(policy)
    except RecipeError as error:
        message = (
            "--metadata: expected copyright, none, all, or groups out of copyright, exif, gps, "
            f"xmp and iptc, with commas, found '{text}'"
        )
        raise UsageError(message) from error
    return policy


def _blame(said: Mapping[str, str | None]) -> str:
    if said["effort"] not in {None, "balanced", "max"}:
        return f"--effort: expected balanced or max, found '{said['effort']}'"
    return (
        "--quality: expected good, high, visually-lossless, lossless, score:N (30 to 100) or a "
        f"number from 1 to 100, found '{said['quality']}'"
    )
