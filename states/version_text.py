"""A version's text as a document, worked out from the plain data that is sealed."""

import json
from dataclasses import dataclass
from typing import Any

from models.sealing import version_contents
from models.version_words import PriorityChange, Reopening
from models.versions import AgreementVersion
from states.promises import promise_in
from states.trial_words import result_in_words, tried_in_words
from templates.render import day

_DAYS = {
    "mon": "Monday",
    "tue": "Tuesday",
    "wed": "Wednesday",
    "thu": "Thursday",
    "fri": "Friday",
    "sat": "Saturday",
    "sun": "Sunday",
}
_TITLES = {
    "SLA": "Service level agreement",
    "OLA": "Operational level agreement",
    "UC": "Underpinning contract",
}


@dataclass(frozen=True)
class Hours:
    """One calendar's service hours in a period.

    Attributes:
        since: the first date on which they hold; "" for the first ones.
        weekly: rows of days and windows, then breaks and the country whose holidays are closed.
        exceptions: what differs on single days.
    """

    name: str
    zone: str
    since: str
    weekly: list[tuple[str, str]]
    exceptions: list[tuple[str, str]]


@dataclass(frozen=True)
class Document:
    """The text of a version.

    Attributes:
        contents: as sealed (`models.sealing.version_contents`).
        promises: by target key.
    """

    contents: dict[str, Any]
    kind: str
    promises: dict[str, str]
    hours: list[Hours]

    @property
    def risks(self) -> list[dict[str, Any]]:
        """The targets that are offered although the evidence does not bear them out."""
        return [row for row in self.contents["targets"] if row["accepted_risk"]]

    @property
    def tried(self) -> str:
        """When the version was tried, and how surely; it must have been."""
        return tried_in_words(self.contents["trial"])

    @property
    def trial_results(self) -> list[tuple[str, str]]:
        """What the trial showed of each target as it was stated then, and what was chosen about it."""
        stated = {row["key"]: row for row in self.contents["targets"]}
        return [
            (
                f"{row['target']}, {promise_in({**stated[row['target']], **_as_tried(row)})}"
                if row["target"] in stated
                else row["target"],
                result_in_words(row, stated.get(row["target"])),
            )
            for row in self.contents["trial"]["results"]
        ]

    def uncounted(self, target: dict[str, Any]) -> str:
        """Return which time of a target's tickets does not count, and what becomes of it on a change."""
        words = ", ".join(target["pause_states"]).replace("_", " ") or "none"
        if target.get("reopening") == Reopening.RESET:
            words += "; a reopened ticket starts anew"
        if target.get("priority_change") == PriorityChange.REMAINING:
            words += "; a changed priority brings its own time limit"
        return words

    def duties(self, side: str) -> list[str]:
        """Return the responsibilities of one side."""
        return [row["text"] for row in self.contents["responsibilities"] if row["side"] == side]


def _as_tried(row: dict[str, Any]) -> dict[str, Any]:
    return {"threshold_s": row["threshold_s"], "objective": row["objective"]}


def document_of(version: AgreementVersion) -> Document:
    """Return the document of a version: what was sealed, or of a draft what it says now."""
    return document(json.loads(version.canonical) if version.canonical else version_contents(version))


def document(contents: dict[str, Any]) -> Document:
    """Return the document of a version's plain data."""
    return Document(
        contents,
        _TITLES.get(contents["kind"], contents["kind"]),
        {row["key"]: promise_in(row) for row in contents["targets"]},
        hours_of(contents["calendars"]),
    )


def hours_of(calendars: dict[str, Any]) -> list[Hours]:
    """Return the service hours of calendars' plain data, a row for each period in which they hold."""
    return [
        _hours(name, period)
        for name, hours in sorted(calendars.items())
        for period in [hours, *hours.get("changes", [])]
    ]


def _hours(name: str, hours: dict[str, Any]) -> Hours:
    weekly = hours.get("weekly", {})
    rows: list[tuple[str, str]] = []
    first = ""
    for weekday, name_of_day in _DAYS.items():
        windows = _windows(weekly.get(weekday, []))
        if rows and rows[-1][1] == windows:
            rows[-1] = (f"{first} to {name_of_day}", windows)
        else:
            first = name_of_day
            rows.append((first, windows))
    rows += [(f"Break: {told}", _break(taken)) for told, taken in hours.get("breaks", {}).items()]
    if country := hours.get("country"):
        place = ", ".join(part for part in (country, hours.get("subdivision")) if part)
        moved = "" if hours.get("observed", True) else ", on their own dates even at weekends"
        rows.append(("Public holidays", f"closed: those of {place}{moved}"))
    since = str(hours.get("valid_from", ""))
    return Hours(name, hours.get("zone", "UTC"), since, rows, _exceptions(hours))


def _break(taken: dict[str, Any]) -> str:
    days = ", ".join(_DAYS.get(str(each), str(each)) for each in taken.get("days", []))
    return f"{_windows(taken['windows'])}{f' on {days}' if days else ''}"


def _exceptions(hours: dict[str, Any]) -> list[tuple[str, str]]:
    found = [(str(when), "closed") for when in hours.get("holidays", [])]
    found += [(when, _windows(windows)) for when, windows in hours.get("part_days", {}).items()]
    found += [(when, f"also {_windows(windows)}") for when, windows in hours.get("extra_hours", {}).items()]
    return [(_date(when), windows) for when, windows in sorted(found)]


def _date(when: str) -> str:
    """A date in words; one of every year, such as 12-24, without a year."""
    if len(when) == len("MM-DD"):
        return day(f"2020-{when}").removesuffix(" 2020") + ", every year"
    return day(when)


def _windows(windows: list[str]) -> str:
    return ", ".join(window.replace("-", "–") for window in windows) or "closed"
