"""Targets that no stopwatch measures: availability, ratios, values, satisfaction and cost, as known then."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from config.errors import BadInputError
from evidence.importer import import_log
from evidence.mappings import load_mapping, remade
from evidence.measured_values import ToldValue, add_values
from levels.counter_offers import CounterOffer
from levels.verdicts import Verdict
from models.agreements import Agreement, Stage
from models.assessments import ServicePeriod
from models.evidence import Ticket, TicketInterval, TicketState
from models.exclusions import Exclusion, ExclusionState
from models.versions import ServiceLevelTarget
from states import surveys
from states.figures import TargetFigures
from states.measured_values import value_figures
from tests.states.builders import (
    CUSTOMER,
    CUSTOMER_OWNER,
    DESK,
    MANAGER,
    MONDAY,
    OFFICE,
    SOURCE,
    add_ticket,
    draft,
    monitored,
    open_period,
    person,
    written,
)

DAY = timedelta(days=1)
MARCH, APRIL = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
LATER = APRIL + timedelta(days=60)
ALWAYS = {
    "zone": "UTC",
    "weekly": {day: ["00:00-24:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")},
}
UP: dict[str, Any] = {
    "id": "UP",
    "indicator": "availability",
    "population": {"service": "E-mail"},
    "objective": "99 %",
    "calendar": "office",
}
OFFICE_SECONDS = 22 * 10 * 3600  # of March 2026


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def agreed(session: Session, **target: Any) -> Agreement:
    """An agreement whose only target is this one; its calendars are the office's and the whole day's.

    Unless it says `watched=False`, its outages are recorded since February.
    """
    if target.pop("watched", True) and target["indicator"] == "availability":
        outage(session, MARCH - 9 * DAY, MARCH - 8 * DAY, service="Archive")
    changes = {name: target.pop(name) for name in ("cost", "review_period") if name in target}
    whole = {"id": "T", "calendar": "office", **target}
    requirements = [{"text": "It works", "target": whole["id"], "settlement": "accepted"}]
    return written(
        session,
        targets=[whole],
        calendars={"office": OFFICE, "always": ALWAYS},
        requirements=requirements,
        **changes,
    )


def figures(
    session: Session,
    agreement: Agreement,
    as_of: datetime = LATER,
    start: datetime = MARCH,
    end: datetime = APRIL,
) -> TargetFigures:
    (target,) = (draft(agreement)).targets
    return value_figures(session, agreement, target, start, end, as_of, 0.95)


def outage(
    session: Session,
    begins: datetime,
    ends: datetime | None,
    *more: tuple[TicketState, datetime],
    service: str = "E-mail",
    customer: str = CUSTOMER,
    known_late: timedelta = timedelta(0),
    number: str = "",
) -> None:
    """Insert an outage; `more` are states that it had afterwards."""
    ticket = Ticket(
        source=SOURCE,
        external_id=number or f"{service} {begins:%d %H:%M}",
        customer=customer,
        service=service,
        request_type="outage",
        opened_at=begins,
        known_at=begins + known_late,
    )
    session.add(ticket)
    session.flush()
    states = [(TicketState.NEW, begins), *([(TicketState.RESOLVED, ends)] if ends else []), *more]
    session.add_all(
        TicketInterval(ticket_id=ticket.id, state=state, started_at=since, known_at=since + known_late)
        for state, since in states
    )
    session.flush()


def exclude(session: Session, agreement: Agreement, begins: datetime, ends: datetime, **about: Any) -> None:
    session.add(
        Exclusion(
            agreement_id=agreement.id,
            reason="maintenance",
            starts_at=begins,
            ends_at=ends,
            state=ExclusionState.APPROVED,
            asked_by_id=person(session, MANAGER).id,
            asked_at=MARCH,
            decided_at=about.pop("decided_at", MARCH),
            sha256="",
            **about,
        )
    )
    session.flush()


def value(number: float, day: int = 2, **told: Any) -> ToldValue:
    starts = int(at(day).timestamp())
    fields = {
        "external_id": f"{told.get('name')} {day} {told.get('service', '')}",
        "customer": CUSTOMER,
        "name": "requests",
        "service": "",
        "total": None,
        "unit": "",
    }
    return ToldValue(**fields | told | {"starts_at": starts, "ends_at": starts + 86_400, "value": number})


def add(session: Session, *values: ToldValue, now: datetime = LATER) -> None:
    add_values(session, SOURCE, values, int(now.timestamp()))


def test_an_outage_within_service_hours_is_down_time(either: Session) -> None:
    agreement = agreed(either, **UP)
    outage(either, at(3, 9), at(3, 10, 30))
    outage(either, at(3, 10), at(3, 11), service="E-mail", number="another monitor")
    outage(either, at(4, 20), at(5, 8, 30))
    outage(either, at(5, 9), at(5, 12), service="Files")
    outage(either, at(5, 9), at(5, 12), customer="Another customer")
    found = figures(either, agreement)
    assert found.known == OFFICE_SECONDS
    assert found.known - found.hits == 2 * 3600 + 1800
    assert found.lower == found.upper == found.hits / found.known
    assert found.verdict == Verdict.NOT_MET and found.undecided == 0


def test_an_outage_that_names_no_customer_hits_everybody(session: Session) -> None:
    agreement = agreed(session, **UP)
    outage(session, at(3, 9), at(3, 10), customer="")
    found = figures(session, agreement)
    assert found.known - found.hits == 3600
    assert found.verdict == Verdict.MET


def test_all_services_of_a_population_are_up_together(session: Session) -> None:
    agreement = agreed(session, **UP | {"population": {}})
    outage(session, at(3, 9), at(3, 11))
    outage(session, at(3, 10), at(3, 12), service="Files")
    found = figures(session, agreement)
    assert found.known - found.hits == 3 * 3600


def test_outages_that_reach_in_from_before_count(either: Session) -> None:
    agreement = agreed(either, **UP)
    before = datetime(2026, 1, 5, tzinfo=UTC)
    outage(either, before, at(2, 9))
    outage(either, before, at(1), number="over in time")
    outage(
        either,
        before,
        before,
        (TicketState.IN_PROGRESS, at(3, 8)),
        (TicketState.CLOSED, at(3, 9)),
        number="reopened",
    )
    outage(
        either,
        before,
        before,
        (TicketState.IN_PROGRESS, before + timedelta(days=9)),
        (TicketState.RESOLVED, at(4, 9)),
        number="reopened before",
    )
    found = figures(either, agreement)
    assert found.known - found.hits == 10 * 3600 * 2 + 3600, "the 2nd and 3rd whole, and an hour of the 4th"


def test_an_outage_that_stands_lasts_until_what_is_known(session: Session) -> None:
    agreement = agreed(session, **UP)
    outage(session, at(30, 9), None)
    assert (found := figures(session, agreement)).known - found.hits == (9 + 10) * 3600
    halfway = figures(session, agreement, as_of=at(31, 9))
    assert halfway.known == OFFICE_SECONDS - 9 * 3600, "what is to come is no service time yet"
    assert halfway.known - halfway.hits == (9 + 1) * 3600


def test_a_false_alarm_was_no_outage(session: Session) -> None:
    agreement = agreed(session, **UP)
    outage(session, at(3, 9), None, (TicketState.CANCELLED, at(3, 12)))
    assert (found := figures(session, agreement)).known == found.hits == OFFICE_SECONDS
    assert (then := figures(session, agreement, as_of=at(3, 11))).known - then.hits == 2 * 3600


def test_what_became_known_later_is_not_seen(either: Session) -> None:
    agreement = agreed(either, **UP)
    outage(either, at(3, 9), at(3, 10))
    before = figures(either, agreement, as_of=APRIL)
    outage(either, at(4, 9), at(4, 12), known_late=timedelta(days=40), number="late")
    exclude(either, agreement, at(3, 9), at(3, 10), decided_at=APRIL + timedelta(days=1))
    again = figures(either, agreement, as_of=APRIL)
    assert (again.hits, again.known, again.inputs_sha256) == (before.hits, before.known, before.inputs_sha256)
    later = figures(either, agreement)
    assert later.known - later.hits == 3 * 3600 and later.known == OFFICE_SECONDS - 3600
    assert later.inputs_sha256 != before.inputs_sha256


def test_the_hash_of_the_inputs_is_the_same_on_every_database(either: Session) -> None:
    agreement = agreed(either, **UP)
    outage(either, at(3, 9), at(3, 10))
    exclude(either, agreement, at(4, 9), at(4, 10))
    assert figures(either, agreement).inputs_sha256.startswith("ef1c1bab76f6")


def test_approved_maintenance_is_no_service_time(session: Session) -> None:
    agreement = agreed(session, **UP)
    outage(session, at(3, 9), at(3, 12))
    exclude(session, agreement, at(3, 8), at(3, 10), population={"service": "E-mail"})
    exclude(session, agreement, at(3, 9), at(3, 11))
    found = figures(session, agreement)
    assert (found.known, found.known - found.hits) == (OFFICE_SECONDS - 3 * 3600, 3600)


def test_maintenance_of_one_service_of_many_excuses_only_its_own_outages(session: Session) -> None:
    agreement = agreed(session, **UP | {"population": {}})
    outage(session, at(3, 9), at(3, 12))
    outage(session, at(3, 11), at(3, 13), service="Files")
    exclude(session, agreement, at(3, 8), at(3, 18), population={"service": "E-mail"})
    exclude(session, agreement, at(3, 12), at(3, 13), ticket="Files 03 11:00")
    found = figures(session, agreement)
    assert (found.known, found.known - found.hits) == (OFFICE_SECONDS, 3600)


def test_without_service_time_or_any_evidence_nothing_is_known(session: Session) -> None:
    agreement = agreed(session, watched=False, **UP)
    silent = figures(session, agreement)
    assert (silent.known, silent.verdict) == (0, Verdict.NOT_ENOUGH), "nothing was ever heard from the source"
    add_ticket(session, at(2, 9), hours=1)
    unwatched = figures(session, agreement)
    assert (unwatched.known, unwatched.verdict) == (0, Verdict.NOT_ENOUGH), (
        "incidents are no watch for outages"
    )
    outage(session, at(3, 9), at(3, 10))
    weekend = figures(session, agreement, start=at(7), end=at(9))
    assert (weekend.known, weekend.verdict) == (0, Verdict.NOT_ENOUGH)
    assert figures(session, agreement, as_of=MARCH - timedelta(days=9)).known == 0


def test_time_before_the_monitor_spoke_is_neither_up_nor_down(session: Session) -> None:
    """A monitor set up on the 27th says nothing of the weeks before; nor do other customers' outages."""
    agreement = agreed(session, watched=False, **UP | {"calendar": "always"})
    outage(session, at(5, 9), at(5, 10), customer="Another customer")
    outage(session, at(27, 12), at(27, 13))
    found = figures(session, agreement)
    assert (found.known, found.hits) == (4 * 86_400 + 12 * 3_600, 4 * 86_400 + 11 * 3_600)


def test_an_availability_is_offered_to_what_people_read(session: Session) -> None:
    agreement = agreed(session, **UP | {"objective": "99.9 %"})
    outage(session, at(3, 9), at(3, 10))
    high = figures(session, agreement)
    assert high.lower == pytest.approx(0.995455, abs=1e-6)
    assert high.counter_offer(0.95, 0.5) == CounterOffer(0, 0.9954)
    outage(session, at(4), at(5))
    assert figures(session, agreement).counter_offer(0.95, 0.5) == CounterOffer(0, 0.95)
    assert figures(session, agreement).counter_offer(0.95, 0.96) is None


def test_the_university_is_as_available_as_its_own_monitor_says(engine: Engine, shared: Path) -> None:
    """Upptime files each outage as an issue; where it found its issues again the two figures agree."""
    folder = shared / "data" / "uptime_unibern"
    import_log(engine, folder / "checks.csv.gz", remade(load_mapping("upptime"), {"source": SOURCE}))
    with gzip.open(folder / "checks.csv.gz", "rt") as file:
        begun = {row.split(",")[2]: row.split(",")[8] for row in file if row.split(",")[8][:2] == "20"}
    end = datetime.fromisoformat("2026-08-21T23:05:11Z")
    told = json.loads((folder / "history_summary.json").read_text())
    slugs = [row["slug"] for row in told]
    compared = 0
    with Session(engine) as session:
        agreement = agreed(session, **UP | {"calendar": "always"})
        (target,) = draft(agreement).targets
        for row in told:
            start = datetime.fromisoformat(begun[row["slug"]]).replace(microsecond=0)
            target.population = {"service": row["slug"]}
            found = value_figures(session, agreement, target, start, end, end, 0.95)
            percent, theirs = 100 * found.hits / found.known, float(row["uptime"].removesuffix("%"))
            if len(row["slug"]) > 50:
                assert theirs == 100, "a label of GitHub's has 50 letters: no issue is ever found again"
            elif slugs.count(row["slug"]) > 1:
                assert percent > theirs, "two endpoints share a name, and their issues are added up"
            else:
                assert percent == pytest.approx(theirs, abs=0.007), row["slug"]
                compared += 1
    assert compared == 20


def test_a_ratio_counts_good_events_among_all(either: Session) -> None:
    agreement = agreed(either, indicator="ratio", measure="requests", objective="99 %")
    add(either, value(9_950, 2, total=10_000), value(4_999, 3, total=5_000))
    add(either, value(0, 4, total=5_000, customer="Another customer"), value(0, 5, total=9, name="other"))
    found = figures(either, agreement)
    assert (found.hits, found.known, found.undecided) == (14_949, 15_000, 0)
    assert found.lower < found.hits / found.known < found.upper
    assert found.verdict == Verdict.MET
    assert figures(either, agreement, start=at(3)).known == 5_000, "values count where they begin"
    assert figures(either, agreement, end=at(3)).known == 10_000
    assert found.inputs_sha256.startswith("b23aa6c3f065")


def test_a_value_is_seen_as_it_was_known(either: Session) -> None:
    agreement = agreed(either, indicator="ratio", measure="requests", objective="99 %")
    add(either, value(9_000, 2, total=10_000), now=APRIL)
    before = figures(either, agreement, as_of=APRIL)
    add(either, value(9_990, 2, total=10_000), now=APRIL + timedelta(days=3))
    then = figures(either, agreement, as_of=APRIL)
    assert (then.hits, then.inputs_sha256) == (9_000, before.inputs_sha256)
    assert then.verdict == Verdict.NOT_MET
    assert then.counter_offer(0.95, 0.5) == CounterOffer(0, 0.89)
    assert then.counter_offer(0.95, 0.9) is None
    assert figures(either, agreement).hits == 9_990


@pytest.mark.parametrize(("side", "hits"), [("at most", 3), ("at least", 2)])
def test_values_on_the_right_side_of_their_bound_are_hits(session: Session, side: str, hits: int) -> None:
    agreement = agreed(
        session,
        indicator="value",
        measure="latency",
        bound=250,
        bound_side=side,
        objective="90 %",
        population={"service": "shop"},
    )
    times = [100.0, 249.5, 250.0, 250.5]
    add(session, *(value(ms, day, name="latency", service="shop") for day, ms in enumerate(times, 2)))
    add(session, value(9_999, 9, name="latency", service="mail"))
    found = figures(session, agreement)
    assert (found.hits, found.known, found.verdict) == (hits, 4, Verdict.NOT_ENOUGH)


def test_a_population_may_name_only_the_service_of_a_value(session: Session) -> None:
    terms = {"indicator": "ratio", "measure": "requests", "objective": "99 %"}
    with pytest.raises(ValueError, match="a target of ratio is about a service; its population says no more"):
        agreed(session, **terms, population={"priority": "2"})
    agreement = agreed(session, **terms)
    draft(agreement).targets[0].population = {"priority": "2"}
    with pytest.raises(BadInputError, match="target T: measured values have no priority, only a service"):
        figures(session, agreement)


def test_ratings_that_were_imported_are_satisfied_from_where_policy_says(session: Session) -> None:
    agreement = agreed(session, indicator="satisfaction", measure="csat", objective="75 %")
    add(session, *(value(score, day, name="csat") for day, score in enumerate([5, 4, 3, 1], 2)))
    found = figures(session, agreement)
    assert (found.hits, found.known, found.value) == (2, 4, None)


def test_without_a_measure_the_answers_to_surveys_count(either: Session) -> None:
    target = {"id": "CSAT", "indicator": "satisfaction", "objective": "75 %", "calendar": "office"}
    requirements = [{"text": "People are content", "target": "CSAT", "settlement": "accepted"}]
    agreement = monitored(either, targets=[target], requirements=requirements)
    period = open_period(either, agreement)
    asked = period.ends_at - timedelta(days=5)
    survey = surveys.ask(either, agreement, Stage.MONITORING, period.id, "the month", asked)
    assert survey is not None
    scores = {CUSTOMER_OWNER: 5, DESK: 2}
    for invitation in survey.invitations:
        if invitation.person.name in scores:
            rated = {surveys.OVERALL: scores[invitation.person.name], "speed": 1}
            surveys.answer(
                either, invitation, rated, asked + timedelta(days=scores[invitation.person.name] - 1)
            )
    (found,) = agreement.versions[0].targets

    def answers(as_of: datetime, end: datetime = period.ends_at) -> tuple[int, int]:
        row = value_figures(either, agreement, found, period.starts_at, end, as_of, 0.95)
        return row.hits, row.known

    assert answers(LATER) == (1, 2)
    assert answers(asked + timedelta(days=2)) == (0, 1)
    assert answers(LATER, period.ends_at - timedelta(days=1)) == (0, 0), "the period had not ended"
    assert either.exec(select(ServicePeriod)).all() == [period]


COST: dict[str, Any] = {"indicator": "cost", "bound": 1200}


def test_imported_costs_are_summed(either: Session) -> None:
    agreement = agreed(either, **COST)
    add(either, *(value(amount, day, name="cost", unit="EUR") for day, amount in ((2, 1000.1), (20, 179.9))))
    found = figures(either, agreement)
    assert (found.value, found.unit, found.known, found.hits) == (1180, "EUR", 1, 1)
    assert (found.lower, found.upper, found.verdict) == (1.0, 1.0, Verdict.MET)
    assert found.inputs_sha256.startswith("b46be3c386c7")
    add(either, value(25, 21, name="cost", unit="EUR"))
    over = figures(either, agreement)
    assert (over.value, over.hits, over.upper, over.verdict) == (1205, 0, 0.0, Verdict.NOT_MET)
    assert over.counter_offer(0.95, 0.5) is None


def test_before_the_end_a_cost_can_only_be_missed(session: Session) -> None:
    agreement = agreed(session, **COST)
    add(session, value(1000, 2, name="cost"), value(500, 20, name="cost"))
    early = figures(session, agreement, as_of=at(10))
    assert (early.value, early.known, early.undecided, early.verdict) == (1000, 0, 1, Verdict.NOT_ENOUGH)
    assert figures(session, agreement, as_of=at(25)).verdict == Verdict.NOT_MET


def test_currencies_have_no_sum(session: Session) -> None:
    agreement = agreed(session, **COST)
    add(session, value(1, 2, name="cost", unit="EUR"), value(1, 3, name="cost", unit="CHF"))
    found = figures(session, agreement)
    assert (found.value, found.verdict) == (None, Verdict.NOT_ENOUGH)


def test_the_cost_of_the_agreement_counts_where_none_is_imported(session: Session) -> None:
    fixed = {"amount": 1200, "currency": "EUR", "per": "month"}
    agreement = agreed(session, **COST, cost=fixed)
    assert (found := figures(session, agreement)).verdict == Verdict.MET
    assert (found.value, found.unit) == (1200, "EUR")
    long = figures(session, agreement, start=at(15), end=datetime(2026, 5, 1, tzinfo=UTC))
    assert (long.value, long.verdict) == (1200, Verdict.MET), "of a longer window a month on average"


def test_prices_by_the_ticket_count_what_was_opened(session: Session) -> None:
    cost = {"currency": "CHF", "per_ticket": {"1": 120, "2": 40.5}}
    agreement = agreed(session, **COST, cost=cost)
    for day, priority in ((2, "1"), (3, "2"), (4, "2"), (5, "4")):
        add_ticket(session, at(day, 9), priority=priority)
    assert (figures(session, agreement).value, figures(session, agreement).unit) == (201, "CHF")


def test_without_any_figure_a_cost_is_not_known(session: Session) -> None:
    agreement = agreed(session, **COST, cost={"note": "as invoiced", "amount": "1200"})
    found = figures(session, agreement)
    assert (found.known, found.value, found.verdict) == (0, None, Verdict.NOT_ENOUGH)
    assert found.counter_offer(0.95, 0.5) is None


def test_a_stopwatch_is_another_measures_affair(session: Session) -> None:
    target: ServiceLevelTarget = draft(agreement := written(session, MONDAY)).targets[0]
    target.population = {}
    with pytest.raises(ValueError, match="resolution is not measured by values"):
        value_figures(session, agreement, target, MARCH, APRIL, LATER, 0.95)
