"""What the evidence tests share: small audit logs, instants, and a calendar."""

import csv
import gzip
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import Engine, select
from sqlmodel import col

from evidence.histories import TicketHistories
from evidence.mappings import Mapping
from evidence.store import read_histories
from levels.calendars import Calendar
from levels.working_hours import WorkingHours
from models.database import reading
from models.evidence import TicketInterval, TicketState

HEADER = ("id", "state", "opened", "updated", "customer", "priority", "group")
DESK = Mapping.model_validate(
    {
        "name": "desk",
        "columns": {
            "external_id": "id",
            "state": "state",
            "opened_at": "opened",
            "updated_at": "updated",
            "customer": "customer",
            "priority": "priority",
            "group": "group",
        },
        "states": {state.value: state for state in TicketState},
    }
)
"""A log whose words are the store's own."""

OFFICE_HOURS = WorkingHours(
    zone="UTC", weekly={day: ["08:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
)


def day(number: int, clock: str = "00:00") -> datetime:
    """A time in March 2026, whose 2nd is a Monday."""
    hour, minute = clock.split(":")
    return datetime(2026, 3, number, int(hour), int(minute), tzinfo=UTC)


def seconds(number: int, clock: str = "00:00") -> int:
    return int(day(number, clock).timestamp())


def office_hours(first: date = date(2026, 2, 1), last: date = date(2026, 6, 1)) -> Calendar:
    return Calendar.compile(OFFICE_HOURS, first, last)


def row(
    ticket: str,
    state: str,
    updated: datetime,
    *,
    opened: datetime,
    customer: str = "Hospital",
    priority: str = "2",
    group: str = "Desk",
) -> tuple[str, ...]:
    return ticket, state, f"{opened:%Y-%m-%dT%H:%MZ}", f"{updated:%Y-%m-%dT%H:%MZ}", customer, priority, group


def write_log(path: Path, rows: Sequence[Sequence[str]], header: Sequence[str] = HEADER) -> Path:
    packed = path.suffix == ".gz"
    with gzip.open(path, "wt", newline="") if packed else path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
    return path


def march(
    engine: Engine, as_of: datetime, customer: str = "Hospital", source: str = "desk"
) -> TicketHistories:
    """The customer's tickets of March 2026 as they were known."""
    with reading(engine) as session:
        return read_histories(session, source, customer, day(1), datetime(2026, 4, 1, tzinfo=UTC), as_of)


def intervals(engine: Engine) -> list[tuple[str, datetime, datetime]]:
    """State, start and instant of knowledge of every interval, in the order of time."""
    columns = col(TicketInterval.state), col(TicketInterval.started_at), col(TicketInterval.known_at)
    with reading(engine) as session:
        return [
            (str(state), at, known)
            for state, at, known in session.execute(
                select(*columns).order_by(*columns[1:], col(TicketInterval.id))
            )
        ]
