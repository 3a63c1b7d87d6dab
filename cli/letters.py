"""`slm letters`: the mail log: what waits, what went out, what came back, and trying again."""

from typing import Annotated, Any

import typer
from rich.markup import escape

from cli.terminal import AsJson, By, database, out, print_json, table
from config.clock import now
from models.database import reading, transaction
from states.drafting import find_agreement
from states.letter_log import MOST, Standing, find_letters, letter_told, text_of
from states.letters import find_letter, retry

app = typer.Typer()


@app.callback(invoke_without_command=True)
def list_letters(
    context: typer.Context,
    state: Annotated[Standing | None, typer.Option(help="Only letters that stand so.")] = None,
    agreement: Annotated[str | None, typer.Option(help="Only letters about this agreement.")] = None,
    to: Annotated[str, typer.Option(help="Only letters to addresses that contain this.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="The most letters to list.")] = MOST,
    as_json: AsJson = False,
) -> None:
    """List the letters to people, the newest first: waiting, sent, answered, bounced, failed.

    Their texts are left out, because they carry secrets.

    Example: slm letters --state failed --agreement SLA-City-Hospital
    """
    if context.invoked_subcommand is not None:
        return
    with database() as engine, reading(engine) as session:
        about = find_agreement(session, agreement) if agreement else None
        rows, total = find_letters(session, standing=state, agreement=about, to=to, limit=limit)
    if as_json:
        print_json(rows)
    elif rows:
        _print(rows, total)
    else:
        out.print("No such letter." if state or agreement or to else "No letter has been written.")


def _print(rows: list[dict[str, Any]], total: int) -> None:
    title = f"the newest {len(rows)} of {total} letters" if total > len(rows) else ""
    listed = table(
        title, "no.", "agreement", "letter", "to", "state", "tries", "answer", right=("no.", "tries")
    )
    for row in rows:
        listed.add_row(
            str(row["number"]),
            escape(row["agreement"] or ""),
            escape(row["kind"].replace("_", " ")),
            escape(row["to"]),
            _state(row),
            str(row["attempts"]),
            escape(row["reason"] or row["smtp_reply"]),
        )
    out.print(listed)


def _state(row: dict[str, Any]) -> str:
    """Return how a letter stands, and since or until when, in UTC."""
    if row["state"] == Standing.QUEUED:
        return f"queued for {row['next_attempt'][:16]}"
    sent = f" {row['sent'][:16]}" if row["sent"] else ""
    return f"{row['state']}{sent}{', resent' if row['perhaps_sent_before'] else ''}"


@app.command()
def show(
    number: Annotated[int, typer.Argument(help="The letter's number.")], as_json: AsJson = False
) -> None:
    """Show one letter: how it stands and its text, the secrets of its addresses left out.

    Example: slm letters show 12
    """
    with database() as engine, reading(engine) as session:
        letter = find_letter(session, number)
        told = letter_told(session, letter) | {"text": text_of(letter)}
    if as_json:
        print_json(told)
        return
    text = told.pop("text")
    for name, value in told.items():
        if value not in (None, "", False):
            out.print(f"{name.replace('_', ' ') + ':':<21}{value}", markup=False, soft_wrap=True)
    out.print(f"\n{text}", markup=False, soft_wrap=True, end="")


@app.command("retry")
def send_again(
    number: Annotated[int, typer.Argument(help="The letter's number.")],
    by: By = "command line",
    as_json: AsJson = False,
) -> None:
    """Queue a letter that failed, or was put off, to be sent now, to its person's present address.

    Example: slm letters retry 12
    """
    with database() as engine, transaction(engine) as session:
        letter = find_letter(session, number)
        retry(session, letter, by, now())
        told = letter_told(session, letter)
    if as_json:
        print_json(told)
    else:
        out.print(f"letter {number} to {told['to']} is queued", markup=False, soft_wrap=True)
