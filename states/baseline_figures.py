"""The shape of a baseline's figures: plain data that is frozen as JSON, shown on pages and in documents.

Times are working seconds on the calendar of the window unless a name says otherwise; shares lie between 0
and 1; instants are ISO 8601 in UTC, dates ISO 8601 in the window's zone; weekday 0 is Monday.
"""

from typing import Any, TypedDict


class Window(TypedDict):
    """The tickets that count: opened from `since` to `until` (exclusive), as known at `as_of`.

    `begins` is where the evidence begins: `since`, or the first ticket where the days before it cannot all
    have passed without one. `settled` is the end of the intake that targets are judged on: of tickets opened
    later only the quick ones are resolved yet.
    """

    since: str
    until: str
    as_of: str
    begins: str
    settled: str
    weeks: float
    zone: str
    calendar: str
    version: int


class Counts(TypedDict):
    """Tickets opened in the window; all but the cancelled ones had to be served."""

    opened: int
    cancelled: int
    served: int
    resolved: int
    open: int


class GapFigures(TypedDict):
    """The longest run of working days without a ticket; `expected` tickets at the rate of the others."""

    first: str
    last: str
    days: int
    expected: float
    improbable: bool


class Fitness(TypedDict):
    """Whether the evidence can be judged by: `verdict` is fit, fit with reservations, or not fit.

    `sentences` say what was looked at, `reasons` what speaks against; both stand without their full stops.
    Working days, coverage and the longest gap are counted from `window.begins`, `late_start` are the working
    days before it. `late_share` is of resolutions recorded over a day after they are said to have happened,
    `bulk_share` of those that stand at an instant with more of them than chance puts there.
    """

    verdict: str
    reasons: list[str]
    sentences: list[str]
    working_days: int
    days_with_tickets: int
    coverage: float
    late_start: GapFigures | None
    longest_gap: GapFigures | None
    unresolved_share: float
    cancelled_share: float
    at_opening_share: float
    bulk_share: float
    late_share: float


class PeakFigures(TypedDict):
    """A peak window: hours of the day from `start` to `end`, `ratio` times the average service hour."""

    name: str
    weekday: int
    start: int
    end: int
    tickets: int
    ratio: float
    weeks: int
    weeks_above: int
    inside: bool


class DemandFigures(TypedDict):
    """Demand by hour of the week: 7 rows of 24, Monday and midnight first.

    `counts` are tickets opened, `per_hour` the same for each hour watched, `service` how much of each hour
    are service hours (0 to 1). `rate` is of tickets in the average service hour. `bursts` are windows that
    would be peaks, had they recurred in most weeks.
    """

    counts: list[list[int]]
    per_hour: list[list[float]]
    service: list[list[float]]
    by_weekday: list[int]
    rate: float
    outside: int
    outside_share: float
    dispersion: float
    peaks: list[PeakFigures]
    bursts: list[PeakFigures]
    sentences: list[str]


class LineFigures(TypedDict):
    """A line or step: tickets that it resolved, and what those that go through it take.

    `share` is of all resolved tickets, `time_share` of the time of all lines, `delayed_share` of the tickets
    that go through.
    """

    line: str
    settled: int
    share: float
    tickets: int
    median_s: int
    p90_s: int
    p99_s: int
    time_share: float
    effective_share: float
    delayed: int
    delayed_share: float


class Lines(TypedDict):
    """Who resolves tickets, and the time of each step; `assumption` says how the lines were told."""

    rows: list[LineFigures]
    assumption: str
    supplier_wait_share: float
    sentences: list[str]


class ReopeningFigures(TypedDict):
    """Tickets that were resolved or closed and went on, and the working time that this added."""

    reopened: int
    ever_done: int
    share: float
    added_s: int
    added_share: float
    median_added_s: int
    sentence: str


class CategoryFigures(TypedDict):
    """A category's working time less pauses; `category` is "" for tickets without one."""

    category: str
    tickets: int
    seconds: int
    share: float
    median_s: int


class WeekdayFigures(TypedDict):
    """How the tickets opened on one weekday keep a target; `differs` as Fisher's test says (seven tests)."""

    weekday: int
    known: int
    hits: int
    share: float | None
    wilson: list[float]
    p_value: float
    differs: bool


class TargetRow(TypedDict):
    """A target of the draft, measured on the tickets opened until `window.settled`.

    `lower` and `upper` are the one-sided bounds of the verdict, `wilson` is for display. `median_s` and
    `p90_s` count open tickets as slower than all others: None where one of those is it. A target that does
    not measure tickets has neither these nor weekdays.
    """

    key: str
    promise: str
    objective: float
    threshold_s: int
    known: int
    hits: int
    undecided: int
    share: float | None
    wilson: list[float]
    lower: float
    upper: float
    verdict: str
    median_s: int | None
    p90_s: int | None
    by_weekday: list[WeekdayFigures]
    sentence: str


class Proposal(TypedDict):
    """What the figures suggest, as a sentence and as data.

    `kind` is one of `KINDS`, `title` its title; docs/baseline.md tells the `data` of each kind.
    """

    kind: str
    title: str
    text: str
    data: dict[str, Any]


KINDS = {
    "service hours": "Service hours",
    "weekday standard": "Standards by weekday",
    "first target": "First targets that the evidence bears out",
    "unstated need": "Needs that the data shows and nobody has stated",
    "requirement without target": "Requirements that no target expresses",
}
"""The kinds of proposals, each with its title."""


def proposal(kind: str, text: str, data: dict[str, Any]) -> Proposal:
    """Return a proposal of one of `KINDS`."""
    return Proposal(kind=kind, title=KINDS[kind], text=text, data=data)


class BaselineFigures(TypedDict):
    """All figures of a baseline."""

    window: Window
    tickets: Counts
    fitness: Fitness
    demand: DemandFigures
    lines: Lines
    reopenings: ReopeningFigures
    categories: list[CategoryFigures]
    targets: list[TargetRow]
    proposals: list[Proposal]
