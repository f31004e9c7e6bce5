"""The commands, and how one is called."""

from __future__ import annotations

from typing import Annotated

import typer

from imgflow.cli import exits
from imgflow.cli.check import check
from imgflow.cli.clean import clean
from imgflow.cli.compare import compare
from imgflow.cli.cp import cp
from imgflow.cli.explain import explain
from imgflow.cli.init import init
from imgflow.cli.inspect import inspect
from imgflow.cli.jobs import jobs
from imgflow.cli.ladder import ladder
from imgflow.cli.markup import markup
from imgflow.cli.ops import ops
from imgflow.cli.optimize import optimize
from imgflow.cli.plan import plan
from imgflow.cli.presign import presign
from imgflow.cli.queue import queue
from imgflow.cli.recipes import recipes
from imgflow.cli.report import report
from imgflow.cli.run import run
from imgflow.cli.schema import schema
from imgflow.cli.serve import serve
from imgflow.cli.up import up
from imgflow.cli.validate import validate
from imgflow.cli.watch import watch
from imgflow.cli.worker import worker

_COMMANDS = (
    *(
        run,
        watch,
        plan,
        check,
        clean,
        optimize,
        validate,
        explain,
        recipes,
        ops,
        schema,
        inspect,
        compare,
        ladder,
    ),
    markup,
    report,
    *(init, cp, presign, up, worker, serve),
)

_GROUPS = {"jobs": jobs, "queue": queue}


def call(arguments: list[str]) -> int:
    """Run the command that the arguments name, and return the exit code."""
    command = typer.main.get_command(_build())
    try:
        with command.make_context("imgflow", list(arguments)) as context:
            code = command.invoke(context)
    except typer.Exit as end:
        return end.exit_code
    except typer.TyperException as error:
        return _report_usage(error, as_json="--json" in arguments)
    return code if isinstance(code, int) else exits.OK


def _build() -> typer.Typer:
    app = typer.Typer(
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    app.callback(invoke_without_command=True)(_imgflow)
    for function in _COMMANDS:
        app.command()(function)
    for name, group in _GROUPS.items():
        app.add_typer(group, name=name)
    return app


def _imgflow(
    context: typer.Context,
    *,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Run images through declarative recipes: resize, crop, convert, in batches."""
    if version:
        from imgflow.version import __version__

        typer.echo(f"imgflow {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def _report_usage(error: typer.TyperException, *, as_json: bool) -> int:
    from imgflow.cli.failing import report_usage

    context = getattr(error, "ctx", None)
    command = context.command_path if context else "imgflow"
    message = f"{error.format_message()} See '{command} --help'."
    return report_usage(message, as_json=as_json)
