"""The command line: typer commands, one a module."""

from __future__ import annotations

import os
import sys
import threading

from imgflow.cli import exits

__all__ = ["main", "run_command"]


def main() -> int:
    """Run the command that this process was started with, and return the exit code."""
    code = run_command(sys.argv[1:])
    _leave_if_busy(code)
    return code


def run_command(arguments: list[str]) -> int:
    """Run a command and return the exit code; bad input never ends in a traceback."""
    from imgflow.cli.failing import report_bug, report_error
    from imgflow.errors import ImgflowError

    as_json = "--json" in arguments
    try:
        from imgflow.cli.app import call

        code = call(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        return exits.INTERRUPTED
    except BrokenPipeError:
        return _close_quietly()
    except ImgflowError as error:
        return report_error(error, as_json=as_json)
    except Exception as error:  # noqa: BLE001 - told as the bug it is
        return report_bug(error, as_json=as_json)
    return code


def _close_quietly() -> int:
    """Whoever read our output has seen enough (``| head``): that is no failure."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return exits.OK


def _leave_if_busy(code: int) -> None:
    """End the process at once if a picture is still being computed.

    A job in this process that was interrupted, or took too long, goes on in its thread:
    libvips cannot be stopped, and must not be torn down under its feet.
    """
    if threading.active_count() > 1:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
