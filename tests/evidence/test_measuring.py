"""Stopwatches of tickets whose lives are told by a log: start, stop, pauses, reopening, cancelling."""

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from config.errors import BadInputError
from evidence.histories import TicketHistories
from evidence.importer import import_log
from evidence.measuring import Measurement, measure
from evidence.questions import Question
from levels.calendars import CalendarSpanError
from tests.evidence.logbook import DESK, day, march, office_hours, row, write_log

HOUR = 3_600
MONDAY = day(2, "09:00")
CALENDAR = office_hours()
PAUSES = ("awaiting_user", "awaiting_evidence")


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


def life(ticket: str, *updates: tuple[str, datetime], priority: str = "2") -> list[tuple[str, ...]]:
    steps = (("new", MONDAY), *updates)
    return [row(ticket, state, at, opened=MONDAY, priority=priority) for state, at in steps]


def resolution(histories: TicketHistories, threshold_h: float = 8, **population: str) -> Measurement:
    return measure(histories, CALENDAR, Question("resolution", population, int(threshold_h * HOUR), PAUSES))


def hours(measurement: Measurement) -> dict[str, float]:
    return dict(zip(measurement.external_ids, (measurement.consumed / HOUR).tolist(), strict=True))


def test_the_lives_of_six_tickets(engine: Engine, tmp_path: Path):
    rows = [
        *life(
            "straight", ("in_progress", day(2, "10:00")), ("resolved", day(2, "15:00")), ("closed", day(5))
        ),
        *life(
            "paused",
            ("awaiting_user", day(2, "10:00")),
            ("in_progress", day(3, "09:00")),
            ("resolved", day(3, "11:00")),
        ),
        *life("overnight", ("in_progress", day(2, "10:00")), ("resolved", day(3, "10:00"))),
        *life(
            "reopened",
            ("resolved", day(2, "11:00")),
            ("in_progress", day(4, "11:00")),
            ("resolved", day(4, "12:00")),
        ),
        *life("cancelled", ("in_progress", day(2, "10:00")), ("cancelled", day(2, "11:00"))),
        *life("open", ("in_progress", day(2, "10:00"))),
    ]
    import_log(engine, write_log(tmp_path / "log.csv", rows), DESK)

    on_friday = resolution(march(engine, as_of=day(6, "09:00")))
    assert hours(on_friday) == {"straight": 6, "paused": 3, "overnight": 11, "reopened": 3, "open": 40}
    assert on_friday.tally == (5, 3, 0), "the open ticket has used up its threshold: a miss already"

    on_tuesday = resolution(march(engine, as_of=day(3, "10:00")))
    assert hours(on_tuesday) == {"straight": 6, "paused": 2, "overnight": 11, "reopened": 2, "open": 11}
    assert on_tuesday.tally == (4, 2, 1), "nobody knows yet that one will be reopened"

    on_wednesday = resolution(march(engine, as_of=day(4, "11:30")))
    assert hours(on_wednesday)["reopened"] == 2.5
    assert not on_wednesday.stopped[on_wednesday.external_ids == "reopened"][0]


def test_response_stops_when_somebody_takes_the_ticket(engine: Engine, tmp_path: Path):
    rows = [
        *life("taken", ("in_progress", day(2, "11:00")), ("new", day(2, "12:00"))),
        *life("waiting"),
        *life("solved at once", ("resolved", day(2, "09:30"))),
    ]
    import_log(engine, write_log(tmp_path / "log.csv", rows), DESK)
    known = march(engine, as_of=day(2, "17:00"))
    answered = measure(known, CALENDAR, Question("response", {}, HOUR, PAUSES))
    assert hours(answered) == {"taken": 2, "waiting": 8, "solved at once": 0.5}
    assert answered.external_ids.tolist() == ["solved at once", "taken", "waiting"]
    assert answered.stopped.tolist() == [True, True, False]
    assert answered.tally == (3, 1, 0)


def test_a_population_takes_its_tickets_and_no_others(engine: Engine, tmp_path: Path):
    rows = [*life("first", priority="1"), *life("second"), *life("third", priority="3")]
    import_log(engine, write_log(tmp_path / "log.csv", rows), DESK)
    histories = march(engine, as_of=day(3))
    assert resolution(histories, priority="2").external_ids.tolist() == ["second"]
    assert len(histories.select({"priority": "2", "service": "Mail"})) == 0
    assert resolution(histories, priority="9").tally == (0, 0, 0)
    with pytest.raises(BadInputError, match="no attribute 'colour'; a population may name priority, service"):
        histories.select({"colour": "red"})


def test_a_calendar_that_ends_too_early_is_refused(engine: Engine, tmp_path: Path):
    import_log(engine, write_log(tmp_path / "log.csv", life("open")), DESK)
    with pytest.raises(CalendarSpanError):
        resolution(march(engine, as_of=datetime(2027, 1, 1, tzinfo=MONDAY.tzinfo)))


def test_the_hash_changes_with_whatever_the_figures_come_from(engine: Engine, tmp_path: Path):
    rows = [*life("T1", ("awaiting_user", day(2, "10:00")), ("resolved", day(2, "15:00"))), *life("T2")]
    import_log(engine, write_log(tmp_path / "log.csv", rows), DESK)
    known = march(engine, as_of=day(3))
    hashes = {
        resolution(known).inputs_sha256,
        resolution(known, threshold_h=9).inputs_sha256,
        resolution(known, priority="2").inputs_sha256,
        resolution(march(engine, as_of=day(4))).inputs_sha256,
        measure(known, CALENDAR, Question("resolution", {}, 8 * HOUR, ())).inputs_sha256,
        measure(known, CALENDAR, Question("response", {}, 8 * HOUR, PAUSES)).inputs_sha256,
    }
    assert len(hashes) == 6
    assert resolution(known).inputs_sha256 == resolution(march(engine, as_of=day(3))).inputs_sha256
