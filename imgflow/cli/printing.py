"""Output: lines of text or of JSON, safe for any terminal and encoding."""

from __future__ import annotations

import os
import re
import shlex
import sys
from typing import Any

from imgflow.errors import StorageError

#: Bytes of a file name that are no UTF-8, as Python keeps them.
_ODD_BYTE = re.compile("[\udc80-\udcff]")
#: Terminals that cannot draw over a line.
_DUMB = ("dumb", "unknown")


class OutputLost(StorageError):  # noqa: N818
    """Standard output takes nothing more: its disk is full, say."""

    default_code = "write-failed"


def print_json(value: Any) -> None:  # noqa: ANN401
    r"""Print a value as one line of JSON on standard output, at once.

    The odd bytes of file names that are no text become ``\xe9``. Where the output is not
    UTF-8, all that it lacks is escaped.
    """
    import msgspec

    try:
        text = msgspec.json.encode(value).decode()
        text.encode(_encoding())
    except UnicodeEncodeError:
        text = _plain_json(msgspec.to_builtins(value))
    _write(text + "\n")
    flush()


def print_line(text: str = "") -> None:
    """Print a line of text on standard output, whatever characters the terminal knows."""
    print_page(visible(text))


def print_page(text: str) -> None:
    """Print text of several lines, known to do nothing to a terminal."""
    encoding = _encoding()
    _write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")


def print_error(text: str) -> None:
    """Print a line on standard error."""
    sys.stderr.write(visible(text) + "\n")


def errors_are_live() -> bool:
    """Tell whether standard error is a terminal on which lines can be drawn over."""
    return sys.stderr.isatty() and os.environ.get("TERM") not in _DUMB


def flush() -> None:
    """See to it that all that was printed is with its reader; raises OutputLost."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _lost(error) from error


def visible(text: str) -> str:
    """Return a text that can do nothing to a terminal: control characters become escapes."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def shell_word(text: str) -> str:
    """Quote a text for a shell; one with control characters in the way of bash and zsh."""
    if text.isprintable():
        return shlex.quote(text)
    escaped = visible(text.replace("\\", "\\\\").replace("'", "\\'"))
    return f"$'{escaped}'"


def _escape(char: str) -> str:
    if _ODD_BYTE.match(char):
        return f"\\x{ord(char) - 0xDC00:02x}"
    return char.encode("unicode_escape").decode()


def _plain_json(value: Any) -> str:  # noqa: ANN401
    import json

    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    text = _ODD_BYTE.sub(lambda odd: "\\" + _escape(odd.group()), text)
    return json.dumps(json.loads(text), separators=(",", ":"))


def _encoding() -> str:
    return sys.stdout.encoding or "utf-8"


def _write(text: str) -> None:
    try:
        sys.stdout.write(text)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _lost(error) from error


def _lost(error: OSError) -> OutputLost:
    return OutputLost(f"standard output: cannot be written: {error.strerror}")
