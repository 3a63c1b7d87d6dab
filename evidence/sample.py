"""The sample year: an audit log and ratings, drawn from the parameters in `evidence.sample_truth`."""

import csv
import gzip
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from io import TextIOWrapper
from pathlib import Path

import numpy as np

from config.errors import BadInputError
from evidence.histories import Ints, Texts
from evidence.sample_lives import Lives, draw_lives, midnight
from evidence.sample_ratings import INDICATORS, draw_ratings
from evidence.sample_truth import CUSTOMERS, SERVICE_HOURS
from levels.calendars import Calendar

_LONGEST_LIFE_DAYS = 400
_LOG_COLUMNS = (
    *("ticket", "state", "opened_at", "updated_at", "customer", "requester"),
    *("priority", "service", "category", "request_type", "group", "line"),
)


@dataclass(frozen=True)
class SampleFiles:
    """What was generated.

    Attributes:
        log: audit log for the mapping `sample`, packed.
        satisfaction: ratings of closed tickets, from 1 to 5.
        first_day, last_day: the days on which tickets were opened.
        tickets: how many.
    """

    log: Path
    satisfaction: Path
    first_day: date
    last_day: date
    tickets: int


def generate_sample(
    folder: Path,
    *,
    seed: int = 7,
    until: date,
    days: int = 365,
    progress: Callable[[int, int], None] | None = None,
) -> SampleFiles:
    """Write the sample year into a folder; the same seed and dates give the same bytes.

    Args:
        folder: made if need be; files of an earlier sample are replaced.
        seed: of every draw.
        until: the last day; nothing that happens after it is known.
        days: how many days there are.
        progress: told how many of the steps are done, of how many.

    Raises:
        BadInputError: if there are no days, or the folder cannot be written.
    """
    if days < 1:
        raise BadInputError(f"a sample needs at least one day, not {days}")
    first = until - timedelta(days=days - 1)
    cutoff = midnight(until + timedelta(days=1))
    calendar = Calendar.compile(SERVICE_HOURS, first, until + timedelta(days=_LONGEST_LIFE_DAYS))
    steps = len(CUSTOMERS) + 1
    lives: list[Lives] = []
    for number, customer in enumerate(CUSTOMERS):
        rng = np.random.default_rng([seed, number])
        lives.append(draw_lives(rng, customer, calendar, first, days))
        if progress:
            progress(number + 1, steps)
    names = _external_ids(lives)
    log, satisfaction = folder / "tickets.csv.gz", folder / "satisfaction.csv"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write_log(log, lives, names, cutoff)
        _write_ratings(satisfaction, lives, names, cutoff, seed)
    except OSError as error:
        raise BadInputError(f"sample folder {folder}: {error.strerror}") from None
    if progress:
        progress(steps, steps)
    return SampleFiles(log, satisfaction, first, until, sum(len(life.opened_at) for life in lives))


def _external_ids(lives: Sequence[Lives]) -> list[Texts]:
    """Numbers in the order of opening, whoever the customer is; a column for each customer."""
    opened = np.concatenate([life.opened_at for life in lives])
    rank = np.empty(len(opened), dtype=np.int64)
    rank[np.argsort(opened, kind="stable")] = np.arange(1, len(opened) + 1)
    names = np.array([f"T-{number:05d}" for number in rank.tolist()], dtype=object)
    ends = np.cumsum([len(life.opened_at) for life in lives])
    return np.split(names, ends[:-1])


def _write_log(path: Path, lives: Sequence[Lives], names: Sequence[Texts], cutoff: int) -> None:
    rows: list[tuple[int, str, int, list[str]]] = []
    for life, name in zip(lives, names, strict=True):
        opened, updated = _iso(life.opened_at), _iso(life.at)
        columns = [life.attributes[attribute] for attribute in ("requester", *_LOG_COLUMNS[6:10])]
        for order in np.flatnonzero(life.at < cutoff).tolist():
            ticket = life.ticket[order]
            state, *carried_by = life.said[order]
            which = [name[ticket], state, opened[ticket], updated[order], life.customer.name]
            what = [column[ticket] for column in columns]
            rows.append((int(life.at[order]), name[ticket], order, [*which, *what, *carried_by]))
    rows.sort()
    # without a file name and a time in its header, the same content is packed into the same bytes
    with (
        path.open("wb") as raw,
        gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed,
        TextIOWrapper(packed, encoding="utf-8", newline="") as text,
    ):
        writer = csv.writer(text)
        writer.writerow(_LOG_COLUMNS)
        writer.writerows(cells for *_, cells in rows)


def _write_ratings(
    path: Path, lives: Sequence[Lives], names: Sequence[Texts], cutoff: int, seed: int
) -> None:
    rows: list[list[str | int]] = []
    for number, (life, name) in enumerate(zip(lives, names, strict=True)):
        rng = np.random.default_rng([seed, number, 1])
        closed, requester = _iso(life.closed_at), life.attributes["requester"]
        for ticket, scores, comment in draw_ratings(rng, life):
            if life.closed_at[ticket] < cutoff:
                who = name[ticket], life.customer.name, requester[ticket], closed[ticket]
                rows.append([*who, *scores, comment])
    rows.sort(key=lambda row: (row[3], row[0]))
    with path.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(["ticket", "customer", "requester", "closed_at", *INDICATORS, "comment"])
        writer.writerows(rows)


def _iso(instants: Ints) -> list[str]:
    return [f"{datetime.fromtimestamp(instant, UTC):%Y-%m-%dT%H:%M:%SZ}" for instant in instants.tolist()]
