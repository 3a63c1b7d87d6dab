"""`slm inbox`: letters that arrive: taken in from files or a mail server, and the ones that are held."""

import json
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Annotated, Any

import typer
from rich.markup import escape

from cli.interrupts import interrupted_by_signals
from cli.terminal import AsJson, By, database, err, out, print_json, standard_input, table
from config.clock import now
from config.errors import BadInputError
from config.settings import settings
from mail.lmtp import LmtpServer
from models.database import reading, transaction
from models.letters import InboxLetter
from states.held_letters import accept as accept_letter
from states.held_letters import dismiss as dismiss_letter
from states.held_letters import held_letters
from states.mailed_answers import Ingested, server_door
from states.mailed_answers import ingest as take_in

app = typer.Typer(help="Answers by mail: what arrived, and what is held.", no_args_is_help=True)
_STDIN = "-"


@dataclass(frozen=True)
class _Unreadable:
    """A file that could not be read, and why."""

    file: str
    why: str


@app.command()
def ingest(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE.eml ...", help="Messages as they arrived; - is standard input."),
    ],
    rcpt: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="The envelope's recipient; by default the header tells."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Take in letters from files or a mail server's pipe; a line a file. Exit code 1 if one cannot be read.

    Example: slm inbox ingest answer.eml --rcpt yes.k5mxq...@answers.example --json
    """
    unreadable: list[_Unreadable] = []
    with database() as engine:
        for file in files:
            raw = _read(file)
            if isinstance(raw, _Unreadable):
                unreadable.append(raw)
                continue
            done = take_in(engine, raw, rcpt, now())
            if as_json:
                _print_line({"file": file, "outcome": done.outcome.value, "reason": done.reason})
            else:
                out.print(f"{file}: {done.outcome.value}: {done.reason}", markup=False, soft_wrap=True)
    for missing in unreadable:
        err.print(f"slm: {missing.file}: {missing.why}", markup=False, soft_wrap=True)
    if unreadable:
        raise typer.Exit(1)


def _read(file: str) -> bytes | _Unreadable:
    try:
        return standard_input().read() if file == _STDIN else Path(file).read_bytes()
    except OSError as error:
        return _Unreadable(file, error.strerror or str(error))


def _print_line(row: dict[str, Any]) -> None:
    """Print a JSON object on a line of its own, so that a pipe can read on while letters come in."""
    sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
    sys.stdout.flush()


@app.command()
def serve(
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port to listen on, in place of SLM_LMTP_PORT.")
    ] = None,
    host: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Address to listen on, in place of SLM_LMTP_HOST.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Take in what a mail server hands over by LMTP, until Ctrl-C; a line for each letter and recipient.

    Example: slm inbox serve --port 8024
    """
    port, host = port or settings().lmtp_port, host or settings().lmtp_host
    if not port:
        raise BadInputError("say at which port: --port, or SLM_LMTP_PORT")

    def tell(done: Ingested) -> None:
        if as_json:
            row = {"letter": done.letter_id, "outcome": done.outcome.value, "reason": done.reason}
            _print_line(row)
        else:
            name = f"letter {done.letter_id}" if done.letter_id else "a letter"
            out.print(f"{name}: {done.outcome.value}: {done.reason}", markup=False, soft_wrap=True)

    with (
        database() as engine,
        suppress(KeyboardInterrupt),
        interrupted_by_signals(),
        LmtpServer(host, port, server_door(engine, tell)),
    ):
        err.print(f"letters are taken in by LMTP on {host}:{port}; Ctrl-C ends it", soft_wrap=True)
        Event().wait()
    err.print("stopped")


@app.command("list")
def list_held(as_json: AsJson = False) -> None:
    """List the letters that are held for a manager, with the reason.

    Example: slm inbox list --json
    """
    with database() as engine, reading(engine) as session:
        rows = [_told(letter) for letter in held_letters(session)]
    if as_json:
        print_json(rows)
    elif rows:
        listed = table("", "no.", "arrived", "from", "subject", "reason", right=("no.",))
        for row in rows:
            cells = (row["received"][:16], row["sender"], row["subject"], row["reason"])
            listed.add_row(str(row["number"]), *(escape(cell) for cell in cells))
        out.print(listed)
    else:
        out.print("No letter is held.")


def _told(letter: InboxLetter) -> dict[str, Any]:
    return {
        "number": letter.id,
        "received": letter.received_at.isoformat(),
        "sender": letter.sender,
        "subject": letter.subject,
        "answer": letter.answer or None,
        "text": letter.text,
        "reason": letter.reason,
        "request": letter.request_id,
    }


@app.command()
def accept(
    number: Annotated[int, typer.Argument(help="The held letter's number.")],
    by: By = "command line",
    as_json: AsJson = False,
) -> None:
    """Accept a held letter: its answer goes back to the person asked, to be confirmed; its text is a comment.

    Example: slm inbox accept 7
    """
    with database() as engine, transaction(engine) as session:
        done = accept_letter(session, number, by, now())
    if as_json:
        print_json({"number": number, "done": done})
    else:
        out.print(f"letter {number} is accepted: {done}", markup=False, soft_wrap=True)


@app.command()
def dismiss(
    number: Annotated[int, typer.Argument(help="The held letter's number.")],
    reason: Annotated[str, typer.Option(help="Why; it is kept in the audit trail.")],
    by: By = "command line",
    as_json: AsJson = False,
) -> None:
    """Dismiss a held letter: it stays in the inbox and is shown no more.

    Example: slm inbox dismiss 7 --reason "advertising"
    """
    with database() as engine, transaction(engine) as session:
        dismiss_letter(session, number, by, reason, now())
    if as_json:
        print_json({"number": number, "done": "dismissed"})
    else:
        out.print(f"letter {number} is dismissed")
