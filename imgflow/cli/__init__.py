"""The command line: typer commands, one a module."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

from imgflow.cli import exits

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["main", "run_command"]


class Stopped(KeyboardInterrupt):
    """The process was told to stop: by SIGTERM, or because its terminal is gone."""


def main() -> int:
    """Run the command that this process was started with, and return the exit code."""
    _open_streams()
    _stop_in_order()
    code = run_command(sys.argv[1:])
    _leave_if_busy(code)
    return code


def run_command(arguments: list[str]) -> int:
    """Run a command and return the exit code; bad input never ends in a traceback."""
    from imgflow.cli.failing import report_bug, report_error
    from imgflow.cli.printing import OutputLost, flush, print_error
    from imgflow.errors import ImgflowError

    as_json = "--json" in arguments
    try:
        from imgflow.cli.app import call

        code = call(arguments)
        flush()
    except KeyboardInterrupt as stop:
        print_error("interrupted")
        return exits.signal_code(stop.args[0] if isinstance(stop, Stopped) else signal.SIGINT)
    except BrokenPipeError:
        # Whoever read our output has seen enough (``| head``): that is no failure.
        _drop_output()
        return exits.OK
    except OutputLost as error:
        _drop_output()
        return report_error(error, as_json=False)
    except ImgflowError as error:
        return report_error(error, as_json=as_json)
    except Exception as error:  # noqa: BLE001 - told as the bug it is
        return report_bug(error, as_json=as_json)
    return code


def _open_streams() -> None:
    """Stand in for streams that were closed by who started us (``>&-``), in their order.

    Else the next file that is opened would take their place, and our messages.
    """
    sys.stdin = sys.stdin or open(os.devnull, encoding="utf-8")  # noqa: SIM115
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115


def _stop_in_order() -> None:
    """Have SIGTERM and SIGHUP end a command as Ctrl-C does, unless they are ignored (nohup)."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _stop)


def _stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
    raise Stopped(number)


def _drop_output() -> None:
    """Keep the interpreter from trying again, at its end, to print what nobody takes."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _leave_if_busy(code: int) -> None:
    """End the process at once if a picture is still being computed.

    A job in this process that was interrupted, or took too long, goes on in its thread:
    libvips cannot be stopped, and must not be torn down under its feet.
    """
    if threading.active_count() > 1:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
