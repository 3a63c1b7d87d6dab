"""`slm baseline`: what the evidence says about the present service, frozen and told."""

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from cli.terminal import AsJson, By, database, out, parse_instant, print_json, progress_bar, table
from config.clock import now
from models.database import reading, transaction
from states.baseline_figures import KINDS, BaselineFigures, DemandFigures, TargetRow
from states.baselines import WEEKS, figures_in, freeze, look_back
from states.drafting import find_agreement
from states.hours_in_words import WEEKDAYS
from templates.render import day, duration, moment, percent

_SHADES = ("on grey93", "on grey82", "on grey66", "on grey42", "on grey19")
_VERDICTS = {"fit": "green", "fit with reservations": "yellow", "not fit": "red"}


def make_baseline(
    reference: Annotated[str, typer.Argument(help="The agreement's reference.")],
    weeks: Annotated[int, typer.Option(help="How many weeks to look back.", min=1)] = WEEKS,
    until: Annotated[
        str | None, typer.Option(help="Where the weeks end, exclusive; by default --as-of, or now.")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="As was known then; by default where the weeks end.")
    ] = None,
    by: By = "command line",
    as_json: AsJson = False,
) -> None:
    """Freeze what the evidence says about the present service: demand, lines, steps, targets, proposals.

    Example: slm baseline SLA-City-Hospital --weeks 12 --until 2026-06-01
    """
    at = now()
    with database() as engine:
        # the writer's turn is kept short: nobody waits while the evidence is looked at
        with reading(engine) as session, progress_bar("Looking back") as progress:
            seen = look_back(
                session,
                find_agreement(session, reference),
                at,
                weeks=weeks,
                until=parse_instant(until) if until else None,
                as_of=parse_instant(as_of) if as_of else None,
                progress=progress,
            )
        with transaction(engine) as session:
            freeze(session, find_agreement(session, reference), seen, by, at)
    figures = figures_in(seen)
    if as_json:
        print_json(
            {
                "agreement": reference,
                "inputs_sha256": seen.inputs_sha256,
                "software": seen.software_version,
                "figures": figures,
            }
        )
        return
    _tell(reference, figures)
    out.print(f"\n[dim]Frozen. SHA-256 of the inputs: {seen.inputs_sha256}[/dim]", soft_wrap=True)


def _tell(reference: str, figures: BaselineFigures) -> None:
    window, tickets, fitness = figures["window"], figures["tickets"], figures["fitness"]
    zone = window["zone"]
    out.print(
        f"[bold]Baseline of {escape(reference)}[/bold], {day(window['since'], zone)} to "
        f"{day(window['until'], zone)}, as known {moment(window['as_of'], zone)}"
    )
    out.print(
        f"{tickets['opened']} tickets opened, {tickets['cancelled']} cancelled, {tickets['resolved']} "
        f"resolved, {tickets['open']} still open"
    )
    colour = _VERDICTS[fitness["verdict"]]
    _section(f"The evidence is [{colour}]{fitness['verdict']}[/{colour}]")
    _sentences(fitness["sentences"])
    _section("Demand")
    _sentences(figures["demand"]["sentences"])
    out.print(_heat(figures["demand"]))
    _section("Who settles it, and where the time goes")
    _sentences(
        [*figures["lines"]["sentences"], figures["lines"]["assumption"], figures["reopenings"]["sentence"]]
    )
    out.print(_steps(figures))
    out.print(_categories(figures))
    _section(f"The targets of version {window['version']}")
    out.print(_targets(figures))
    _section("What follows from it")
    _proposals(figures)


def _section(title: str) -> None:
    out.print(f"\n[bold]{title}[/bold]")


def _sentences(lines: list[str]) -> None:
    for line in lines:
        out.print(f"- {line[:1].upper()}{line[1:]}.", markup=False, soft_wrap=True)


def _heat(demand: DemandFigures) -> Table:
    """Tickets by hour of the week; the fuller an hour, the darker; hours outside service hours are dim."""
    made = table("", "", *(f"{hour:02d}" for hour in range(24)), right=tuple(f"{h:02d}" for h in range(24)))
    made.padding = (0, 0)
    most = max(max(row) for row in demand["per_hour"]) or 1.0
    for weekday, name in enumerate(WEEKDAYS):
        cells = []
        for hour in range(24):
            rate, tickets = demand["per_hour"][weekday][hour], demand["counts"][weekday][hour]
            shade = _SHADES[min(int(rate / most * len(_SHADES)), len(_SHADES) - 1)]
            ink = "white" if shade in _SHADES[3:] else "black"
            inside = demand["service"][weekday][hour] >= 0.5
            cells.append(
                Text(f" {tickets or '.':>3}", style=f"{ink} {shade}" if tickets and inside else "dim")
            )
        made.add_row(name[:3], *cells)
    made.caption = "Tickets opened, by hour; dim: outside service hours"
    made.caption_justify = "left"
    return made


def _steps(figures: BaselineFigures) -> Table:
    columns = ("settled", "tickets", "median", "90 %", "99 %", "of all time", "effective", "delayed")
    made = table("", "line", *columns, right=columns)
    for row in figures["lines"]["rows"]:
        made.add_row(
            escape(row["line"]),
            percent(round(row["share"], 3)),
            str(row["tickets"]),
            *(_hours(row[name]) for name in ("median_s", "p90_s", "p99_s")),
            *(percent(round(row[name], 3)) for name in ("time_share", "effective_share", "delayed_share")),
        )
    return made


def _categories(figures: BaselineFigures) -> Table:
    right = ("of all time", "tickets", "together", "median")
    made = table("", "costliest categories", *right, right=right)
    for row in figures["categories"]:
        made.add_row(
            escape(row["category"] or "no category"),
            percent(round(row["share"], 3)),
            str(row["tickets"]),
            _hours(row["seconds"]),
            _hours(row["median_s"]),
        )
    return made


def _targets(figures: BaselineFigures) -> Table:
    made = table("", "target", "stated, and what these weeks show", "bounds", "median", "90 %", "verdict")
    for row in figures["targets"]:
        made.add_row(
            escape(row["key"]),
            escape(row["sentence"]),
            _bounds(row),
            "" if row["median_s"] is None else _hours(row["median_s"]),
            _slowest(row),
            row["verdict"],
        )
    return made


def _bounds(row: TargetRow) -> str:
    if row["known"] and row["lower"] == row["upper"]:
        return "counted in full"
    digits = 2 if row["threshold_s"] else 4
    return f"{percent(round(row['lower'], digits))} to {percent(round(row['upper'], digits))}"


def _slowest(row: TargetRow) -> str:
    """The time of nine in ten; "" where no time was measured."""
    if row["p90_s"] is not None:
        return _hours(row["p90_s"])
    return "open" if row["threshold_s"] and row["known"] else ""


def _proposals(figures: BaselineFigures) -> None:
    if not figures["proposals"]:
        out.print("- Nothing is proposed.")
    for kind, title in KINDS.items():
        texts = [row["text"] for row in figures["proposals"] if row["kind"] == kind]
        if texts:
            out.print(f"{title}:")
            _sentences(texts)


def _hours(seconds: int) -> str:
    """Rounded up: to minutes, from ten hours on to whole hours."""
    step = 60 if seconds < 36_000 else 3_600
    return duration(-(-seconds // step) * step)
