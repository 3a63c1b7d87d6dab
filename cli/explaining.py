"""`slm explain`: every second of a ticket's stopwatch."""

from datetime import UTC, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.markup import escape
from rich.table import Table

from cli.terminal import AsJson, database, out, parse_instant, print_json, table
from config.clock import now
from models.database import reading
from states.explanations import Explanation, Uncounted, explain, why_under_none
from states.promises import promise_of
from templates.render import duration


def explain_ticket(
    ticket: Annotated[str, typer.Argument(help="The ticket's number in its own system.")],
    target: Annotated[str | None, typer.Option(help="One target's id; by default each that applies.")] = None,
    as_of: Annotated[str | None, typer.Option(help="As was known then; by default now.")] = None,
    as_json: AsJson = False,
) -> None:
    """Account for every second of a ticket: running, paused or outside hours, and why.

    Times are read on the clock of the target's calendar. An outage is told under each availability target
    that it takes from: when the service was down within its hours.

    Time that an approved exclusion takes is shown with its reason, and time before the stopwatch started or
    after it stopped as not measured. Of a ticket that counts under no target, each target is named with what
    leaves the ticket out.

    Example: slm explain T-00063
    """
    at = parse_instant(as_of) if as_of else now()
    with database() as engine, reading(engine) as session:
        told = [_told(explanation) for explanation in explain(session, ticket, at, target)]
        uncounted = [] if told else [_left_out(row) for row in why_under_none(session, ticket, at, target)]
    if as_json:
        print_json(told or uncounted)
        return
    for row in told:
        _tell(ticket, row)
    for row in uncounted:
        _tell_left_out(ticket, row)


def _told(explanation: Explanation) -> dict[str, Any]:
    return {
        "agreement": explanation.agreement.reference,
        "version": explanation.version.number,
        "in_force": explanation.in_force,
        "target": explanation.target.key,
        "promise": promise_of(explanation.target),
        "calendar": explanation.target.calendar,
        "zone": explanation.zone,
        "threshold_s": explanation.target.threshold_s,
        "counts": True,
        "consumed_s": explanation.consumed_s,
        "stopped": explanation.stopped,
        "outcome": None if explanation.outcome is None else explanation.outcome.name.lower(),
        "totals_s": {counting.value: explanation.total(counting) for counting in explanation.kinds},
        "ledger": [
            {
                "from": datetime.fromtimestamp(line.start, UTC).isoformat(),
                "to": datetime.fromtimestamp(line.end, UTC).isoformat(),
                "seconds": line.seconds,
                "counts": line.counting.value,
                "state": line.state,
                "why": line.why,
            }
            for line in explanation.lines
        ],
    }


def _left_out(uncounted: Uncounted) -> dict[str, Any]:
    return {
        "agreement": uncounted.agreement.reference,
        "version": uncounted.version.number,
        "in_force": uncounted.in_force,
        "target": uncounted.target.key,
        "promise": promise_of(uncounted.target),
        "counts": False,
        "why": uncounted.why,
    }


def _tell_left_out(ticket: str, told: dict[str, Any]) -> None:
    judged = "" if told["in_force"] else ", not in force when it was opened"
    out.print(
        f"{ticket} does not count under {told['target']} of {told['agreement']}, version "
        f"{told['version']}{judged}: {'; '.join(told['why'])}",
        markup=False,
        soft_wrap=True,
    )


def _tell(ticket: str, told: dict[str, Any]) -> None:
    judged = "" if told["in_force"] else ", not in force when it was opened"
    out.print(
        f"[bold]{escape(ticket)}[/bold] under {escape(told['agreement'])}, version {told['version']}{judged}"
    )
    out.print(
        f"{told['target']}: {told['promise']} on the calendar {told['calendar']!r}, times in {told['zone']}",
        markup=False,
        soft_wrap=True,
    )
    if told["ledger"]:
        out.print(_ledger(told))
    totals = ", ".join(f"{name} {duration(seconds)}" for name, seconds in told["totals_s"].items() if seconds)
    if told["outcome"] is None:
        state = "it is over" if told["stopped"] else "it still stands"
        out.print(f"{totals}; {duration(told['consumed_s'])} count as down, {state}")
        return
    if not told["ledger"]:
        totals = f"it {'stopped' if told['stopped'] else 'is looked at'} in the second in which it was opened"
    state = "stopped" if told["stopped"] else "still running"
    out.print(
        f"{totals}; consumed {duration(told['consumed_s'])} of {duration(told['threshold_s'])}, "
        f"{state}: {told['outcome']}"
    )


def _ledger(told: dict[str, Any]) -> Table:
    ledger = table("", "from", "to", "time", "counts as", "why", right=("time",))
    for line in told["ledger"]:
        ledger.add_row(
            _local(line["from"], told["zone"]),
            _local(line["to"], told["zone"]),
            duration(line["seconds"]),
            line["counts"],
            escape(line["why"]),
        )
    return ledger


def _local(instant: str, zone: str) -> str:
    return f"{datetime.fromisoformat(instant).astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
