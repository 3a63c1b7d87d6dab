"""A period under promises of every kind: assessed, reported and told in words that fit each."""

import json
from datetime import timedelta
from typing import Any

from sqlmodel import Session, select

from models.assessments import Assessment
from models.reviews import ExperienceReport
from states import overview
from states.assessment_check import check
from states.review import findings_of
from states.target_revisions import adopt_counter_offer
from tests.states.builders import MANAGER, conclude, draft, in_trial, letters, trial_of
from tests.states.other_promises import TARGETS, month_of_every_kind, outage
from web.views.targets import target_rows


def test_a_month_of_promises_of_every_kind(session: Session) -> None:
    agreement = month_of_every_kind(session)
    rows = {row.target_key: row for row in session.exec(select(Assessment))}
    assert {key: row.verdict for key, row in rows.items()} == {
        "P2": "met",
        "UP": "not met",
        "OK": "met",
        "MS": "not enough evidence",
        "COST": "not met",
    }
    assert (rows["COST"].value, rows["COST"].unit) == (1220.5, "EUR")
    assert rows["UP"].lower == rows["UP"].upper == rows["UP"].hits / rows["UP"].known
    assert all(not check(session, agreement, row).differences for row in rows.values())

    told = [line.replace("\u00a0", " ") for line in findings_of(list(rows.values()), None)]
    assert told == [
        "COST: 1,220.5 EUR of at most 1,200 EUR, promised: cost of at most 1,200 a period; "
        "the evidence proves that the promise is not kept",
        "UP: 99.08 % of 13,080 min, promised: E-mail available for 99.5 % of the service hours; "
        "the evidence proves that the promise is not kept",
    ]

    (report,) = session.exec(select(ExperienceReport)).all()
    json.dumps(report.figures)
    letter = letters(session, "experience_report")[0]
    text = letter.text.replace("\u00a0", " ")
    assert "1,220.5 EUR of at most 1,200 EUR" in text
    assert "99.08 % of 13,080 min" in text and "199,980 of 200,000 requests" in text
    assert "40 of 40" in text and "784800" not in text
    shown = {
        row["target"]: (row["shown"].replace("\u00a0", " "), row["counted"])
        for row in overview.account(session, agreement)["assessments"]
    }
    assert shown["COST"] == ("1,220.5 EUR", "of at most 1,200 EUR")
    assert shown["P2"] == ("100 %", "40 of 40")
    assert {row.target.key for row in target_rows(session, agreement)} == set(rows)


def test_a_trial_of_an_availability_ends_in_what_was_reached(session: Session) -> None:
    up: dict[str, Any] = {"calendar": "office", **TARGETS[1], "objective": "99.9 %"}
    requirements = [{"text": "Mail works", "target": "UP", "settlement": "accepted"}]
    agreement = in_trial(session, targets=[up], requirements=requirements)
    trial = trial_of(session, agreement)
    assert trial.closes_at == trial.ends_at, "nothing is waited for"
    outage(session, trial.starts_at - timedelta(days=1), timedelta(hours=1))
    outage(session, trial.starts_at + timedelta(days=1), timedelta(hours=1))
    conclude(session, agreement)
    (result,) = trial.results
    assert result.verdict == "not met" and result.known == 15 * 10 * 3600
    assert (result.counter_threshold_s, result.counter_objective) == (0, 0.9933)
    (letter,) = letters(session, "trial_concluded")
    text = letter.text.replace("\u00a0", " ")
    assert "not met: 99.33 % of 9,000 min" in text and "the evidence supports: 99.33 %" in text
    adopt_counter_offer(session, agreement, "UP", MANAGER, trial.closes_at)
    assert draft(agreement).targets[0].objective == 0.9933
