"""The `slm` command."""

import logging
import os
import sys
from typing import Any

import typer
from rich.markup import escape
from sqlalchemy.exc import SQLAlchemyError

from cli import (
    agreements,
    approvals,
    assessing,
    audit,
    baseline,
    calculators,
    calendars,
    db,
    exclusions,
    explaining,
    importing,
    inbox,
    letters,
    people,
    replaying,
    requirements,
    sampling,
    signed_documents,
    targets,
    ticking,
    trial,
)
from cli.terminal import err
from cli.up import up
from config.errors import SlmError

app = typer.Typer(
    name="slm",
    help="The continual service level management cycle: requirements, trial run, signing, monitoring, "
    "review, renegotiation.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(up)
app.command("replay")(replaying.replay_log)
app.command("sample")(sampling.sample)
app.command("import")(importing.import_file)
app.command("tick")(ticking.tick)
app.command("agreements")(agreements.list_agreements)
app.command("show")(agreements.show)
app.command("apply")(agreements.apply)
app.command("export")(agreements.export)
app.command("advance")(agreements.advance_agreement)
app.command("explain")(explaining.explain_ticket)
app.command("assess")(assessing.assess)
app.command("document")(signed_documents.document)
app.command("verify")(signed_documents.verify)
app.command("verdict")(calculators.verdict)
app.command("counter-offer")(calculators.counter_offer)
app.command("baseline")(baseline.make_baseline)
app.add_typer(approvals.app, name="approvals")
app.add_typer(exclusions.app, name="exclusions")
app.add_typer(inbox.app, name="inbox")
app.add_typer(letters.app, name="letters")
app.add_typer(requirements.app, name="requirements")
app.add_typer(trial.app, name="trial")
app.add_typer(targets.app, name="targets")
app.add_typer(people.app, name="people")
app.add_typer(calendars.app, name="calendar")
app.add_typer(audit.app, name="audit")
app.add_typer(db.app, name="db")


def run() -> None:
    """Run the command line: exit code 0 done, 1 refused with one line on standard error, 2 wrong usage."""
    logging.basicConfig(level=logging.ERROR, format="%(message)s")
    try:
        app(prog_name="slm")
    except SlmError as error:
        _fail(str(error))
    except SQLAlchemyError as error:
        _fail(f"database: {_first_line(error)}")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except KeyboardInterrupt:
        _fail("stopped", 130)


def _first_line(error: SQLAlchemyError) -> str:
    cause: Any = getattr(error, "orig", None) or error
    return str(cause).strip().splitlines()[0]


def _fail(line: str, code: int = 1) -> None:
    err.print(f"slm: {escape(' '.join(line.split()))}", soft_wrap=True)
    sys.exit(code)


if __name__ == "__main__":
    run()
