"""Baselines: what the evidence says about the present service, frozen, and what it proposes."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import Session

from config.errors import BadInputError, SlmError
from evidence.measured_values import add_values
from models.baselines import Baseline
from models.evidence import TicketInterval, TicketState
from states import audit
from states.baseline_figures import BaselineFigures, TargetRow
from states.baselines import figures_in, latest_baseline, make
from templates.render import environment
from tests.states.builders import (
    CUSTOMER,
    MANAGER,
    MONDAY,
    P2,
    SOURCE,
    add_ticket,
    add_tickets,
    monitored,
    rewrite,
    written,
)
from tests.states.other_promises import value

WEEKS = 8
BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
"""A Monday, eight weeks before `MONDAY`."""
UNTIL = BEGIN + timedelta(weeks=WEEKS)
HOUR = 3_600


def busy_weeks(session: Session, hours: float = 1, **options: Any) -> None:
    """Two tickets on every working day; on Mondays eight more from nine to eleven."""
    for week in range(WEEKS):
        for weekday in range(5):
            morning = BEGIN + timedelta(weeks=week, days=weekday, hours=9)
            for minutes in (0, 300, *(range(5, 120, 15) if weekday == 0 else ())):
                add_ticket(session, morning + timedelta(minutes=minutes), hours, **options)


def made(session: Session, at: datetime = UNTIL, **changes: Any) -> BaselineFigures:
    return figures_in(make(session, written(session, at, **changes), MANAGER, at, weeks=WEEKS))


def texts(figures: BaselineFigures, kind: str) -> list[str]:
    return [row["text"] for row in figures["proposals"] if row["kind"] == kind]


def test_a_baseline_tells_what_was_there_before_anything_was_agreed(session: Session):
    busy_weeks(session)
    figures = made(session)
    assert (figures["window"]["since"], figures["window"]["until"]) == (BEGIN.isoformat(), UNTIL.isoformat())
    assert figures["tickets"] == {"opened": 144, "cancelled": 0, "served": 144, "resolved": 144, "open": 0}
    assert figures["fitness"]["verdict"] == "fit" and figures["fitness"]["coverage"] == 1
    assert [peak["name"] for peak in figures["demand"]["peaks"]] == ["Monday 09:00 to 11:00"]
    assert sum(map(sum, figures["demand"]["counts"])) == 144
    (target,) = figures["targets"]
    assert (target["known"], target["hits"], target["verdict"], target["median_s"]) == (143, 143, "met", HOUR)
    assert target["sentence"] == "stated: 90 % in 8 h; these weeks: 100 % of 143 (97 % to 100 %)".replace(
        " %", "\u00a0%"
    )


def test_the_figures_are_plain_json_that_a_database_gives_back(session: Session):
    busy_weeks(session)
    agreement = written(session, UNTIL)
    row = make(session, agreement, MANAGER, UNTIL, weeks=WEEKS)
    before = json.dumps(row.figures, sort_keys=True)
    session.expire(row)
    assert json.dumps(row.figures, sort_keys=True) == before
    assert latest_baseline(session, agreement) == row


def test_the_same_weeks_as_of_the_same_instant_are_the_same_whenever_they_are_asked_for(session: Session):
    busy_weeks(session)
    add_ticket(session, UNTIL - timedelta(hours=8), None)
    agreement = written(session, UNTIL)
    first = make(session, agreement, MANAGER, UNTIL, weeks=WEEKS)
    add_ticket(session, UNTIL - timedelta(hours=9), 1, known_late=timedelta(days=2))
    later = make(session, agreement, MANAGER, UNTIL + timedelta(days=30), weeks=WEEKS, until=UNTIL)
    assert (later.figures, later.inputs_sha256) == (first.figures, first.inputs_sha256)
    aware = make(
        session,
        agreement,
        MANAGER,
        UNTIL + timedelta(days=30),
        weeks=WEEKS,
        until=UNTIL,
        as_of=UNTIL + timedelta(days=30),
    )
    assert aware.figures["tickets"]["opened"] == first.figures["tickets"]["opened"] + 1
    assert aware.inputs_sha256 != first.inputs_sha256
    assert latest_baseline(session, agreement) is aware


def test_it_is_written_into_the_audit_trail(session: Session):
    busy_weeks(session)
    agreement = written(session, UNTIL)
    row = make(session, agreement, MANAGER, UNTIL, weeks=WEEKS)
    event = audit.events_of(session, agreement)[-1]
    assert (event.kind, event.actor) == ("baseline made", MANAGER)
    assert json.loads(event.data)["inputs"] == row.inputs_sha256
    assert audit.faults(session, agreement) == []


def test_open_tickets_do_not_flatter_a_target(session: Session):
    """Of the tickets of the last days only the quick ones are resolved; they are not looked at."""
    busy_weeks(session)
    add_tickets(session, UNTIL - timedelta(hours=60), 5, None)
    figures = made(session)
    assert figures["tickets"]["open"] == 5
    assert figures["window"]["settled"] < figures["window"]["until"]
    assert figures["targets"][0]["undecided"] == 0
    assert figures["fitness"]["unresolved_share"] == 0


def test_evidence_with_a_hole_is_taken_with_reservations(session: Session):
    for week in (0, 1, 2, 5, 6, 7):
        add_tickets(session, BEGIN + timedelta(weeks=week, hours=8), 50)
    fitness = made(session)["fitness"]
    assert fitness["verdict"] == "fit with reservations"
    gap = fitness["longest_gap"]
    assert gap is not None and (gap["first"], gap["last"], gap["days"]) == ("2026-01-26", "2026-02-06", 10)
    assert fitness["reasons"] == [
        "the longest time without a ticket is 26 January 2026 to 6 February 2026 (10 working days), "
        "where about 100 would be expected"
    ]


def test_evidence_that_begins_late_is_counted_from_its_beginning(session: Session):
    add_tickets(session, BEGIN + timedelta(weeks=3, hours=8), 250)
    figures = made(session)
    assert figures["window"]["begins"].startswith("2026-01-26T08:00")
    assert figures["fitness"]["reasons"] == [
        "the evidence begins only after 23 January 2026, 15 working days into these weeks; demand is counted "
        "from there"
    ]
    assert figures["demand"]["rate"] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("hours", "number", "reason"),
    [
        (1, 20, "only 20 tickets to judge by, at least 30 are wanted"),
        (0, 60, "100 % of the resolutions stand at the very instant of the opening"),
        (None, 60, "100 % of the tickets whose wait was over have no resolution"),
    ],
)
def test_evidence_that_cannot_be_judged_by_says_so(
    session: Session, hours: float | None, number: int, reason: str
):
    for place in range(number):
        add_ticket(
            session, BEGIN + timedelta(days=place % 40 // 5 * 7 + place % 5, hours=9 + place / 60), hours
        )
    fitness = made(session)["fitness"]
    assert fitness["verdict"] == "not fit"
    assert reason.replace(" %", "\u00a0%") in fitness["reasons"]


def test_resolutions_that_were_all_written_at_once_are_not_believed(session: Session):
    evening = BEGIN + timedelta(weeks=4, days=2, hours=16)
    for place in range(40):
        opened = BEGIN + timedelta(days=place // 2 // 5 * 7 + place // 2 % 5, hours=9 + place % 2)
        add_ticket(session, opened, max((evening - opened) / timedelta(days=1) * 10 / 1.4, 1))
    for _ in range(60):
        add_ticket(session, evening - timedelta(hours=1), 1)
    fitness = made(session)["fitness"]
    assert fitness["verdict"] == "not fit" and fitness["bulk_share"] >= 0.6


def test_first_targets_are_what_the_evidence_bears_out(session: Session):
    busy_weeks(session, 3)
    for place in range(60):
        add_ticket(
            session, BEGIN + timedelta(days=place % 40 // 5 * 7 + place % 5, hours=9), 12, priority="3"
        )
    figures = made(session)
    proposed = {
        (row["data"]["population"]["priority"], row["data"]["indicator"]): row["data"]["threshold_s"]
        for row in figures["proposals"]
        if row["kind"] == "first target"
    }
    assert proposed == {
        ("2", "resolution"): 3 * HOUR,
        ("2", "response"): 3 * HOUR,
        ("3", "resolution"): 12 * HOUR,
        ("3", "response"): 12 * HOUR,
    }
    assert texts(figures, "unstated need")[-1] == "no target covers priority 3: 60 tickets"


def test_a_weekday_that_does_worse_is_offered_a_standard_of_its_own(session: Session):
    for week in range(WEEKS):
        for weekday in range(5):
            for hour in range(8, 14):
                late = weekday == 0 and hour % 2
                opened = BEGIN + timedelta(weeks=week, days=weekday, hours=hour)
                add_ticket(session, opened, 11 if late else 1)
    (proposal,) = [row for row in made(session)["proposals"] if row["kind"] == "weekday standard"]
    assert proposal["data"] == {
        "target": "P2",
        "weekday": 0,
        "known": 48,
        "hits": 24,
        "others_known": 188,
        "others_hits": 188,
        "p_value": proposal["data"]["p_value"],
        "supported_threshold_s": 11 * HOUR,
    }
    assert proposal["text"].endswith("on Mondays the evidence supports 11 h")


def test_needs_are_named_that_nobody_has_stated(session: Session):
    busy_weeks(session)
    for week in range(WEEKS):
        for weekday in range(5):
            add_ticket(session, BEGIN + timedelta(weeks=week, days=weekday, hours=19, minutes=20), 1)
            add_ticket(session, BEGIN + timedelta(weeks=week, days=weekday, hours=19, minutes=40), 1)
    vague = {"text": "Somebody who listens", "origin": "senior management"}
    figures = made(session, requirements=[vague])
    needs = texts(figures, "unstated need")
    assert needs[0].startswith("Monday 09:00 to 11:00 brings ") and needs[0].endswith(
        "no requirement speaks of it"
    )
    assert any("outside service hours, mostly in the evening" in need for need in needs)
    assert texts(figures, "service hours") == [
        "open at Monday to Friday 19:00 to 20:00: 80 of 224 tickets came then, outside service hours"
    ]
    assert texts(figures, "requirement without target") == [
        "“Somebody who listens” (senior management) is not yet expressed as a target"
    ]
    told = [{"text": "The Monday peak is met"}, {"text": "Help in the evening"}]
    rewrite(session, UNTIL, requirements=told)
    assert texts(made(session, requirements=told), "unstated need") == []


def test_few_tickets_are_no_ground_for_a_peak(session: Session):
    for week in range(WEEKS):
        for weekday in range(5):
            add_ticket(session, BEGIN + timedelta(weeks=week, days=weekday, hours=9 + week % 5), 1)
    (sentence, _) = made(session)["demand"]["sentences"]
    assert sentence.startswith("with 40 tickets") and "no peak can be told from chance" in sentence


def test_an_agreement_in_force_is_held_against_its_own_text(session: Session):
    busy_weeks(session)
    agreement = monitored(session, MONDAY, targets=[P2 | {"threshold": "2 h"}])
    figures = figures_in(make(session, agreement, MANAGER, MONDAY, weeks=WEEKS, until=UNTIL))
    assert (figures["window"]["version"], figures["targets"][0]["threshold_s"]) == (1, 2 * HOUR)


def test_tickets_that_were_all_cancelled_leave_nothing_to_judge_by(session: Session):
    busy_weeks(session)
    session.execute(update(TicketInterval).values(state=TicketState.CANCELLED))
    figures = made(session)
    assert (figures["tickets"]["opened"], figures["tickets"]["served"]) == (144, 0)
    assert figures["fitness"]["verdict"] == "not fit"
    assert not (figures["lines"]["rows"] or figures["lines"]["sentences"] or figures["categories"])
    assert (
        figures["targets"][0]["share"] is None and figures["targets"][0]["verdict"] == "not enough evidence"
    )


def test_what_cannot_be_looked_at_is_refused_in_a_line(session: Session):
    agreement = written(session, UNTIL)
    with pytest.raises(SlmError, match=f"SLA-1: no ticket of {CUSTOMER} from 'desk' opened from 2026-01-05"):
        make(session, agreement, MANAGER, UNTIL, weeks=WEEKS)
    with pytest.raises(BadInputError, match="still to come"):
        make(session, agreement, MANAGER, UNTIL, until=UNTIL + timedelta(seconds=1))
    with pytest.raises(BadInputError, match="after 2026-03-01 00:00 UTC as of which is asked"):
        make(session, agreement, MANAGER, UNTIL, until=UNTIL, as_of=UNTIL - timedelta(days=1))
    with pytest.raises(BadInputError, match="nothing to look at"):
        make(session, agreement, MANAGER, UNTIL, weeks=0)
    agreement.evidence_source = ""
    with pytest.raises(SlmError, match="names no evidence_source"):
        make(session, agreement, MANAGER, UNTIL, weeks=WEEKS)
    assert session.get(Baseline, 1) is None


def test_targets_that_promise_no_time_are_told_in_their_own_words(session: Session) -> None:
    busy_weeks(session)
    day = BEGIN + timedelta(days=1)
    add_values(
        session,
        SOURCE,
        [value("cost", day, 1_180, unit="EUR"), value("requests", day, 211_000, 211_587)],
        int(UNTIL.timestamp()),
    )
    stated: list[dict[str, Any]] = [
        {"id": "COST", "indicator": "cost", "bound": 1200},
        {"id": "OK", "indicator": "ratio", "measure": "requests", "objective": "99 %"},
        {"id": "UP", "indicator": "availability", "objective": "99.5 %"},
    ]
    targets = [{"calendar": "office", **row} for row in stated]
    settled = [{"text": "It is as good as was said", "settlement": "accepted"}]
    rows = made(session, targets=targets, requirements=settled)["targets"]
    said = [row["sentence"].replace("\u00a0", " ").partition("; these weeks: ")[2] for row in rows]
    assert said[0].endswith(" EUR of at most 1,200 EUR")
    assert said[1] == "99.72 % of 211,587 requests (99.7 % to 99.74 %)"
    assert said[2].startswith("100 % of 23,") and said[2].endswith(" min")
    assert {(row["median_s"], row["p90_s"]) for row in rows} == {(None, None)}
    shown = figures_on_paper(rows)
    assert ">0 min<" not in shown and "still open" not in shown and "nothing sampled" in shown


def figures_on_paper(rows: list[TargetRow]) -> str:
    window = {"settled": UNTIL.isoformat(), "zone": "UTC"}
    source = '{% import "documents/baseline.html.j2" as baseline %}{{ baseline.targets(figures, true) }}'
    return environment().from_string(source).render(figures={"targets": rows, "window": window})
