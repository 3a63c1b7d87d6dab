"""A version's text as a document, worked out from the plain data that is sealed."""

from dataclasses import dataclass
from typing import Any

from models.versions import Indicator
from states.promises import promise

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
    """One calendar's service hours: weekly rows (days, windows), and what differs on single days."""

    name: str
    zone: str
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

    def duties(self, side: str) -> list[str]:
        """Return the responsibilities of one side."""
        return [row["text"] for row in self.contents["responsibilities"] if row["side"] == side]


def document(contents: dict[str, Any]) -> Document:
    """Return the document of a version's plain data."""
    return Document(
        contents,
        _TITLES.get(contents["kind"], contents["kind"]),
        {
            row["key"]: promise(
                Indicator(row["indicator"]), row["population"], row["threshold_s"], row["objective"]
            )
            for row in contents["targets"]
        },
        [_hours(name, hours) for name, hours in sorted(contents["calendars"].items())],
    )


def _hours(name: str, hours: dict[str, Any]) -> Hours:
    weekly = hours.get("weekly", {})
    rows: list[tuple[str, str]] = []
    first = ""
    for day, name_of_day in _DAYS.items():
        windows = _windows(weekly.get(day, []))
        if rows and rows[-1][1] == windows:
            rows[-1] = (f"{first} to {name_of_day}", windows)
        else:
            first = name_of_day
            rows.append((first, windows))
    return Hours(name, hours.get("zone", "UTC"), rows, _exceptions(hours))


def _exceptions(hours: dict[str, Any]) -> list[tuple[str, str]]:
    found = [(str(day), "closed") for day in hours.get("holidays", [])]
    found += [(day, _windows(windows)) for day, windows in hours.get("part_days", {}).items()]
    found += [(day, f"also {_windows(windows)}") for day, windows in hours.get("extra_hours", {}).items()]
    return sorted(found)


def _windows(windows: list[str]) -> str:
    return ", ".join(window.replace("-", "–") for window in windows) or "closed"
