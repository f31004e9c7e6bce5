"""A source of a manifest as HTML: a ``<picture>`` whose sizes and formats browsers choose from."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

import msgspec

from imgflow.errors import UsageError
from imgflow.manifest.blur import blurred
from imgflow.manifest.choosing import Choice, choose
from imgflow.manifest.html import element
from imgflow.manifest.manifest import Manifest
from imgflow.manifest.text import read_manifest
from imgflow.uris import scheme_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from imgflow.manifest.manifest import Variant
    from imgflow.placeholders import Placeholders

    #: A manifest, its path, or what ``json.load`` returns for it.
    AnyManifest = Manifest | str | os.PathLike[str] | Mapping[str, Any]

Placeholder = Literal["lqip", "colour", "none"]
Loading = Literal["lazy", "eager"]


class Markup(msgspec.Struct, frozen=True, kw_only=True):
    """The attributes of the elements of a picture, by name: of each ``<source>``, and ``<img>``."""

    sources: tuple[dict[str, str], ...]
    img: dict[str, str]

    def html(self) -> str:
        """Return the element ``<picture>``."""
        lines = [f"  {element('source', source)}" for source in self.sources]
        return "\n".join(["<picture>", *lines, f"  {element('img', self.img)}", "</picture>"])


def picture(  # noqa: PLR0913
    manifest: AnyManifest,
    name: str,
    *,
    alt: str | None = None,
    sizes: str | None = None,
    output: str | None = None,
    base: str = "",
    loading: Loading = "lazy",
    placeholder: Placeholder = "lqip",
    **attributes: str,
) -> str:
    """Return the HTML element ``<picture>`` for a source of a manifest.

    ``manifest`` is one, a path to one, or what ``json.load`` returns for it. ``alt`` is by
    default the text in the manifest. ``sizes`` tells how wide the picture is shown, by default
    as wide as the window, but no wider than it is. ``output`` is the name of an output of the
    recipe, by default that of the first. ``base`` goes before paths. ``loading`` is ``eager`` for
    what is seen first. ``placeholder`` is what is seen before, as a background: ``lqip``, a blur of
    the picture, ``colour`` or ``none`` (a ``style`` attribute, which content policies must allow).
    ``attributes`` are more of ``<img>``; an underscore at the end of a name is left out:
    ``class_="hero"``.

    Raises UsageError for a source or an output that is not there.
    """
    return picture_markup(
        manifest,
        name,
        alt=alt,
        sizes=sizes,
        output=output,
        base=base,
        loading=loading,
        placeholder=placeholder,
        **attributes,
    ).html()


def picture_markup(  # noqa: PLR0913
    manifest: AnyManifest,
    name: str,
    *,
    alt: str | None = None,
    sizes: str | None = None,
    output: str | None = None,
    base: str = "",
    loading: Loading = "lazy",
    placeholder: Placeholder = "lqip",
    **attributes: str,
) -> Markup:
    """Return what :func:`picture` writes, for programs that write it in another way."""
    entry = _opened(manifest).entry(name)
    choice = choose(name, entry, output)
    widest = choice.fallback[-1]
    wide = sizes or f"(min-width: {widest.width}px) {widest.width}px, 100vw"
    # Scripts that set one after another are why src comes last: what is fetched, and when, has to
    # be known by then, or some browsers fetch the widest file at once, and another one after it.
    img = {
        "alt": entry.alt if alt is None else alt,
        "width": str(widest.width),
        "height": str(widest.height),
        "loading": loading,
        "decoding": "async",
        **_style(entry.placeholders, placeholder, widest),
        **{key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()},
        **_candidates(choice.fallback, wide, base),
        "src": _url(widest.path, base),
    }
    return Markup(sources=tuple(_sources(choice, wide, base)), img=img)


def _opened(manifest: AnyManifest) -> Manifest:
    if isinstance(manifest, Manifest):
        return manifest
    if isinstance(manifest, str | os.PathLike):
        return read_manifest(manifest)
    try:
        return msgspec.convert(manifest, Manifest)
    except msgspec.ValidationError as error:
        message = f"expected what a manifest of imgflow holds, found something else: {error}"
        raise UsageError(message, code="bad-manifest") from error


def _sources(choice: Choice, sizes: str, base: str) -> Iterable[dict[str, str]]:
    for variants in choice.preferred:
        found = _candidates(variants, sizes, base) or {"srcset": _url(variants[0].path, base)}
        yield {"type": variants[0].type, **found}


def _candidates(variants: tuple[Variant, ...], sizes: str, base: str) -> dict[str, str]:
    """Return nothing where there is no choice of widths."""
    if len(variants) == 1:
        return {}
    named = (f"{_url(variant.path, base)} {variant.width}w" for variant in variants)
    return {"sizes": sizes, "srcset": ", ".join(named)}


def _style(placeholders: Placeholders, kind: Placeholder, shape: Variant) -> dict[str, str]:
    """Return no background for what one can see through: it would stay."""
    if kind == "none" or placeholders.alpha:
        return {}
    background = f"background:{placeholders.colour}"
    if kind == "lqip":
        drawing = blurred(placeholders.lqip, shape.width, shape.height)
        background += f" url({drawing}) center/cover no-repeat"
    return {"style": background}


def _url(path: str, base: str) -> str:
    """Return a path as a URL: commas and spaces would end it in a ``srcset``."""
    if scheme_of(path):
        return path.replace(" ", "%20").replace(",", "%2C")
    return (f"{base.rstrip('/')}/" if base else "") + quote(path)
