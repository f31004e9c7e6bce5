"""The recipes that requests may name."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec

from imgflow.recipe import list_recipes
from imgflow.server.replies import reply_json

if TYPE_CHECKING:
    from imgflow.server.desk import Call
    from imgflow.server.replies import Reply


class RecipeName(msgspec.Struct, frozen=True):
    """A recipe of this server."""

    name: str
    description: str


def list_names(call: Call) -> Reply:  # noqa: ARG001
    """List the recipes of this server."""
    found = [RecipeName(recipe.name, recipe.description) for recipe in list_recipes()]
    return reply_json(HTTPStatus.OK, found)
