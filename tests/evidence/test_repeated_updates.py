"""Updates that say what was known already: no interval begins with them, and yet somebody gave news."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlmodel import col

from evidence.exclusions import ExcludedTime
from evidence.histories import UPDATES, TicketHistories
from evidence.importer import import_log
from evidence.mapping_schema import Columns
from evidence.mappings import load_mapping
from evidence.measuring import Measurement, measure
from evidence.questions import Question
from evidence.store import read_histories, read_together
from levels.stopwatches import Outcome
from models.database import reading
from models.evidence import TicketUpdate
from tests.evidence.logbook import DESK, day, intervals, office_hours, row, seconds, write_log
from tests.evidence.test_changelog_lines import change, issue
from tests.evidence.ticket_lives import CALENDAR, EXCLUSIONS, HOUR, LIVES, QUESTIONS, Step, told

NEWS = Question("next update", {}, 4 * HOUR, ("awaiting_user",))
RESOLVED = Question("resolution", {}, 8 * HOUR, ("awaiting_user",))
OPENED, APRIL = day(2, "09:00"), datetime(2026, 4, 1, tzinfo=day(1).tzinfo)


def happened(clock: str, state: str, ticket: str = "T1") -> tuple[str, ...]:
    return row(ticket, state, day(2, clock), opened=OPENED)


CHECKED = {"service": "endpoint", "updated_at": "at", "state": "state"}
REGULAR = [
    happened("09:00", "new"),
    happened("09:30", "in_progress"),
    happened("12:00", "in_progress"),
    happened("15:00", "in_progress"),
    happened("17:00", "resolved"),
]


def brought(engine: Engine, folder: Path, rows: Sequence[tuple[str, ...]], batch_rows: int = 1_000) -> None:
    import_log(engine, write_log(folder / "log.csv", rows), DESK, batch_rows=batch_rows)


def read(engine: Engine, as_of: datetime = APRIL, details: Sequence[str] = (UPDATES,)) -> TicketHistories:
    with reading(engine) as session:
        return read_histories(session, "desk", "Hospital", day(1), APRIL, as_of, details)


def waits(engine: Engine, as_of: datetime = APRIL) -> Measurement:
    return measure(read(engine, as_of), office_hours(), NEWS)


def hours(measurement: Measurement) -> list[float]:
    return [float(seconds) / HOUR for seconds in measurement.consumed]


def updates(engine: Engine) -> list[str]:
    """The instants of the updates that began no interval, and when they were known."""
    at, known_at = col(TicketUpdate.at), col(TicketUpdate.known_at)
    with reading(engine) as session:
        found = session.execute(select(at, known_at).order_by(col(TicketUpdate.ticket_id), at)).all()
    return [f"{made:%H:%M} known {known:%H:%M}" for made, known in found]


def test_a_desk_that_gives_news_regularly_is_in_time(engine: Engine, tmp_path: Path):
    brought(engine, tmp_path, REGULAR)
    assert [state for state, _, _ in intervals(engine)] == ["new", "in_progress", "resolved"]
    found = waits(engine)
    assert hours(found) == [3] and found.outcomes.tolist() == [Outcome.HIT], "not from 9:30 to 17:00"
    assert (found.start[0], found.stop[0]) == (seconds(2, "12:00"), seconds(2, "15:00"))


def test_the_same_log_twice_or_in_small_batches_tells_the_same_updates(engine: Engine, tmp_path: Path):
    scattered = [
        happened(clock, state, ticket)
        for clock, state in [("09:00", "new"), *[(f"{hour}:00", "in_progress") for hour in range(10, 17)]]
        for ticket in ("T1", "T2", "T3")
    ]
    brought(engine, tmp_path, scattered, batch_rows=2)
    once, of_intervals = updates(engine), intervals(engine)
    assert once == [f"{hour}:00 known {hour}:00" for hour in range(11, 17)] * 3
    brought(engine, tmp_path, scattered)
    brought(engine, tmp_path, scattered[9:])
    assert (updates(engine), intervals(engine)) == (once, of_intervals)


def test_one_update_told_twice_in_one_file_is_one(engine: Engine, tmp_path: Path):
    brought(engine, tmp_path, [*REGULAR[:3], REGULAR[2], *REGULAR[2:]])
    assert updates(engine) == ["12:00 known 12:00", "15:00 known 15:00"]


def test_a_row_that_was_an_interval_and_then_a_repeat_is_one_update(engine: Engine, tmp_path: Path):
    brought(engine, tmp_path, REGULAR[2:])  # the rest comes first: its first row begins an interval
    brought(engine, tmp_path, REGULAR)
    assert "12:00 known 12:00" in updates(engine) and day(2, "12:00") in [
        at for _, at, _ in intervals(engine)
    ]
    found = waits(engine)
    assert hours(found) == [3]
    assert (found.start[0], found.stop[0]) == (seconds(2, "12:00"), seconds(2, "15:00"))


def test_a_late_row_is_an_update_since_it_was_recorded(engine: Engine, tmp_path: Path):
    late = [
        *REGULAR[:2],
        REGULAR[3],
        REGULAR[2],
        REGULAR[4],
    ]  # the note of 12:00 was written down after 15:00
    brought(engine, tmp_path, late)
    assert updates(engine) == ["12:00 known 15:00", "15:00 known 15:00"]
    assert hours(waits(engine, day(2, "14:59"))) == [5 + 29 / 60], "nobody knew of it yet"
    assert hours(waits(engine, day(2, "15:00"))) == [3]


def test_as_of_an_instant_no_later_update_is_known(engine: Engine, tmp_path: Path):
    brought(engine, tmp_path, REGULAR)
    known = [(11, 1.5), (12, 2.5), (14, 2.5), (16, 3)]
    assert [hours(waits(engine, day(2, f"{hour}:00"))) for hour, _ in known] == [[wait] for _, wait in known]
    before = waits(engine, day(2, "14:00"))
    brought(engine, tmp_path, [*REGULAR, happened("17:30", "resolved")])
    assert waits(engine, day(2, "14:00")).inputs_sha256 == before.inputs_sha256


def test_what_follows_the_resolution_or_the_last_reopening_is_no_wait(engine: Engine, tmp_path: Path):
    noted = [*REGULAR[:2], happened("10:00", "resolved"), happened("16:00", "resolved")]
    brought(engine, tmp_path, noted)
    assert hours(waits(engine)) == [0.5]
    again = [*noted, happened("16:30", "in_progress"), happened("17:00", "in_progress")]
    brought(engine, tmp_path, [*again, happened("17:40", "resolved")])
    anew = measure(read(engine), office_hours(), replace(NEWS, reopening="reset"))
    assert hours(anew) == [40 / 60] and anew.start[0] == seconds(2, "17:00")


def test_only_who_asks_for_updates_reads_them_and_no_other_figure_changes(engine: Engine, tmp_path: Path):
    brought(engine, tmp_path, REGULAR)
    assert not len(read(engine, details=()).update_at) and UPDATES not in RESOLVED.details
    assert UPDATES in NEWS.details
    with_them, without = read(engine), read(engine, details=())
    for question in (RESOLVED, Question("response", {}, HOUR, ())):
        hashes = {measure(some, CALENDAR, question).inputs_sha256 for some in (with_them, without)}
        assert len(hashes) == 1
    assert waits(engine).inputs_sha256 != measure(without, CALENDAR, NEWS).inputs_sha256


def test_the_hash_covers_each_update_and_is_as_ever_without_any(engine: Engine, tmp_path: Path):
    brought(engine, tmp_path, [REGULAR[0], REGULAR[1], REGULAR[4]])
    plain = waits(engine)
    assert plain.inputs_sha256 == measure(read(engine, details=()), office_hours(), NEWS).inputs_sha256
    brought(engine, tmp_path, [*REGULAR[:2], happened("09:40", "in_progress"), REGULAR[4]])
    one = waits(engine)
    brought(engine, tmp_path, [*REGULAR[:2], happened("09:50", "in_progress")])
    more = waits(engine)
    assert len({found.inputs_sha256 for found in (plain, one, more)}) == 3


def test_customers_read_together_have_their_own_updates(engine: Engine, tmp_path: Path):
    rows = [
        row(f"{customer}-{number}", state, day(2, clock), opened=OPENED, customer=customer)
        for customer in ("Dairy", "Hospital", "Quarry")
        for number in range(1 + len(customer) % 3)
        for clock, state in [("09:00", "new"), ("10:00", "new"), (f"1{len(customer) % 4}:30", "new")]
    ]
    brought(engine, tmp_path, rows)
    customers = ["Quarry", "Dairy", "Hospital", "Nobody"]
    window = day(1), APRIL, day(3)
    with reading(engine) as session:
        read = read_together(session, "desk", customers, *window, [UPDATES])
        together = {name: read.of(name) for name in customers}
        alone = {name: read_histories(session, "desk", name, *window, [UPDATES]) for name in customers}
    for name in customers:
        for column in ("update_ticket", "update_at", "interval_ticket"):
            assert np.array_equal(getattr(together[name], column), getattr(alone[name], column)), (
                name,
                column,
            )
    assert len(together["Hospital"].update_at) == 2 * len(together["Hospital"])
    some = together["Hospital"].where(together["Hospital"].external_ids != "Hospital-0")
    assert some.update_ticket.tolist() == [n for n in range(len(some)) for _ in range(2)]


def test_in_a_nested_history_a_change_of_any_other_field_is_an_update(engine: Engine, tmp_path: Path):
    written_to = issue(
        change("08:00", ("summary", "a", "b")),  # copied from another project, older than the issue itself
        change("09:30", ("status", "Open", "In Progress")),
        change("12:00", ("description", "a", "b"), ("labels", "", "ward")),
        change("15:00", ("assignee", None, "Second line")),
        change("17:00", ("status", "In Progress", "Resolved"), ("resolution", None, "Done")),
    )
    path = tmp_path / "search.json"
    path.write_text(json.dumps({"issues": [written_to]}))
    for _ in range(2):
        summary = import_log(engine, path, load_mapping("jira"))
    assert (summary.rejected, summary.new_intervals) == (0, 0)
    assert updates(engine) == ["12:00 known 12:00", "15:00 known 15:00"]


def test_a_check_that_finds_an_endpoint_still_down_is_no_update(engine: Engine, tmp_path: Path):
    clocks = ["10:00", "10:05", "10:10", "10:15", "10:20"]
    checks = [("shop", f"2026-03-02T{clock}Z", "new") for clock in clocks]
    mapping = DESK.model_copy(update={"shape": "checks", "columns": Columns(**CHECKED)})
    for rows in (checks[:3], checks[3:]):
        log = write_log(tmp_path / "checks.csv", rows, ("endpoint", "at", "state"))
        import_log(engine, log, mapping, batch_rows=1)
    assert len(intervals(engine)) == 1 and updates(engine) == []


@settings(max_examples=150)
@given(LIVES, QUESTIONS, EXCLUSIONS, st.data())
def test_an_update_counts_as_an_interval_that_repeats_the_one_before(
    lives: list[list[Step]], question: Question, exclusions: Sequence[ExcludedTime], data: st.DataObject
):
    waited = replace(question, indicator="next update", priority_change="opening")
    repeating = [_with_repeats(steps, data) for steps in lives]
    as_intervals = measure(told(repeating), CALENDAR, waited, exclusions)
    as_updates = measure(_without_repeats(told(repeating)), CALENDAR, waited, exclusions)
    assert as_updates.consumed.tolist() == as_intervals.consumed.tolist()
    assert as_updates.stopped.tolist() == as_intervals.stopped.tolist()
    assert as_updates.external_ids.tolist() == as_intervals.external_ids.tolist()


def _with_repeats(steps: list[Step], data: st.DataObject) -> list[Step]:
    repeated: list[Step] = []
    for step in steps:
        repeated.append(step)
        for later in data.draw(st.lists(st.integers(0, 600), max_size=2)):
            repeated.append(replace(step, later=later))
    return repeated


def _without_repeats(histories: TicketHistories) -> TicketHistories:
    """The same with what repeats the interval before as updates."""
    ticket, code = histories.interval_ticket, histories.interval_code
    repeats = np.zeros(len(ticket), dtype=np.bool_)
    repeats[1:] = (ticket[1:] == ticket[:-1]) & (code[1:] == code[:-1])
    for column in histories.details.values():
        repeats[1:] &= column[1:] == column[:-1]
    begins = ~repeats
    starts = histories.interval_start[begins]
    ends = np.append(starts[1:], histories.as_of)
    ends[:-1][ticket[begins][1:] != ticket[begins][:-1]] = histories.as_of
    made = np.unique(np.column_stack([ticket[repeats], histories.interval_start[repeats]]), axis=0)
    return replace(
        histories,
        interval_ticket=ticket[begins],
        interval_code=code[begins],
        interval_start=starts,
        interval_end=ends,
        details={name: column[begins] for name, column in histories.details.items()},
        update_ticket=made[:, 0],
        update_at=made[:, 1],
        derived={},
    )
