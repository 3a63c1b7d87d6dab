"""Do the promises of first line, back office and supplier add up to the customer's, each on its own clock?"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from levels.calendars import Calendar, CalendarSpanError
from levels.chains import Link, worst_opening
from levels.coverage import uncovered
from levels.support import gaps_of_support
from levels.support_terms import GapKind, Promise, Step, SupportGap
from levels.working_hours import WEEKDAYS, WorkingHours

HOUR = 3600
ZURICH = ZoneInfo("Europe/Zurich")
START = datetime(2026, 1, 1, tzinfo=ZURICH)
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def office(window: str, zone: str = "Europe/Zurich", **further: Any) -> Calendar:
    """Monday to Friday, compiled for 2026 and what runs on after it."""
    hours = WorkingHours(zone=zone, weekly={day: [window] for day in WEEKDAYS[:5]}, **further)
    return Calendar.compile(hours, date(2025, 12, 1), date(2027, 3, 31))


HOSPITAL = Promise(
    "the agreement with the hospital", 8 * HOUR, 0.9, office("08:00-18:00"), START, notice_days=90
)
DESK = Promise("the desk's agreement", HOUR, 0.97, office("08:00-18:00"), START, notice_days=90)
BEHIND = Promise("the back office's agreement", 7 * HOUR, 0.95, office("08:00-18:00"), START, notice_days=90)


def first_line(support: Promise | None = DESK) -> Step:
    return Step("first line", HOUR, support)


def back_office(support: Promise | None = BEHIND, share: float = 1) -> Step:
    return Step("back office", 7 * HOUR, support, share)


def gaps(*steps: Step, promised: Promise = HOSPITAL) -> list[SupportGap]:
    return gaps_of_support(promised, steps, START)


def only(found: list[SupportGap], kind: GapKind) -> SupportGap:
    (gap,) = [gap for gap in found if gap.kind is kind]
    return gap


def kinds(found: list[SupportGap]) -> list[str]:
    return [gap.kind.name for gap in found if gap.blocks]


def test_steps_on_the_customers_own_hours_add_up():
    assert kinds(gaps(first_line(), back_office())) == []
    assert gaps() == [], "what is not broken down is not judged"


def test_budgets_by_hand_may_exceed_the_threshold():
    gap = only(gaps(first_line(), replace(back_office(), budget_s=9 * HOUR)), GapKind.BUDGETS)
    assert gap.sentence == (
        "The step budgets 1 h (first line) + 9 h (back office) add up to 10 h, "
        "2 h more than the 8 h promised."
    )


def test_a_supplier_in_new_york_begins_when_zurich_has_its_afternoon():
    supplier = Promise(
        "the supplier's contract", 6 * HOUR, 0.99, office("09:00-17:00", "America/New_York"), START
    )
    gap = only(gaps(first_line(), Step("supplier", 6 * HOUR, supplier)), GapKind.CHAIN)
    assert gap.blocks and gap.worst is not None
    opened, (desk, end), promised = gap.worst.opened, gap.worst.dues, gap.worst.promised
    assert desk == DESK.calendar.due(opened, HOUR)
    assert end == supplier.calendar.due(desk, 6 * HOUR)
    assert promised == HOSPITAL.calendar.due(opened, 8 * HOUR)
    assert gap.worst.late_s == HOSPITAL.calendar.elapsed(opened, end) - 8 * HOUR > 0
    assert gap.worst.late_share > 0.25
    for said in (
        "first line (1 h, Mon-Fri 08:00-18:00 Europe/Zurich) until ",
        "supplier (6 h, Mon-Fri 09:00-17:00 America/New_York) until ",
        "promised (8 h, Mon-Fri 08:00-18:00 Europe/Zurich) by ",
        "of the customer's hours too late (times in Europe/Zurich); ",
    ):
        assert said in gap.sentence


def test_what_happens_while_the_customer_is_closed_is_not_late():
    """Ten hours around the clock, and eight in Zurich's days: overnight the supplier costs nothing."""
    always = Calendar.compile(WorkingHours.always(), date(2025, 12, 1), date(2027, 3, 31))
    supplier = Promise("the supplier's contract", 10 * HOUR, 0.99, always, START)
    worst = only(gaps(Step("supplier", 8 * HOUR, supplier)), GapKind.CHAIN).worst
    assert worst is not None and worst.late_s == 2 * HOUR, "from 08:00 till 18:00 in one day"
    assert datetime.fromtimestamp(worst.opened, ZURICH).strftime("%H:%M") == "08:00"
    night = replace(supplier, calendar=office("18:00-08:00"), threshold_s=13 * HOUR)
    nothing_lost = gaps(Step("supplier", 8 * HOUR, night), promised=replace(HOSPITAL, threshold_s=10 * HOUR))
    assert GapKind.CHAIN not in {gap.kind for gap in nothing_lost}


def test_a_holiday_of_the_supplier_alone_is_found_in_a_whole_year():
    """Same hours, same budget; one closed day makes the one late week."""
    closed = replace(BEHIND, threshold_s=8 * HOUR, calendar=office("08:00-18:00", holidays=["2026-09-14"]))
    gap = only(gaps(Step("back office", 8 * HOUR, closed)), GapKind.CHAIN)
    assert gap.worst is not None and gap.worst.late_s == 10 * HOUR
    opened = datetime.fromtimestamp(gap.worst.opened, ZURICH)
    assert opened.strftime("%a %d %b %H:%M:%S") == "Fri 11 Sep 10:00:01", "one second too late for that day"
    hours = only(gaps(Step("back office", 8 * HOUR, closed)), GapKind.UNCOVERED_HOURS).hours
    assert hours is not None and (hours.total_s, hours.single_days) == (10 * HOUR, 1)


def test_a_step_that_nobody_carries_is_a_gap_and_runs_for_its_budget():
    found = gaps(first_line(), back_office(None))
    assert kinds(found) == ["NOT_CARRIED"]
    assert (
        only(found, GapKind.NOT_CARRIED).sentence == "Nothing carries the back office and its budget of 7 h."
    )
    assert "CHAIN" in kinds(gaps(first_line(), replace(back_office(None), budget_s=8 * HOUR)))


def test_nine_tenths_twice_are_not_nine_tenths():
    weak = replace(BEHIND, objective=0.9)
    gap = only(gaps(first_line(replace(DESK, objective=0.9)), back_office(weak)), GapKind.OBJECTIVE)
    assert gap.sentence == (
        "The objectives 90 % (first line) × 90 % (back office) make 81 % if misses are independent and at "
        "least 80 % if they are not; 90 % is promised."
    )
    rare = only(gaps(first_line(), back_office(replace(weak, objective=0.5), share=0.2)), GapKind.OBJECTIVE)
    assert "90 % (back office, for 20 % of the tickets) make 87.3 %" in rare.sentence
    assert kinds(gaps(first_line(), back_office(weak, share=0.5))) == []


def test_objectives_that_suffice_only_if_independent_are_a_hint():
    found = gaps(first_line(replace(DESK, objective=0.95)), back_office(replace(BEHIND, objective=0.948)))
    gap = only(found, GapKind.DEPENDENT_OBJECTIVE)
    assert not gap.blocks and "make 90.06 %" in gap.sentence and "at least 89.8 %" in gap.sentence


def test_availabilities_multiply():
    promised = replace(HOSPITAL, availability=0.998)
    network, platform = replace(DESK, availability=0.999), replace(BEHIND, availability=0.9985)
    gap = only(gaps(first_line(network), back_office(platform), promised=promised), GapKind.AVAILABILITY)
    assert gap.sentence == (
        "The availabilities 99.9 % (first line) × 99.85 % (back office) in series make 99.7501 %; "
        "99.8 % is promised."
    )
    better = replace(promised, availability=0.9975)
    assert kinds(gaps(first_line(network), back_office(platform), promised=better)) == []


def test_an_hour_a_day_without_anybody_is_summed_up_for_the_year():
    early = office("08:00-17:00")
    found = gaps(first_line(replace(DESK, calendar=early)), back_office(replace(BEHIND, calendar=early)))
    gap = only(found, GapKind.UNCOVERED_HOURS)
    assert gap.sentence == (
        "No supporting agreement works in 261 h a year of the customer's hours: "
        "Mon-Fri 17:00-18:00 (261 h), times in Europe/Zurich."
    )
    one = gaps(first_line(replace(DESK, calendar=early)), back_office())
    assert [gap.kind for gap in one if gap.hours] == [GapKind.STEP_CLOSED] and not one[-1].blocks
    assert one[-1].sentence.startswith("The first line is closed in 261 h a year")


def test_round_the_clock_against_office_hours_is_told_by_weekday():
    always = Calendar.compile(WorkingHours.always("Europe/Zurich"), date(2026, 1, 1), date(2027, 1, 1))
    supporting = office("08:00-18:00", holidays=["2026-12-25"])
    begin, end = (int(datetime(year, 1, 1, tzinfo=ZURICH).timestamp()) for year in (2026, 2027))
    found = uncovered(always, [supporting], begin, end)
    assert found.total_s == 365 * 24 * HOUR - (261 - 1) * 10 * HOUR
    assert found.when == (
        "Sat-Sun 00:00-24:00 (2496 h), Mon-Fri 00:00-08:00 (2080 h), Mon-Fri 18:00-24:00 (1560 h), "
        "24 h on 1 single day, times in Europe/Zurich"
    )
    assert sum(each.total_s for each in found.patterns) + found.single_s == found.total_s


def test_a_contract_that_ends_or_begins_at_the_wrong_time():
    until = datetime(2027, 1, 1, tzinfo=ZURICH)
    promised = replace(HOSPITAL, in_force_until=until)
    late = replace(DESK, in_force_from=START + timedelta(days=31))
    short = replace(BEHIND, in_force_until=until - timedelta(days=92))
    found = gaps(first_line(late), back_office(short), promised=promised)
    assert only(found, GapKind.NOT_YET_IN_FORCE).sentence == (
        "The desk's agreement is in force from Sun 1 Feb 2026 00:00, 31 days after the agreement with the "
        "hospital begins on Thu 1 Jan 2026 00:00."
    )
    assert only(found, GapKind.ENDS_BEFORE).sentence.endswith(
        "92 days sooner than the agreement with the hospital, which runs until Fri 1 Jan 2027 00:00."
    )
    undated = gaps(first_line(replace(DESK, in_force_from=None)), back_office(), promised=promised)
    assert "from when it will be is not agreed" in only(undated, GapKind.NOT_YET_IN_FORCE).sentence


def test_a_promise_without_end_is_judged_for_a_year():
    within, beyond = (replace(BEHIND, in_force_until=START + timedelta(days=days)) for days in (364, 366))
    gap = only(gaps(first_line(), back_office(within)), GapKind.ENDS_BEFORE)
    assert "1 day sooner" in gap.sentence and "has no end and is judged until" in gap.sentence
    assert kinds(gaps(first_line(), back_office(beyond))) == []


def test_notice_is_read_both_ways():
    leaves = gaps(first_line(), back_office(replace(BEHIND, notice_days=30)))
    assert only(leaves, GapKind.LEAVES_SOONER).sentence == (
        "The back office's agreement may be ended at 30 days' notice, the agreement with the hospital only "
        "at 90, so for 60 days the promise may stand without it."
    )
    still = gaps(first_line(), back_office(replace(BEHIND, standstill_s=24 * HOUR)))
    assert only(still, GapKind.STANDSTILL).sentence == (
        "The back office's agreement may stand still for 24 h at a time, which hold up to 10 h of the "
        "customer's hours, 2 h more than the 8 h that the agreement with the hospital allows."
    )
    assert kinds(gaps(first_line(), back_office(replace(BEHIND, standstill_s=8 * HOUR)))) == []
    assert kinds(gaps(first_line(), back_office(replace(BEHIND, notice_days=365)))) == []


def test_a_calendar_that_ends_too_soon_is_said_so():
    short = Calendar.compile(BEHIND.calendar.hours, date(2026, 1, 1), date(2026, 6, 30))
    with pytest.raises(CalendarSpanError, match="outside the compiled calendar"):
        gaps(first_line(), back_office(replace(BEHIND, calendar=short)))


PLACES = ("Europe/Zurich", "America/New_York", "Asia/Kolkata", "UTC")
FIRST = date(2026, 3, 20)
BEGIN = int(datetime(2026, 3, 27, tzinfo=UTC).timestamp())
END = BEGIN + 4 * 86_400


@st.composite
def links(draw: st.DrawFn) -> Link:
    """Six weeks of some hours on some weekdays, in a zone; in Zurich clocks go forward on the third day."""
    opening, length = draw(st.integers(0, 40)) * 30, draw(st.integers(1, 40)) * 30
    closing = min(opening + length, 24 * 60)
    window = f"{opening // 60:02d}:{opening % 60:02d}-{closing // 60:02d}:{closing % 60:02d}"
    days = draw(st.sets(st.sampled_from(WEEKDAYS), min_size=3))
    hours = WorkingHours(zone=draw(st.sampled_from(PLACES)), weekly={day: [window] for day in days})
    calendar = Calendar.compile(hours, FIRST, FIRST + timedelta(days=60))
    return Link(calendar, draw(st.integers(1, 12 * 60)) * 60)


def minute_by_minute(chain: list[Link], opened: int) -> list[int]:
    """The oracle: let the clock run, and count a minute where the step's calendar is open in it."""
    now, dues = opened, []
    for calendar, threshold_s in chain:
        windows = list(zip(calendar.opens.tolist(), calendar.closes.tolist(), strict=True))
        left = threshold_s // 60
        while left:
            left -= any(opens <= now < closes for opens, closes in windows)
            now += 60
        dues.append(now)
    return dues


@settings(PATIENT, max_examples=20)
@given(links(), st.lists(links(), min_size=1, max_size=3), st.integers(0, 4 * 1440 - 1))
def test_a_chain_runs_as_the_clocks_do(whole: Link, chain: list[Link], minute: int):
    opened = BEGIN + minute * 60
    found = worst_opening(whole, chain, opened, opened + 1)
    assert list(found.dues) == minute_by_minute(chain, opened)
    assert found.opened == opened and found.promised == minute_by_minute([whole], opened)[0]


@settings(PATIENT, max_examples=25)
@given(links(), st.lists(links(), min_size=1, max_size=3))
def test_no_second_of_the_span_is_worse_than_the_worst(whole: Link, chain: list[Link]):
    seconds = np.arange(BEGIN, END)
    at = seconds
    for calendar, threshold_s in chain:
        at = calendar.due(at, threshold_s)
    late = whole.calendar.elapsed(seconds, at) - whole.threshold_s
    assert worst_opening(whole, chain, BEGIN, END).late_s == late.max()


@settings(PATIENT, max_examples=40)
@given(links(), st.lists(links(), min_size=1, max_size=3))
def test_uncovered_hours_are_those_of_the_minutes(customer: Link, supporting: list[Link]):
    minutes = np.arange(BEGIN, END, 60)
    opened = [link.calendar.elapsed(minutes, minutes + 60) > 0 for link in (customer, *supporting)]
    alone = int(np.count_nonzero(opened[0] & ~np.any(opened[1:], axis=0)))
    found = uncovered(customer.calendar, [link.calendar for link in supporting], BEGIN, END)
    assert found.total_s == alone * 60 == sum(each.total_s for each in found.patterns) + found.single_s
