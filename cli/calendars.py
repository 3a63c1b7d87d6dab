"""`slm calendar`: draw a calendar, list its holidays, check another system's business times."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml
from pydantic import ValidationError
from rich.markup import escape

from cli.calendar_sheet import as_data, draw, sheets
from cli.calendar_sources import from_agreement, from_file, from_options
from cli.terminal import AsJson, out, parse_day, print_json, table
from config.clock import now
from config.errors import BadInputError
from config.texts import read_json, read_text
from levels.business_time_cases import Case
from levels.case_comparison import compare
from levels.ics import IcsError
from levels.ics_holidays import holidays_from_ics
from levels.public_holidays import public_holidays

app = typer.Typer(help="Calendars: working hours and holidays.", no_args_is_help=True)

Zone = Annotated[str | None, typer.Option(help="The IANA time zone, such as Europe/Zurich.")]
Country = Annotated[str | None, typer.Option(help="A country whose public holidays count, such as CH.")]
Subdivision = Annotated[str | None, typer.Option(help="Its canton, state or region, such as ZH.")]
Observed = Annotated[
    bool, typer.Option(help="Weekdays count on which a holiday of the weekend is made up for.")
]


@app.callback()
def _calendar() -> None:
    """Calendars: working hours and holidays."""


@app.command()
def show(
    file: Annotated[
        Path | None, typer.Argument(help="An agreement's document, or working hours, as YAML or JSON.")
    ] = None,
    agreement: Annotated[str | None, typer.Option(help="Or the reference of an agreement.")] = None,
    calendar: Annotated[str | None, typer.Option(help="Which of an agreement's calendars.")] = None,
    zone: Zone = None,
    opens: Annotated[
        list[str] | None,
        typer.Option("--open", help='Or windows, such as "mon-fri 08:00-12:00,13:00-17:00"; repeatable.'),
    ] = None,
    country: Country = None,
    subdivision: Subdivision = None,
    observed: Observed = True,
    first: Annotated[str | None, typer.Option("--from", help="The first date; by default today.")] = None,
    weeks: Annotated[int, typer.Option(min=1, max=520, help="How many weeks.")] = 4,
    as_json: AsJson = False,
) -> None:
    """Draw the next weeks of a calendar: of a file, of an agreement, by options, or the policy's own.

    Example: slm calendar show --zone Europe/Zurich --country CH --subdivision ZH --weeks 6
    """
    if file is not None:
        hours = from_file(file, calendar)
    elif agreement is not None:
        hours = from_agreement(agreement, calendar)
    else:
        hours = from_options(zone, opens or [], country, subdivision, observed)
    begin = parse_day(first) if first else now().date()
    drawn = sheets(hours, begin, weeks * 7)
    if as_json:
        print_json(as_data(hours, drawn))
    else:
        out.print(draw(hours, drawn))


@app.command()
def holidays(
    file: Annotated[Path | None, typer.Argument(help="An iCalendar file (.ics) with closed days.")] = None,
    country: Country = None,
    subdivision: Subdivision = None,
    observed: Observed = True,
    zone: Zone = None,
    first: Annotated[str | None, typer.Option("--from", help="The first date; by default 1 January.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="The last date; by default two years on.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print a feed's or a country's holidays date by date, as the fields of an agreement's calendar.

    A calendar that lists its dates stays what it was, whatever a feed or a library says later.

    Example: slm calendar holidays --country CH --subdivision ZH --from 2027-01-01 --to 2028-12-31
    """
    begin = parse_day(first) if first else date(now().year, 1, 1)
    end = parse_day(last) if last else date(begin.year + 1, 12, 31)
    if end < begin:
        raise BadInputError(f"--to {end} lies before --from {begin}")
    if (file is None) is (country is None):
        raise BadInputError("either a .ics file or --country is wanted")
    if file is not None:
        local = from_options(zone, [], None, None, observed).zone
        named, fields = _from_feed(file, local, begin, end)
    else:
        named = _of_country(str(country), subdivision, observed, begin, end)
        fields = {"holidays": [str(day) for day in named]}
    if as_json:
        print_json(fields | {"names": {str(day): name for day, name in named.items()}})
        return
    for day, name in named.items():
        out.print(f"# {day:%a %Y-%m-%d}  {name}", markup=False)
    typer.echo(
        yaml.safe_dump({name: value for name, value in fields.items() if value}, sort_keys=False), nl=False
    )


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="Cases as JSON; docs/calendars.md has the form.")],
    as_json: AsJson = False,
) -> None:
    """Compare business times that another system gives with this engine's.

    Example: slm calendar check due-times.json --json
    """
    cases = _read_cases(file)
    counts = {"equal": 0, "equivalent": 0, "different": 0}
    different = []
    for case in cases:
        found = compare(case)
        counts[found.outcome] += 1
        if found.outcome == "different":
            different.append({"id": case.id, "got": _plain(found.got), "expect": _plain(case.expect)})
    if as_json:
        print_json({"cases": len(cases)} | counts | {"different": different})
        return
    listed = table("", "case", "here", "there")
    for row in different:
        listed.add_row(*(escape(str(value)) for value in row.values()))
    if different:
        out.print(listed)
    told = ", ".join(f"{count} {outcome}" for outcome, count in counts.items())
    out.print(f"{len(cases)} cases: {told}", markup=False)


def _plain(answer: Any) -> Any:
    if isinstance(answer, datetime):
        return answer.isoformat()
    return int(answer) if isinstance(answer, float) and answer.is_integer() else answer


def _read_cases(file: Path) -> list[Case]:
    content = read_json(read_text(file), str(file))
    vectors = content.get("vectors") if isinstance(content, dict) else None
    if not isinstance(vectors, list):
        raise BadInputError(f"{file}: a table with a list `vectors` is wanted")
    cases = []
    for number, vector in enumerate(vectors):
        try:
            cases.append(Case.model_validate(vector))
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"])
            where = f"vectors.{number}" + (f".{field}" if field else "")
            raise BadInputError(f"{file}: {where}: {first['msg'].removeprefix('Value error, ')}") from None
    return cases


def _from_feed(file: Path, zone: str, first: date, last: date) -> tuple[dict[date, str], dict[str, Any]]:
    try:
        found = holidays_from_ics(read_text(file), zone, first, last)
    except IcsError as error:
        raise BadInputError(f"{file}: {error}") from None
    return dict(sorted(found.holidays.items())), found.as_hours()


def _of_country(
    country: str, subdivision: str | None, observed: bool, first: date, last: date
) -> dict[date, str]:
    named: dict[date, str] = {}
    for year in range(first.year, last.year + 1):
        try:
            named |= public_holidays(country, subdivision, observed, year)
        except ValueError as error:
            raise BadInputError(str(error)) from None
    return {day: name for day, name in named.items() if first <= day <= last}
