"""Patterns of paths: ``photos/**/*.{jpg,png}``. Upper and lower case are the same."""

from __future__ import annotations

import functools
import re

_MAGIC = re.compile(r"[*?\[{]")
_TOKEN = re.compile(
    r"(?P<deep>(?:\*\*/)+)|(?P<rest>\*{2,})|(?P<star>\*)|(?P<one>\?)"
    r"|(?P<set>\[[!^]?\]?[^\]/]*\])|(?P<open>\{)|(?P<close>\})|(?P<comma>,)|(?P<text>.)",
    re.DOTALL,
)
_PLAIN = {"deep": "(?:[^/]*/)*", "rest": ".*", "star": "[^/]*", "one": "[^/]"}


def is_glob(path: str) -> bool:
    """Tell whether a path has anything to be matched in it."""
    return _MAGIC.search(path) is not None


def split_glob(pattern: str) -> tuple[str, str]:
    """Return the folder before the first part that is matched, and the rest."""
    magic = _MAGIC.search(pattern)
    cut = pattern.rfind("/", 0, magic.start() if magic else len(pattern)) + 1
    return pattern[:cut], pattern[cut:]


@functools.lru_cache(maxsize=256)
def compile_glob(pattern: str) -> re.Pattern[str]:
    """Return the regular expression of a pattern, for whole POSIX paths.

    ``**`` stands for any folders, ``*`` and ``?`` do not cross a slash, ``{a,b}`` is either.
    """
    return re.compile(_translate(pattern), re.IGNORECASE | re.DOTALL)


def compile_both(pattern: str, patterns: tuple[str, ...]) -> re.Pattern[str]:
    """Return the regular expression of what matches a pattern and any of some others."""
    condition = f"(?=(?:{compile_patterns(patterns).pattern})\\Z)"
    return re.compile(f"{condition}(?:{_translate(pattern)})", re.IGNORECASE | re.DOTALL)


def compile_patterns(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """Return one regular expression for any of some patterns.

    A pattern without a slash is one for the name, in any folder.
    """
    deep = [pattern if "/" in pattern else f"**/{pattern}" for pattern in patterns]
    return re.compile("|".join(map(_translate, deep)) or r"(?!)", re.IGNORECASE | re.DOTALL)


def _translate(pattern: str) -> str:
    pattern = pattern.removeprefix("./")
    if pattern.endswith("/**"):
        return f"{_translate(pattern[:-3])}(?:/.*)?"
    text, depth = "", 0
    braces = pattern.count("{") == pattern.count("}")
    for token in _TOKEN.finditer(pattern):
        kind, found = str(token.lastgroup), token.group()
        if kind in _PLAIN:
            text += _PLAIN[kind]
        elif kind == "set":
            text += _set(found)
        elif kind == "open" and braces:
            text, depth = f"{text}(?:", depth + 1
        elif kind == "close" and braces and depth:
            text, depth = f"{text})", depth - 1
        elif kind == "comma" and depth:
            text += "|"
        else:
            text += re.escape(found)
    return text if depth == 0 else re.escape(pattern)


def _set(found: str) -> str:
    negated = found[1] in "!^"
    inner = found[2:-1] if negated else found[1:-1]
    escaped = re.sub(r"([\\\]\[&~|^])", r"\\\1", inner)
    return f"[{'^/' if negated else ''}{escaped}]" if inner else re.escape(found)
