"""Granite Works and its provider: the agreement they write down, and the tickets that come in."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import yaml

REFERENCE = "SLA-Granite"
MANAGER, HEAD = "Service manager", "Head of delivery"
OWNER, USER = "Business owner", "Quarry foreman"
OWNER_ADDRESS, HEAD_ADDRESS = "owner@granite.example", "head@harbour.example"
USER_ADDRESS, MANAGER_ADDRESS = "foreman@granite.example", "manager@harbour.example"
HEADER = (
    *("ticket", "state", "opened_at", "updated_at", "customer", "requester"),
    *("priority", "service", "category", "request_type", "group", "line"),
)


def agreement(*, settled: bool = True, **changes: Any) -> dict[str, Any]:
    """Return the agreement as a document; `changes` replace whole fields of it."""
    settlement = {"settlement": "accepted", "reason": "to be tried"} if settled else {}
    return {
        "reference": REFERENCE,
        "title": "Workplace services for Granite Works",
        "provider": {
            "name": "Harbour IT Services",
            "people": [
                {"name": MANAGER, "email": MANAGER_ADDRESS, "role": "manager"},
                {"name": HEAD, "email": HEAD_ADDRESS},
            ],
        },
        "customer": {
            "name": "Granite Works",
            "people": [
                {"name": OWNER, "email": OWNER_ADDRESS},
                {"name": USER, "email": USER_ADDRESS, "role": "user"},
            ],
        },
        "owner": MANAGER_ADDRESS,
        "services": ["Workplace"],
        "evidence_source": "sample",
        "trial_days": 21,
        "calendars": {
            "office": {
                "zone": "UTC",
                "weekly": {day: ["08:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")},
            }
        },
        "targets": [
            _target("P2", priority="2", threshold="8 h"),
            _target("P3", priority="3", threshold="24 h"),
        ],
        "requirements": [
            {"text": "Urgent faults are mended the same day", "target": "P2", **settlement},
            {"text": "Other faults within three days", "target": "P3", **settlement},
        ],
        "responsibilities": [
            {"side": "provider", "text": "Record every ticket as it changes"},
            {"side": "customer", "text": "Answer questions on a ticket"},
        ],
        "signatories": [
            {"email": HEAD_ADDRESS, "side": "provider"},
            {"email": OWNER_ADDRESS, "side": "customer"},
        ],
    } | changes


def _target(key: str, *, priority: str, threshold: str) -> dict[str, Any]:
    return {
        "id": key,
        "population": {"priority": priority},
        "threshold": threshold,
        "objective": "90 %",
        "calendar": "office",
    }


def write_agreement(path: Path, *, settled: bool = True, **changes: Any) -> Path:
    path.write_text(yaml.safe_dump(agreement(settled=settled, **changes), sort_keys=False), "utf-8")
    return path


@dataclass(frozen=True)
class Morning:
    """Tickets of one priority that come in every working day at nine, and the working hours each takes."""

    priority: str
    hours: tuple[float, ...]


def write_tickets(
    path: Path, first: date, last: date, *mornings: Morning, until: datetime | None = None
) -> Path:
    """Write the log of the tickets opened from `first` to `last`, as the mapping `sample` reads it.

    What happens after `until` has not happened yet.
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for day in _working_days(first, last):
            opened = datetime.combine(day, time(9, tzinfo=UTC))
            for morning in mornings:
                for number, hours in enumerate(morning.hours, 1):
                    ticket = f"{day:%m%d}-P{morning.priority}-{number}"
                    life = _life(ticket, morning.priority, opened, hours)
                    writer.writerows(row for at, row in life if until is None or at <= until)
    return path


def _life(ticket: str, priority: str, opened: datetime, hours: float) -> Iterable[tuple[datetime, list[str]]]:
    for state, at in (
        ("new", opened),
        ("in progress", opened),
        ("resolved", _after(opened, hours)),
        ("closed", _after(opened, hours) + timedelta(hours=1)),
    ):
        who = [ticket, state, opened.isoformat(), at.isoformat(), "Granite Works", USER]
        yield at, [*who, priority, "Workplace", "Laptop", "incident", "Service desk", "1"]


def _after(opened: datetime, hours: float) -> datetime:
    """Return the instant so many office hours later; the office is open from 8 to 18 on weekdays."""
    at, left = opened, timedelta(hours=hours)
    while (rest := at.replace(hour=18) - at) < left:
        left -= rest
        at = at.replace(hour=8) + timedelta(days=1 if at.weekday() < 4 else 7 - at.weekday())
    return at + left


def _working_days(first: date, last: date) -> Iterable[date]:
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return (day for day in days if day.weekday() < 5)
