"""The sample year: the same for the same seed, true to its parameters, and with its three stories in it."""

import csv
import gzip
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine

from config.errors import BadInputError
from config.policy import load_policy
from evidence.histories import TicketHistories
from evidence.importer import ImportSummary, import_log
from evidence.mappings import load_mapping
from evidence.measuring import Measurement, measure
from evidence.questions import Question
from evidence.sample import SampleFiles, generate_sample
from evidence.sample_truth import CUSTOMERS, LIFE, SERVICE_HOURS, SERVICES, THRESHOLDS_S, TICKETS_A_MONTH
from evidence.store import read_histories
from levels.calendars import Calendar
from levels.verdicts import Verdict, verdict
from models.database import open_engine, reading, upgrade

LAST = date(2026, 1, 31)
CUTOFF = datetime(2026, 2, 1, tzinfo=UTC)
CALENDAR = Calendar.compile(SERVICE_HOURS, date(2025, 1, 1), date(2026, 12, 31))
HOSPITAL, WORKS, SCHOOLS = CUSTOMERS


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> SampleFiles:
    return generate_sample(tmp_path_factory.mktemp("sample"), until=LAST)


@pytest.fixture(scope="module")
def year(files: SampleFiles) -> Iterator[tuple[Engine, ImportSummary]]:
    engine = open_engine(f"sqlite:///{files.log.parent / 'sample.db'}")
    upgrade(engine)
    yield engine, import_log(engine, files.log, load_mapping("sample"), rejected_folder=files.log.parent)
    engine.dispose()


def tickets(
    engine: Engine, customer: str, first: date, last: date, as_of: datetime = CUTOFF
) -> TicketHistories:
    begin, end = (datetime(day.year, day.month, day.day, tzinfo=UTC) for day in (first, last))
    with reading(engine) as session:
        return read_histories(session, "sample", customer, begin, end, as_of)


def resolution(histories: TicketHistories, priority: str) -> Measurement:
    pauses = load_policy().stopwatch.pause_states
    question = Question("resolution", {"priority": priority}, THRESHOLDS_S[priority], pauses)
    return measure(histories, CALENDAR, question)


def ratings(files: SampleFiles) -> list[dict[str, str]]:
    with files.satisfaction.open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_same_seed_and_dates_give_the_same_bytes(files: SampleFiles, tmp_path: Path):
    steps: list[tuple[int, int]] = []
    again = generate_sample(
        tmp_path / "again", until=LAST, progress=lambda done, total: steps.append((done, total))
    )
    other = generate_sample(tmp_path / "other", until=LAST, seed=8)
    assert again.log.read_bytes() == files.log.read_bytes() != other.log.read_bytes()
    assert (
        again.satisfaction.read_bytes() == files.satisfaction.read_bytes() != other.satisfaction.read_bytes()
    )
    assert steps[-1] == (4, 4)


def test_a_year_of_three_customers(files: SampleFiles, year: tuple[Engine, ImportSummary]):
    engine, summary = year
    assert (files.first_day, files.last_day) == (date(2025, 2, 1), LAST)
    assert summary.tickets == files.tickets and 4_700 < files.tickets < 5_400
    assert 18_000 < summary.rows < 27_000 and summary.rejected == 0
    for customer in CUSTOMERS:
        histories = tickets(engine, customer.name, date(2025, 2, 1), date(2026, 2, 1))
        assert set(histories.attributes["requester"]) == {customer.requester.format(n + 1) for n in range(20)}
        assert set(histories.attributes["service"]) == set(SERVICES)
        for priority, a_month in TICKETS_A_MONTH.items():
            found = len(histories.select({"priority": priority}))
            assert abs(found - 12 * a_month) < 4 * (12 * a_month) ** 0.5, "Poisson, four standard deviations"


def test_mondays_are_the_busiest_and_the_night_is_quiet(year: tuple[Engine, ImportSummary]):
    opened = tickets(year[0], HOSPITAL.name, date(2025, 2, 1), date(2026, 2, 1)).opened_at
    weekday, hour = (opened // 86_400 + 3) % 7, opened % 86_400 // 3_600
    counts = np.bincount(weekday, minlength=7)
    assert counts.argmax() == 0 and counts[5:].sum() < 0.1 * counts.sum()
    assert np.mean((hour >= 7) & (hour < 18)) > 0.85


def test_nothing_is_known_after_the_last_day(files: SampleFiles):
    with gzip.open(files.log, "rt", newline="") as log:
        rows = list(csv.DictReader(log))
    instants = [datetime.fromisoformat(row["updated_at"]) for row in rows]
    assert instants == sorted(instants) and instants[-1] < CUTOFF
    closed = {row["ticket"]: row["updated_at"] for row in rows if row["state"] == "closed"}
    assert 0 < len({row["ticket"] for row in rows} - closed.keys()) < 250, "some tickets are still open"
    for rating in ratings(files):
        assert closed[rating["ticket"]] == rating["closed_at"]


def test_shares_in_time_are_what_the_parameters_say(year: tuple[Engine, ImportSummary]):
    """Each half of the year by itself, for the schools' team leaves in between."""
    first, left = date(2025, 2, 1), date(2025, 2, 1) + timedelta(days=210)
    for customer in CUSTOMERS:
        for begin, end, day in ((first, left, 0), (left, date(2026, 1, 1), 210)):
            histories = tickets(year[0], customer.name, begin, end)
            for priority, threshold in THRESHOLDS_S.items():
                truth = customer.share_within(priority, threshold, day)
                known, hits, undecided = resolution(histories, priority).tally
                spread = (truth * (1 - truth) / known) ** 0.5
                assert undecided <= 1
                assert abs(hits / known - truth) < 4 * spread + 1 / known, (customer.name, priority, day)
                if (customer, priority) != (WORKS, "2") and not (
                    customer is SCHOOLS and day and priority in "23"
                ):
                    assert truth > 0.96


def test_pauses_reopening_and_cancelling_are_as_frequent_as_the_parameters_say(files: SampleFiles):
    lives: dict[str, list[str]] = {}
    with gzip.open(files.log, "rt", newline="") as log:
        for row in csv.DictReader(log):
            lives.setdefault(row["ticket"], []).append(row["state"])
    states = list(lives.values())
    assert np.mean(["awaiting user" in life for life in states]) == pytest.approx(
        LIFE.awaiting_user, abs=0.025
    )
    assert np.mean([life.count("resolved") > 1 for life in states]) == pytest.approx(LIFE.reopened, abs=0.012)
    assert np.mean(["cancelled" in life for life in states]) == pytest.approx(LIFE.cancelled, abs=0.008)


def test_a_trial_of_the_works_finds_priority_2_not_met(year: tuple[Engine, ImportSummary]):
    trial = tickets(
        year[0], WORKS.name, date(2025, 2, 15), date(2025, 3, 8), datetime(2025, 4, 5, tzinfo=UTC)
    )
    known, hits, undecided = resolution(trial, "2").tally
    assert undecided == 0 and verdict(hits, known, 0.9) is Verdict.NOT_MET


def test_the_schools_hold_until_their_team_leaves(year: tuple[Engine, ImportSummary]):
    before = resolution(tickets(year[0], SCHOOLS.name, date(2025, 3, 1), date(2025, 8, 1)), "2").tally
    after = resolution(tickets(year[0], SCHOOLS.name, date(2025, 10, 1), date(2025, 12, 1)), "2").tally
    assert verdict(before.hits, before.known, 0.9) is Verdict.MET
    assert verdict(after.hits, after.known, 0.9) is Verdict.NOT_MET


def test_the_hospital_is_green_and_unhappy(files: SampleFiles, year: tuple[Engine, ImportSummary]):
    whole = tickets(year[0], HOSPITAL.name, date(2025, 2, 1), date(2025, 12, 1))
    for priority in THRESHOLDS_S:
        known, hits, _ = resolution(whole, priority).tally
        assert verdict(hits, known, 0.9) is Verdict.MET
    for customer in CUSTOMERS:
        own = [rating for rating in ratings(files) if rating["customer"] == customer.name]
        assert len(own) > 250
        for indicator in ("overall", "speed", "quality", "information"):
            truth = getattr(customer.satisfaction, indicator)
            share = np.mean([int(rating[indicator]) >= 4 for rating in own])
            assert abs(share - truth) < 4 * (truth * (1 - truth) / len(own)) ** 0.5
            assert {rating[indicator] for rating in own} == set("12345")
    assert (
        HOSPITAL.satisfaction.overall
        < load_policy().surveys.standards.monitoring
        < WORKS.satisfaction.overall
    )


def test_the_parameters_are_the_policys_defaults():
    policy = load_policy()
    assert {name: hours * 3_600 for name, hours in policy.requirements.stated_hours.items()} == THRESHOLDS_S
    windows = {name: windows for name, windows in SERVICE_HOURS.weekly.items() if windows}
    assert windows == policy.calendar.windows and SERVICE_HOURS.zone == policy.calendar.zone


def test_a_sample_that_cannot_be_is_refused(tmp_path: Path):
    with pytest.raises(BadInputError, match="at least one day, not 0"):
        generate_sample(tmp_path, until=LAST, days=0)
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(BadInputError, match="sample folder .*taken: "):
        generate_sample(tmp_path / "taken", until=LAST, days=1)


def test_one_day_is_a_sample_too(tmp_path: Path):
    sunday = generate_sample(tmp_path, until=date(2026, 2, 1), days=1)
    assert sunday.first_day == sunday.last_day and sunday.tickets < 30
