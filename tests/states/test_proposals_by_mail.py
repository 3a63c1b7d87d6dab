"""Proposals answered by mail: the secret address decides where policy lets it; late answers are told so."""

from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from models.database import reading, transaction
from models.proposals import Proposal, ProposalState
from states import audit
from states.drafting import find_agreement
from states.proposals import propose_terms
from states.target_revisions import accept_risk
from tests.states.builders import MANAGER, MONDAY, at_once, draft, letters, person, written
from tests.states.mailed import DAY, OWNER, address_for, decisions, events, message, send, take_answers


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Return the URL of an empty database, on both databases in turn."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def proposed(engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Engine:
    """The customer is asked for ten hours instead of eight, where policy is content with initials."""
    rules = tmp_path / "policy.toml"
    rules.write_text('[approvals]\nproposal_assurance = "L1"\n', "utf-8")
    take_answers(monkeypatch, SLM_POLICY_FILE=str(rules))
    with transaction(engine) as session:
        agreement = written(session)
        asker = person(session, MANAGER)
        propose_terms(session, agreement, "P2", asker, "too few at night", MONDAY, threshold_s=10 * 3600)
    return engine


def address(engine: Engine, answer: str) -> str:
    return address_for(engine, answer, kind="proposal_request")


def state(engine: Engine) -> tuple[ProposalState, int]:
    """How the proposal stands, and the hours that the draft promises."""
    with reading(engine) as session:
        agreement = find_agreement(session, "SLA-1")
        assert audit.faults(session, agreement) == []
        hours = draft(agreement).targets[0].threshold_s // 3600
        return session.exec(select(Proposal)).one().state, hours


def test_a_yes_gives_the_draft_its_other_terms(proposed: Engine) -> None:
    assert send(proposed, message(address(proposed, "yes")))[0] == "decision"
    assert state(proposed) == (ProposalState.APPROVED, 10)
    (decision,) = decisions(proposed)
    assert decision.via == "mail" and decision.address == OWNER
    kinds = [event.kind for event in events(proposed, "")]
    assert kinds[-4:] == ["decision", "target revised", "proposal approved", "mail decision"]
    with reading(proposed) as session:
        receipt = letters(session, "approval_receipt")[0]
        assert "proposal 1" in receipt.subject


def test_a_no_with_its_reason_leaves_the_draft_alone(proposed: Engine) -> None:
    told = send(proposed, message(address(proposed, "no"), "eight hours were promised to the crews"))
    assert told[0] == "decision"
    assert state(proposed) == (ProposalState.DECLINED, 8)


def test_yes_and_no_at_once_have_one_outcome(proposed: Engine) -> None:
    yes, no = message(address(proposed, "yes")), message(address(proposed, "no"), "no")
    outcomes = at_once(*(lambda raw=raw: send(proposed, raw)[0] for raw in (yes, no)))
    assert sorted(map(str, outcomes)) == ["decision", "held"]
    (decision,) = decisions(proposed)
    assert (
        state(proposed)
        == {
            "approve": (ProposalState.APPROVED, 10),
            "decline": (ProposalState.DECLINED, 8),
        }[decision.answer.value]
    )


def test_a_yes_after_the_manager_decided_directly_is_told_that_it_came_too_late(proposed: Engine) -> None:
    yes = address(proposed, "yes")
    with transaction(proposed) as session:
        agreement = find_agreement(session, "SLA-1")
        accept_risk(session, agreement, "P2", MANAGER, "more staff in May", MONDAY + DAY)
    outcome, why = send(proposed, message(yes), at=MONDAY + 2 * DAY)
    assert outcome == "held" and "the risk of target P2 was accepted" in why
    assert decisions(proposed) == [] and state(proposed) == (ProposalState.WITHDRAWN, 8)
    with reading(proposed) as session:
        (closed,) = letters(session, "approval_closed")
        assert "the risk of target P2 was accepted" in " ".join(closed.text.split())
