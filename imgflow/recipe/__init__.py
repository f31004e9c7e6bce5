"""Recipes: YAML that is checked, resolved and expanded into jobs."""

from imgflow.recipe.expand import expand
from imgflow.recipe.explain import Origin, explain
from imgflow.recipe.explain_source import explain_source
from imgflow.recipe.jobs import Jobs
from imgflow.recipe.library import NamedRecipe, data_folder, find_recipe, list_recipes
from imgflow.recipe.load import load_recipe, parse_recipe
from imgflow.recipe.problems import Problem, RecipeInvalid, render_problems
from imgflow.recipe.publish import schema_text, schemas, stale_schemas, write_schemas
from imgflow.recipe.recipe import Inputs, Recipe
from imgflow.recipe.reference import Parameter, Reference, format_reference, operation_reference

__all__ = [
    "Inputs",
    "Jobs",
    "NamedRecipe",
    "Origin",
    "Parameter",
    "Problem",
    "Recipe",
    "RecipeInvalid",
    "Reference",
    "data_folder",
    "expand",
    "explain",
    "explain_source",
    "find_recipe",
    "format_reference",
    "list_recipes",
    "load_recipe",
    "operation_reference",
    "parse_recipe",
    "render_problems",
    "schema_text",
    "schemas",
    "stale_schemas",
    "write_schemas",
]
