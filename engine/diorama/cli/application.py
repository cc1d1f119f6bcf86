"""All commands under one name, and what the shell sees of an error.

Exit codes: 0 done; 1 an error of the scene, the machine or the output; 2 a command line that
is wrong; 130 stopped by Ctrl-C; 143 stopped by SIGTERM. An error is one line on standard error,
without a traceback.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import Annotated

import typer

from diorama.cli.batch import batch
from diorama.cli.closing import say
from diorama.cli.compare import compare
from diorama.cli.doctor import doctor
from diorama.cli.profile import profile
from diorama.cli.render import demo, render, still
from diorama.cli.scene import schema, validate
from diorama.cli.train import train
from diorama.errors import DioramaError, OptionError

USAGE, INTERRUPTED = 2, 130

app = typer.Typer(
    name="diorama",
    help="Turn a scene file into a video with exact ground truth.",
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (render, still, batch, validate, schema, demo, train, compare, profile, doctor):
    app.command()(command)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"diorama {version('diorama')}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _without_command(
    context: typer.Context,
    _version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        print(context.get_help())
        raise typer.Exit(USAGE)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; ``arguments`` default to those of the process."""
    try:
        given = None if arguments is None else list(arguments)
        returned = app(args=given, prog_name="diorama", standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        return _nobody_reads()
    except OSError as error:
        return _fail(f"{error.filename or 'standard output'}: {error.strerror or error}", 1)
    except MemoryError:
        return _fail("expected enough memory, got none left", 1)
    except KeyboardInterrupt:
        returned = INTERRUPTED
    except DioramaError as error:
        return _fail(str(error), USAGE if isinstance(error, OptionError) else 1)
    except typer.TyperException as error:
        return _fail(error.format_message(), error.exit_code)
    if returned == INTERRUPTED:
        return _fail("interrupted", INTERRUPTED)
    return returned if isinstance(returned, int) else 0


def _fail(message: str, code: int) -> int:
    say(message)
    return code


def _nobody_reads() -> int:
    """Leave quietly, as ``| head`` wants it: what is still buffered goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1
