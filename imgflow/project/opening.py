"""Where a project keeps what it knows: beside its recipe, and in a bucket if one is named."""

from __future__ import annotations

import contextlib
import os
import posixpath
from typing import TYPE_CHECKING

from imgflow.errors import UsageError
from imgflow.project.project import Project
from imgflow.recipe import expand
from imgflow.recipe.library import recipe_folders
from imgflow.state import Ledger, Vault, is_writable
from imgflow.uris import is_remote

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from imgflow.recipe import Recipe
    from imgflow.storage import Storage

#: The folder of the state, beside the recipe.
STATE = ".imgflow"


@contextlib.contextmanager
def open_project(  # noqa: PLR0913 - what a project is made of
    recipe: Recipe,
    inputs: Sequence[str] | None,
    storage: Storage,
    *,
    state: str | None = None,
    force: bool = False,
    writable: bool = True,
) -> Iterator[Project]:
    """Open a recipe with its inputs and what is known of earlier runs.

    ``inputs``, if not None, stand in for those of the recipe, see :func:`imgflow.recipe.expand`.
    ``state`` is the folder of the state, by default ``.imgflow`` beside the recipe (in the working
    directory for a recipe that is shared by name), or a bucket and a prefix in it: then the
    outputs themselves are kept there too, for machines that have neither them nor the folder. Where
    ``.imgflow`` cannot be written the project is forgetful, and goes on. What is not ``writable``
    changes nothing anywhere. Raises RecipeInvalid, UsageError, StorageError.
    """
    if state == "":
        message = "--state: expected a folder or s3://bucket/prefix, found an empty name"
        raise UsageError(message)
    home = _home(recipe)
    far = state is not None and is_remote(state)
    folder = os.path.join(home, STATE) if state is None or far else state
    vault = Vault(storage, state) if state is not None and far else None
    jobs = expand(recipe, inputs, force=force, storage=storage)
    forgetful = _why_forgetful(folder) if writable and (state is None or far) else ""
    scope = _scope(recipe, home)
    with Ledger(folder, home, scope, writable=writable and not forgetful) as ledger:
        yield Project(
            recipe,
            jobs,
            ledger,
            storage,
            vault,
            whole=inputs is None or not recipe.inputs.sources,
            listed=inputs is None,
            forgetful=forgetful,
        )


def _why_forgetful(folder: str) -> str:
    """Return why a folder for the state cannot be made or written to, "" if it can."""
    if is_writable(folder):
        return ""
    return (
        f"{folder}: expected a folder that may be written to, found none; the next run makes "
        "everything again: name another with --state"
    )


def _home(recipe: Recipe) -> str:
    """Return the folder that the paths of a state are relative to."""
    folder = os.path.dirname(os.path.abspath(recipe.file))
    shared = [os.path.realpath(path) for path in recipe_folders()[1:]]
    return os.getcwd() if os.path.realpath(folder) in shared else folder


def _scope(recipe: Recipe, home: str) -> str:
    """Return the name of what a recipe makes: in another folder it makes something else.

    So it does from another working directory, which its paths are relative to.
    """
    name, here = posixpath.basename(recipe.file), os.path.relpath(os.getcwd(), home)
    if here != ".":
        name = f"{name} in {here}"
    if recipe.out is None:
        return name
    out = recipe.out if is_remote(recipe.out) else os.path.relpath(recipe.out, home)
    return f"{name} --out {out}"
