"""The trial on an agreement's page: planned with the numbers in sight, watched, concluded."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from config.clock import SimulatedClock, now, simulated
from models.database import reading, transaction
from models.versions import AgreementVersion
from states.drafting import find_agreement
from states.move import Trigger
from states.target_revisions import adopt_counter_offer
from states.trial_terms import TrialTerms
from tests.states.builders import (
    MANAGER,
    MONDAY,
    add_ticket,
    add_tickets,
    conclude,
    draft,
    in_trial,
    move,
    offer,
    written,
)
from tests.states.other_promises import outage

DAY = timedelta(days=1)
VERDICTS = re.compile(r"\b(not met|met|not enough evidence)\b", re.IGNORECASE)


def panel(manager: TestClient) -> str:
    """The trial's part of the page, without its markup."""
    text = manager.get("/agreements/SLA-1").text
    section = text.split('id="trial"', 1)[1].split("</section>", 1)[0]
    return " ".join(re.sub(r"<[^>]*>", " ", section).replace("\u00a0", " ").split())


@pytest.fixture
def today() -> Iterator[SimulatedClock]:
    """A clock that stands on a Friday at noon, three weeks after the scenes begin."""
    with simulated(MONDAY + 18 * DAY + timedelta(hours=3)) as clock:
        yield clock


def test_before_it_starts_the_page_says_what_it_can_prove(
    engine: Engine, manager: TestClient, today: SimulatedClock
) -> None:
    with transaction(engine) as session:
        add_tickets(session, MONDAY, 60)
        written(session)
    seen = panel(manager)
    assert "21 days at 95 % confidence" in seen
    assert "29, 46, 61, 76" in seen and "with about 70 tickets" in seen
    assert "At 90 % confidence" in seen and "Choose these terms" in seen


def test_terms_are_chosen_by_page(engine: Engine, manager: TestClient) -> None:
    with transaction(engine) as session:
        written(session)
    fields = {"days": "42", "confidence": "90", "looks": "2"}
    answer = manager.post("/agreements/SLA-1/trial-terms", data=fields)
    assert answer.status_code == 303
    assert "The next trial: 42 days at 90" in manager.get("/agreements/SLA-1").text
    with reading(engine) as session:
        assert TrialTerms.of(draft(find_agreement(session, "SLA-1"))) == TrialTerms(42, 0.9, 2)
    for wrong in (
        {"days": "many"},
        {"days": "400"},
        {"confidence": "100"},
        {"looks": "0"},
        {"confidence": "nan"},
    ):
        assert manager.post("/agreements/SLA-1/trial-terms", data=fields | wrong).status_code == 422


def test_a_draft_that_cannot_be_planned_says_why(engine: Engine, manager: TestClient) -> None:
    with transaction(engine) as session:
        written(session, evidence_source="")
    assert "No plan yet: SLA-1 names no evidence_source" in panel(manager)


def test_while_it_runs_there_is_no_word_of_a_verdict(
    engine: Engine, manager: TestClient, today: SimulatedClock
) -> None:
    with transaction(engine) as session:
        in_trial(session, MONDAY)
        add_tickets(session, MONDAY, 60)
        add_ticket(session, now() - timedelta(hours=2), hours=None)
    seen = panel(manager)
    assert "provisional" in seen and "Provisional share at least 98.4 %" in seen
    assert "3 days of intake left" in seen and "enough by number; they are judged at the end" in seen
    assert not VERDICTS.search(seen)
    assert '<svg class="survival"' in manager.get("/agreements/SLA-1").text


def test_after_it_the_page_tells_misses_offer_and_condition(engine: Engine, manager: TestClient) -> None:
    with transaction(engine) as session:
        steps = [{"threshold": "8 h", "amount": 900}, {"threshold": "11 h", "amount": 400}]
        agreement = in_trial(session, cost={"currency": "EUR", "per": "month", "by_threshold": steps})
        add_tickets(session, MONDAY, 40, hours=11)
        at = conclude(session, agreement).closes_at
    seen = panel(manager)
    assert "not met" in seen and "90 % within 11 h" in seen
    assert "P2: 40 tickets beyond the threshold" in seen and "slm explain T" in seen
    assert "900 EUR a month for 8 h, 400 EUR a month for 11 h" in seen
    with transaction(engine) as session:
        agreement = find_agreement(session, "SLA-1")
        adopt_counter_offer(session, agreement, "P2", MANAGER, at)
        move(session, agreement, Trigger.OFFER, at)
        digest = _digest(offer(agreement))
    assert "counter-offer adopted: 90 % within 11 h" in panel(manager)
    text = " ".join(manager.get(f"/versions/{digest}").text.replace("\u00a0", " ").split())
    assert "Tried from 2 March 2026 to 23 March 2026" in text
    assert "90 % of priority 2 tickets resolved within 8 h: 0 of 40" in text


def test_a_condition_is_adopted_by_page(engine: Engine, manager: TestClient) -> None:
    with transaction(engine) as session:
        agreement = in_trial(session, trial_days=42)
        add_tickets(session, MONDAY, 60, category="Mail")
        add_tickets(session, MONDAY, 60, category="Network", hours=20)
        conclude(session, agreement)
    assert "Split it: as stated elsewhere; 20 h in category Network" in manager.get("/agreements/SLA-1").text
    answer = manager.post("/agreements/SLA-1/targets/P2/adopt-condition")
    assert answer.status_code == 303
    page = manager.get("/agreements/SLA-1").text
    assert "P2 is split into P2 and P2-Network." in page and "Split it" not in page
    assert manager.post("/agreements/SLA-1/targets/P2/adopt-condition").status_code == 409


def _digest(version: AgreementVersion) -> str:
    assert version.sha256 is not None
    return version.sha256


def test_a_trial_past_its_conclusion_and_what_is_no_ticket_are_told_as_they_are(
    engine: Engine, manager: TestClient
) -> None:
    up = {"id": "UP", "indicator": "availability", "objective": "99 %", "calendar": "office"}
    settled = [{"text": "It is as good as was said", "settlement": "accepted"}]
    with transaction(engine) as session:
        add_tickets(session, MONDAY - 21 * DAY, 5)
        outage(session, MONDAY - 21 * DAY, timedelta(hours=1))
        in_trial(session, targets=[up], requirements=settled)
    with simulated(MONDAY + 60 * DAY):
        seen = panel(manager)
    assert "the conclusion has been due since 23 March 2026" in seen and "intake left" not in seen
    assert "Provisional figure 100 % of 9,000 min" in seen and "Tickets so far" not in seen
