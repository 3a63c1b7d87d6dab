"""`slm people`: who there is, in which language they read, and who is away with whom standing in."""

from typing import Annotated, Any

import typer
from rich.markup import escape
from sqlmodel import col, select

from cli.terminal import AsJson, database, out, parse_instant, print_json, table
from config.clock import now
from models.absences import Absence
from models.database import reading, transaction
from models.parties import Person
from states.absences import add_absence, find_person
from templates.languages.catalogs import checked_language, languages

app = typer.Typer(help="People, and who stands in for whom.", no_args_is_help=True)


@app.command()
def away(
    email: Annotated[str, typer.Argument(help="The address of the person who is away.")],
    start: Annotated[str, typer.Option("--from", help="The first instant of the absence.")],
    end: Annotated[str, typer.Option("--until", help="The first instant after it.")],
    delegate: Annotated[str, typer.Option(help="The address of who is asked in their name.")],
    reason: Annotated[str, typer.Option(help="Why; the delegate reads it.")] = "",
    as_json: AsJson = False,
) -> None:
    """Let a person's approval requests go to a delegate for a while; open ones stay where they are.

    Example: slm people away owner@city-hospital.example --from 2026-07-01 --until 2026-07-15
    --delegate deputy@hospital.example
    """
    starts_at, ends_at = parse_instant(start), parse_instant(end)
    with database() as engine, transaction(engine) as session:
        person, deputy = find_person(session, email), find_person(session, delegate)
        told = _told(add_absence(session, person, deputy, starts_at, ends_at, reason))
    if as_json:
        print_json(told)
    else:
        out.print(
            f"{told['person']} is away from {told['from'][:16]} until {told['until'][:16]} UTC: "
            f"{told['delegate']} is asked in their name",
            markup=False,
            soft_wrap=True,
        )


@app.command("language")
def set_language(
    email: Annotated[str, typer.Argument(help="The address of the person.")],
    language: Annotated[str, typer.Argument(help=f"One of: {', '.join(languages())}.")],
    as_json: AsJson = False,
) -> None:
    """Choose the language of a person's letters and pages, for what is written from now on.

    Example: slm people language owner@city-hospital.example de
    """
    chosen = checked_language(language)
    with database() as engine, transaction(engine) as session:
        person = find_person(session, email)
        former, person.language = person.language, chosen
        told = {"email": person.email, "former": former, "language": chosen}
    if as_json:
        print_json(told)
    else:
        out.print(f"{told['email']}: letters and pages in {chosen} from now on", markup=False, soft_wrap=True)


@app.command("list")
def list_people(as_json: AsJson = False) -> None:
    """List everybody, with the absences that are not over.

    Example: slm people list --json
    """
    with database() as engine, reading(engine) as session:
        absences = session.exec(
            select(Absence).where(Absence.ends_at > now()).order_by(col(Absence.starts_at))
        ).all()
        rows: list[dict[str, Any]] = [
            {
                "name": person.name,
                "email": person.email,
                "party": person.party.name,
                "role": person.role.value,
                "zone": person.zone,
                "language": person.language,
                "away": [_told(row) for row in absences if row.person_id == person.id],
            }
            for person in session.exec(select(Person).order_by(col(Person.party_id), col(Person.name)))
        ]
    if as_json:
        print_json(rows)
        return
    if not rows:
        out.print("There is nobody yet: people come with agreements.")
        return
    listed = table("", "name", "address", "party", "role", "language", "away")
    for row in rows:
        times = [f"{a['from'][:10]} to {a['until'][:10]}: {a['delegate']}" for a in row["away"]]
        columns = ("name", "email", "party", "role", "language")
        cells = (*(row[column] for column in columns), "; ".join(times))
        listed.add_row(*(escape(cell) for cell in cells))
    out.print(listed)


def _told(absence: Absence) -> dict[str, str]:
    return {
        "person": absence.person.email,
        "delegate": absence.delegate.email,
        "from": absence.starts_at.isoformat(),
        "until": absence.ends_at.isoformat(),
        "reason": absence.reason,
    }
