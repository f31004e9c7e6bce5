"""The manifest: what was made of every source, as JSON that sites are built from."""

from imgflow.manifest.building import build_manifest
from imgflow.manifest.manifest import Entry, Manifest, Variant
from imgflow.manifest.markup import Markup, picture, picture_markup
from imgflow.manifest.partials import chosen, html_partials, json_markup, write_partials
from imgflow.manifest.text import manifest_text, read_manifest
from imgflow.manifest.writing import is_same, manifest_of, write_if_new

__all__ = [
    "Entry",
    "Manifest",
    "Markup",
    "Variant",
    "build_manifest",
    "chosen",
    "html_partials",
    "is_same",
    "json_markup",
    "manifest_of",
    "manifest_text",
    "picture",
    "picture_markup",
    "read_manifest",
    "write_if_new",
    "write_partials",
]
