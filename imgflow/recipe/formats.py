"""Which formats an output is written in, and with which options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from imgflow.encoders import ALIASES, ENCODERS, FORMATS, parse_encoder
from imgflow.errors import RecipeError
from imgflow.operations import OPERATIONS
from imgflow.recipe.declarations import flat_encoder
from imgflow.recipe.diagnose import diagnose
from imgflow.recipe.paths import format_of_extension, literal_extension
from imgflow.recipe.schema import encoder_schema, name_takers, option_names, takers
from imgflow.recipe.sources import EXTENSIONS
from imgflow.rules import listed
from imgflow.target import ORIGINAL, mend
from imgflow.template import parse_template

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imgflow.recipe.places import Keys
    from imgflow.recipe.resolve import Resolved


class Format(NamedTuple):
    """A format that is written: its name or ``original``, its options, where each is said.

    ``keys`` is where the format itself is said.
    """

    name: str
    keys: Keys
    options: dict[str, Any]
    origins: dict[str, Keys]

    @property
    def encoder(self) -> dict[str, Any] | None:
        """The options as an encoder takes them; None for the source's format as it is."""
        if self.name == ORIGINAL and not self.options:
            return None
        return {"format": self.name, **self.options}


def choose_formats(
    recipe: Resolved,
    at: int,
    shared: tuple[dict[str, Any], ...],
    own: tuple[dict[str, Any], ...],
) -> list[Format]:
    """Return the formats of one output with their options; reports options that fit none.

    Of options, the recipe's defaults are the weakest; then come those of a ``convert``, of
    the output, and of one format of the output.
    """
    fields = recipe.data["outputs"][at]
    keys: Keys = ("outputs", at)
    named = _named(fields, keys) or _named(recipe.data.get("defaults", {}), ("defaults",))
    converts = _converts(shared, own, keys)
    if named and converts:
        _report_both(recipe, named[0], converts[-1], keys)
        return []
    chosen = named or converts[-1:] or [_from_path(recipe, fields["path"], keys)]
    flat = {name: fields[name] for name in option_names() if name in fields}
    alone = len(chosen) == 1
    formats = [_with_options(recipe, one, flat, keys, alone=alone) for one in chosen]
    _report_unknown(recipe, flat, [one.name for one in formats], keys)
    for one in formats:
        _check_options(recipe, one)
    return formats


def format_names(fields: Mapping[str, Any]) -> list[str]:
    """Return the names of the formats that a mapping names, by their usual names."""
    return [one.name for one in _named(fields, ())]


def report_idle_defaults(recipe: Resolved, formats: list[Format]) -> None:
    """Report default options that no format of any output knows."""
    defaults = recipe.data.get("defaults", {})
    if not formats or not recipe.findings.clean(("defaults",)):
        return
    flat = {name: defaults[name] for name in option_names() if name in defaults}
    _report_unknown(recipe, flat, [one.name for one in formats], ("defaults",))


def _named(fields: Mapping[str, Any], keys: Keys) -> list[Format]:
    """Return the formats that a mapping names under ``format`` or ``formats``."""
    if "format" in fields:
        return [_format(fields["format"], (*keys, "format"))]
    return [
        _format(item, (*keys, "formats", at)) for at, item in enumerate(fields.get("formats", ()))
    ]


def _format(item: str | dict[str, Any], keys: Keys) -> Format:
    if isinstance(item, str):
        return Format(ALIASES.get(item, item), keys, {}, {})
    options = {key: value for key, value in item.items() if key != "format"}
    name = ALIASES.get(item["format"], item["format"])
    return Format(name, keys, options, {key: (*keys, key) for key in options})


def _converts(
    shared: tuple[dict[str, Any], ...], own: tuple[dict[str, Any], ...], keys: Keys
) -> list[Format]:
    """Return what the steps that name a format say, in their order."""
    steps: list[tuple[Keys, dict[str, Any]]] = [
        (("steps", at), step) for at, step in enumerate(shared)
    ]
    steps += [((*keys, "steps", at), step) for at, step in enumerate(own)]
    found = []
    for where, step in steps:
        if flat_encoder(OPERATIONS[step["op"]]):
            found.append(_format({key: value for key, value in step.items() if key != "op"}, where))
    return found


def _from_path(recipe: Resolved, path: str, keys: Keys) -> Format:
    """Return the format of the extension that a path ends in, if there is one."""
    extension = literal_extension(parse_template(path))
    name = format_of_extension(extension)
    if name is None and extension in EXTENSIONS:
        message = f"no format that can be written has the extension '.{extension}'"
        hint = f"one of {', '.join(ENCODERS)}"
        recipe.findings.report("unknown-format", (*keys, "path"), message, hint=hint)
    return Format(name or ORIGINAL, (*keys, "path"), {}, {})


def _with_options(
    recipe: Resolved, one: Format, flat: dict[str, Any], keys: Keys, *, alone: bool
) -> Format:
    """Give a format those options of the output and of the defaults that it knows.

    What was said for several formats gives way where it does not fit this one.
    """
    defaults = recipe.data.get("defaults", {})
    shared = [_known(one.name, defaults, ("defaults",)), _known(one.name, flat, keys)]
    own = {key: (one.options[key], one.origins[key]) for key in one.options}
    converted = one.keys[-2:-1] == ("steps",)
    layers = [shared[0], own, shared[1]] if converted else [*shared, own]
    merged = {key: value for layer in layers for key, value in layer.items()}
    options = {key: value for key, (value, _) in merged.items()}
    if one.name != ORIGINAL:
        weak = shared[:1] if alone or converted else shared
        options = mend(
            one.name,
            options,
            [key for layer in weak for key, said in layer.items() if merged[key] == said],
        )
    return one._replace(options=options, origins={key: where for key, (_, where) in merged.items()})


def _known(name: str, fields: Mapping[str, Any], keys: Keys) -> dict[str, tuple[Any, Keys]]:
    """Return the options in a mapping that a format knows, and where each stands."""
    return {
        option: (fields[option], (*keys, option))
        for option in option_names()
        if option in fields and (name == ORIGINAL or name in takers(option))
    }


def _report_both(recipe: Resolved, named: Format, convert: Format, keys: Keys) -> None:
    where = named.keys if named.keys[0] == "outputs" else keys
    place = recipe.places.get(convert.keys)
    line = f" in line {place.line}" if place else ""
    message = f"the format is said twice: here and by 'convert'{line}"
    at = (*keys, where[2]) if where != keys else keys
    recipe.findings.report("format-said-twice", at, message, hint="remove one of them", key=True)


def _report_unknown(
    recipe: Resolved, flat: Mapping[str, Any], names: list[str], keys: Keys
) -> None:
    if ORIGINAL in names or not names:
        return
    for option in flat:
        if not set(takers(option)) & set(names):
            written = listed(tuple(dict.fromkeys(names)), "and")
            message = f"'{option}' is no option of {written}"
            hint = name_takers(option)
            recipe.findings.report(
                "option-of-other-format", (*keys, option), message, hint=hint, key=True
            )


def _check_options(recipe: Resolved, one: Format) -> None:
    """Check the options that came together for a format, wherever they were said."""
    if one.name != ORIGINAL:
        _check_encoder(recipe, one, f" for '{one.name}'")
        return
    for option, value in one.options.items():
        for name in (one for one in takers(option) if one in ENCODERS):
            single = Format(name, one.keys, {option: value}, one.origins)
            _check_encoder(recipe, single, f" for '{name}', which 'original' may be", rules=False)


def _check_encoder(recipe: Resolved, one: Format, subject: str, *, rules: bool = True) -> None:
    options = {"format": one.name, **one.options}
    findings = recipe.findings

    def locate(keys: Keys) -> Keys:
        return (*one.origins[str(keys[0])], *keys[1:]) if keys else one.keys

    try:
        parse_encoder(options)
    except RecipeError:
        schema = encoder_schema(one.name, FORMATS[one.name], rules=False)
        diagnose(options, schema, findings, locate, subject)
        if rules and all(findings.clean(origin) for origin in one.origins.values()):
            for rule in FORMATS[one.name].rules:
                if broken := rule.broken(options):
                    where = one.keys if broken.key is None else one.origins[broken.key]
                    findings.report("keys-disagree", where, broken.message, key=True)
