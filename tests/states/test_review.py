"""The review: frozen findings, a recommendation, and who decides on them."""

from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from config.policy import policy
from config.settings import settings
from levels.verdicts import Verdict
from models.actions import ActionKind
from models.agreements import Agreement, Stage
from models.assessments import Assessment, ServicePeriod
from models.database import transaction
from models.reviews import ReviewDecision, ReviewPack
from models.sealing import canonical_json, sha256_of
from states.actions import actions_of
from states.lifecycle import advance
from states.move import POLICY, BlockedMoveError, Trigger
from states.review import findings_of, latest_pack, renewal_blockers_by_policy, reviews_due
from states.sweeps import sweep_reviews
from tests.states.builders import (
    MANAGER,
    MONDAY,
    P2,
    add_tickets,
    close_period,
    in_renegotiation,
    in_review,
    loosened,
    monitored,
    move,
    open_period,
    readers,
    sign_all,
)


def pack_of(session: Session, agreement: Agreement) -> ReviewPack:
    pack = latest_pack(session, agreement)
    assert pack is not None
    return pack


def test_a_green_period_has_no_finding_and_renews_by_policy(session: Session) -> None:
    agreement = in_review(session, hits=40, misses=0)
    pack = pack_of(session, agreement)
    assert (pack.findings, pack.recommendation) == ([], ReviewDecision.RENEW)
    at = agreement.stage_since
    assert renewal_blockers_by_policy(session, agreement, at) == []
    advance(session, agreement, Trigger.RENEW, POLICY, at)
    assert agreement.stage == Stage.MONITORING
    assert (pack.decision, pack.decided_by, pack.decided_at) == (ReviewDecision.RENEW, POLICY, at)
    assert actions_of(session, agreement) == []


def test_a_policy_may_leave_every_renewal_to_people(
    session: Session, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = settings().var / "policy.toml"
    file.write_text("[reviews]\nrenew_when_green = false\n")
    monkeypatch.setenv("SLM_POLICY_FILE", str(file))
    settings.cache_clear()
    policy.cache_clear()
    agreement = in_review(session, hits=40, misses=0)
    with pytest.raises(BlockedMoveError, match="policy leaves every renewal to a manager"):
        advance(session, agreement, Trigger.RENEW, POLICY, agreement.stage_since)


def test_a_miss_that_is_proven_recommends_to_renegotiate(session: Session) -> None:
    pack = pack_of(session, in_review(session, hits=10, misses=30))
    assert pack.recommendation == ReviewDecision.RENEGOTIATE
    assert pack.findings == [
        "P2: 25\u00a0% of 40, promised: 90\u00a0% of priority 2 tickets resolved within 8 h; "
        "the evidence proves that the promise is not kept"
    ]


def test_a_miss_by_few_tickets_recommends_to_renew_but_is_a_finding(session: Session) -> None:
    agreement = in_review(session, hits=4, misses=1)
    pack = pack_of(session, agreement)
    assert pack.recommendation == ReviewDecision.RENEW
    assert pack.findings[0].endswith("too few tickets to prove more than this period")
    with pytest.raises(BlockedMoveError, match=r"a manager must decide on 1 finding\(s\): P2: 80"):
        advance(session, agreement, Trigger.RENEW, POLICY, agreement.stage_since)


def test_a_manager_decides_and_what_was_missed_becomes_an_action(session: Session) -> None:
    agreement = in_review(session)
    pack = pack_of(session, agreement)
    move(session, agreement, Trigger.RENEW, agreement.stage_since, reason="one bad month")
    assert (pack.decision, pack.decided_by, pack.reason) == (ReviewDecision.RENEW, MANAGER, "one bad month")
    (action,) = actions_of(session, agreement)
    assert (action.kind, action.target_key) == (ActionKind.IMPROVEMENT, "P2")
    assert action.before["hits"] == 10 and action.owner_id == agreement.owner_id


def test_the_pack_is_frozen_with_its_hash_and_the_owner_is_told(session: Session) -> None:
    agreement = in_review(session)
    pack = pack_of(session, agreement)
    session.flush()
    session.refresh(pack)
    assert pack.sha256 == sha256_of(canonical_json([pack.figures, pack.findings, pack.recommendation.value]))
    assert pack.figures["delivered"][0]["known"] == 40
    assert readers(session, "review_made") == [MANAGER]


def test_a_period_is_reviewed_once(session: Session) -> None:
    agreement = in_review(session, hits=40, misses=0)
    move(session, agreement, Trigger.RENEW, agreement.stage_since)
    with pytest.raises(BlockedMoveError, match="no closed period of the version in force waits"):
        move(session, agreement, Trigger.BEGIN_REVIEW, agreement.stage_since)
    assert session.exec(reviews_due(agreement.stage_since)).all() == []
    period = close_period(session, agreement)
    assert session.exec(reviews_due(period.closes_at)).all() == [agreement]
    move(session, agreement, Trigger.BEGIN_REVIEW, period.closes_at)
    assert pack_of(session, agreement).period_id == period.id


def test_of_two_closed_periods_the_newest_is_reviewed(session: Session) -> None:
    agreement = monitored(session)
    close_period(session, agreement)
    newest = close_period(session, agreement)
    assert session.exec(reviews_due(newest.closes_at)).all() == [agreement]
    move(session, agreement, Trigger.BEGIN_REVIEW, newest.closes_at)
    assert pack_of(session, agreement).period_id == newest.id
    move(session, agreement, Trigger.RENEW, newest.closes_at)
    assert session.exec(reviews_due(newest.closes_at)).all() == []


def test_only_monitored_agreements_are_due(session: Session) -> None:
    agreement = in_review(session)
    period = close_period(session, agreement)
    assert session.exec(reviews_due(period.closes_at)).all() == []


def test_only_the_version_in_force_is_under_review(session: Session) -> None:
    """What the former version missed in its part of the period was settled with it."""
    agreement = loosened(session, in_renegotiation(session))
    period = open_period(session, agreement)
    add_tickets(session, period.starts_at, 20, hours=10)
    at = period.starts_at.replace(day=15, hour=9)
    move(session, agreement, Trigger.SKIP_TRIAL, at, reason="agreed")
    sign_all(session, agreement, at)
    add_tickets(session, at, 5, hours=10)
    close_period(session, agreement)
    move(session, agreement, Trigger.BEGIN_REVIEW, period.closes_at)
    pack = pack_of(session, agreement)
    assert pack.findings == []
    assert [(row["version"], row["known"]) for row in pack.figures["delivered"]] == [(2, 5)]


def test_an_agreement_without_a_version_in_force_is_not_reviewed(session: Session) -> None:
    agreement = monitored(session)
    close_period(session, agreement)
    move(session, agreement, Trigger.END, MONDAY.replace(month=5), reason="over")
    assert session.exec(reviews_due(MONDAY.replace(month=6))).all() == []


def test_all_green_but_unhappy_is_a_finding() -> None:
    figures: dict[str, Any] = {"target": {"objective": 0.9}, "hits": 10, "known": 10}
    row = Assessment(**figures)
    unhappy = {"verdict": Verdict.NOT_MET, "hits": 1, "known": 10, "standard": 0.75}
    assert findings_of([row], unhappy) == [
        "All targets are green, but users are not: "
        "10\u00a0% of 10 people are satisfied, the standard is 75\u00a0%"
    ]
    assert findings_of([row], unhappy | {"verdict": Verdict.NOT_ENOUGH}) == []
    assert findings_of([row], None) == []


def test_a_period_without_a_single_ticket_is_not_green() -> None:
    figures: dict[str, Any] = {"target": {"objective": 0.9}, "hits": 0, "known": 0}
    silent, waiting = Assessment(**figures, undecided=0), Assessment(**figures, undecided=2)
    assert findings_of([silent], None) == [
        "No ticket was measured in this period: does the evidence still come in?"
    ]
    assert findings_of([silent, waiting], None) == []


def test_every_target_that_was_missed_is_named(session: Session) -> None:
    slow = P2 | {"id": "P2-all", "population": {}}
    pack = pack_of(session, in_review(session, targets=[P2, slow]))
    assert [finding.partition(":")[0] for finding in pack.findings] == ["P2", "P2-all"]


def test_a_renegotiation_without_a_finding_needs_a_request(session: Session) -> None:
    agreement = in_review(session, hits=40, misses=0)
    move(session, agreement, Trigger.RENEGOTIATE, agreement.stage_since, reason="the customer grew")
    assert agreement.stage == Stage.RENEGOTIATION
    assert pack_of(session, agreement).decision == ReviewDecision.RENEGOTIATE


def test_an_owner_is_not_asked_to_decide_what_policy_decides_in_the_same_sweep(engine: Engine) -> None:
    with transaction(engine) as session:
        close_period(session, monitored(session))
        add_tickets(session, open_period(session, session.get_one(Agreement, 1)).starts_at, 40)
    with transaction(engine) as session:
        close_period(session, session.get_one(Agreement, 1))
        at = session.exec(select(ServicePeriod.closes_at).where(ServicePeriod.id == 2)).one()
    sweep_reviews(engine, at)
    with transaction(engine) as session:
        (pack,) = session.exec(select(ReviewPack)).all()
        assert (pack.findings, pack.decided_by) == ([], POLICY)
        assert readers(session, "review_made") == []
