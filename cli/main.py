"""The `slm` command.

What only a command or an error needs is imported there: see `cli.commands`.
"""

import logging
import os
import sys
from importlib.metadata import version
from typing import Annotated, NoReturn

import typer

from cli.commands import Commands
from config.errors import SlmError

app = typer.Typer(
    name="slm",
    cls=Commands,
    help="The continual service level management cycle: requirements, trial run, signing, monitoring, "
    "review, renegotiation.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"slm {version('slmcycle')}")
        raise typer.Exit


@app.callback()
def slm(
    _version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_print_version, help="Show the version and exit."),
    ] = False,
) -> None:
    """Take the options that stand before a command."""


def run() -> None:
    """Run the command line: exit code 0 done, 1 refused with one line on standard error, 2 wrong usage."""
    logging.basicConfig(level=logging.ERROR, format="%(message)s")
    if sys.stdout is None:
        _fail("standard output is closed")
    try:
        app(prog_name="slm")
    except SlmError as error:
        _fail(str(error))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except UnicodeEncodeError as error:
        signs = ascii(error.object[error.start : error.end])
        _fail(f"{signs} in a text cannot be written as {error.encoding.upper()}")
    except KeyboardInterrupt:
        _fail("stopped", 130)
    except Exception as error:
        from sqlalchemy.exc import SQLAlchemyError

        if not isinstance(error, SQLAlchemyError):
            raise
        _fail(f"database: {_first_line(error)}")


def _first_line(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    return str(cause).strip().splitlines()[0]


def _fail(line: str, code: int = 1) -> NoReturn:
    from rich.markup import escape

    from cli.terminal import err

    err.print(f"slm: {escape(' '.join(line.split()))}", soft_wrap=True)
    sys.exit(code)


if __name__ == "__main__":
    run()
