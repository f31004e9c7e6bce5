"""The command: ``imgflow``, or ``python -m imgflow``."""

from __future__ import annotations


def main() -> int:
    """Run the command line and return the exit code.

    Nothing is imported before it is called.
    """
    from imgflow.cli import main as run_command

    return run_command()


if __name__ == "__main__":
    raise SystemExit(main())
