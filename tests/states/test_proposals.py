"""Proposals: put to the customer by letter, done by approval, overtaken by what is done directly."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from config.policy import policy
from models.agreements import Agreement, Stage
from models.approvals import Answer, ApprovalRequest, RequestState
from models.database import reading, transaction
from models.proposals import Proposal, ProposalState
from models.reviews import ReviewDecision
from models.version_words import Settlement, VersionStatus
from states import audit
from states.absences import add_absence
from states.approval_acts import ApprovalActError, ask_anew, void_now
from states.decisions import Answered, decide
from states.drafting import find_agreement
from states.handing_over import Delegation, hand_over
from states.move import POLICY, Trigger
from states.open_requests import DecisionRefusedError
from states.proposal_asking import ProposalRefusedError
from states.proposals import propose_counter_offer, propose_outcome, propose_terms
from states.review import latest_pack
from states.settling import NotWithdrawnError, withdraw
from states.signing import sign_blockers_of
from states.sweeps import sweep_approvals
from states.target_revisions import accept_risk, adopt_counter_offer
from states.trial_offer import counter_offer_of
from tests.states.builders import (
    BOARD,
    CUSTOMER_OWNER,
    MANAGER,
    MONDAY,
    PROVIDER,
    add_tickets,
    answer,
    at_once,
    conclude,
    contents,
    draft,
    in_renegotiation,
    in_review,
    in_trial,
    letters,
    move,
    person,
    readers,
    request_to,
    rewrite,
    trial_of,
    written,
)

DAY = timedelta(days=1)
TWO_CUSTOMERS = [*contents()["signatories"], {"email": "managing@harbour.example", "side": "customer"}]
WHY = "so many tickets wait for spare parts"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Return the URL of an empty database, on both databases in turn."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


def tried(session: Session, at: datetime = MONDAY, **changes: object) -> Agreement:
    """SLA-1 with a concluded trial that bears out less than P2 promises."""
    agreement = in_trial(session, at, **changes)
    add_tickets(session, at, 40, hours=1)
    add_tickets(session, at, 20, hours=11)
    conclude(session, agreement)
    return agreement


def after(agreement: Agreement, days: int = 0) -> datetime:
    """So many days after the agreement's trial was concluded."""
    return agreement.stage_since + timedelta(days=25 + days)


def offer_to(session: Session, agreement: Agreement, by: str = MANAGER, days: int = 0) -> Proposal:
    return propose_counter_offer(session, agreement, "P2", person(session, by), WHY, after(agreement, days))


def kinds(session: Session, agreement: Agreement) -> list[str]:
    return [event.kind for event in audit.events_of(session, agreement) if "proposal" in event.kind]


def terms(agreement: Agreement) -> tuple[int, float]:
    target = draft(agreement).targets[0]
    return target.threshold_s, target.objective


def test_a_counter_offer_is_asked_of_the_customer_with_what_the_trial_shows(either: Session) -> None:
    agreement = tried(either)
    proposal = offer_to(either, agreement)
    (letter,) = letters(either, "proposal_request")
    assert letter.to_name == CUSTOMER_OWNER
    (result,) = trial_of(either, agreement).results
    shown = proposal.terms["evidence"]["now"]
    assert (shown["known"], shown["hits"], shown["verdict"]) == (result.known, result.hits, "not met")
    assert (shown["lower"], shown["upper"]) == (result.lower, result.upper)
    assert proposal.terms["evidence"]["then"]["verdict"] == "met"
    for words in (
        "Now: 90 % of priority 2 tickets resolved within 8 h",
        f"{result.hits} of {result.known}",
        "Would be: ",
        WHY,
        "Nothing is signed by that",
    ):
        assert words in " ".join(letter.text.replace("\u00a0", " ").split()), words
    request = request_to(either, CUSTOMER_OWNER)
    assert (request.proposal_id, request.sha256) == (proposal.id, proposal.sha256)
    assert request.due_at == after(agreement) + 14 * DAY
    assert kinds(either, agreement) == ["proposal asked"]


def test_an_approval_adopts_the_counter_offer(either: Session) -> None:
    agreement = tried(either)
    proposal = offer_to(either, agreement)
    answer(either, CUSTOMER_OWNER, after(agreement, 1))
    offer = counter_offer_of(trial_of(either, agreement).results[0])
    assert offer is not None and terms(agreement) == (offer.threshold_s, offer.objective)
    assert draft(agreement).requirements[0].settlement == Settlement.REDUCED
    assert (proposal.state, proposal.outcome) == (ProposalState.APPROVED, "")
    assert readers(either, "proposal_settled") == [MANAGER]
    adopted = [row for row in audit.events_of(either, agreement) if row.kind == "counter-offer adopted"]
    assert [row.actor for row in adopted] == [CUSTOMER_OWNER]
    assert kinds(either, agreement) == ["proposal asked", "proposal approved"]
    assert audit.faults(either, agreement) == []
    assert move(either, agreement, Trigger.OFFER, after(agreement, 2)).stage == Stage.SIGNING
    assert sign_blockers_of(either, agreement) == [
        f"{name} has not approved" for name in (PROVIDER, CUSTOMER_OWNER)
    ]


def test_all_required_signatories_of_the_customer_decide(session: Session) -> None:
    agreement = tried(session, signatories=TWO_CUSTOMERS)
    proposal = offer_to(session, agreement)
    answer(session, BOARD, after(agreement, 1))
    assert proposal.decided_at is None and terms(agreement) == (8 * 3600, 0.9)
    answer(session, CUSTOMER_OWNER, after(agreement, 2))
    assert proposal.state == ProposalState.APPROVED
    adopted = [row for row in audit.events_of(session, agreement) if row.kind == "counter-offer adopted"]
    assert [row.actor for row in adopted] == [f"{CUSTOMER_OWNER}, {BOARD}"]


def test_a_decline_changes_nothing_and_says_why(either: Session) -> None:
    agreement = tried(either, signatories=TWO_CUSTOMERS)
    proposal = offer_to(either, agreement)
    answer(either, BOARD, after(agreement, 1), Answer.DECLINE, "we pay for eight hours")
    assert (proposal.state, proposal.outcome) == (ProposalState.DECLINED, "we pay for eight hours")
    assert terms(agreement) == (8 * 3600, 0.9)
    assert readers(either, "proposal_settled") == [CUSTOMER_OWNER, BOARD, MANAGER]
    assert all("we pay for eight hours" in letter.text for letter in letters(either, "proposal_settled"))
    with pytest.raises(DecisionRefusedError, match="this request is void: Managing board declined"):
        answer(either, CUSTOMER_OWNER, after(agreement, 1))
    assert offer_to(either, agreement, days=2).id != proposal.id, "it may be asked again"


def test_other_terms_go_into_the_draft_and_settle_its_requirements(either: Session) -> None:
    agreement = written(either)
    add_tickets(either, MONDAY - 30 * DAY, 30, hours=9)
    proposal = propose_terms(
        either, agreement, "P2", person(either, MANAGER), WHY, MONDAY, threshold_s=10 * 3600, objective=0.85
    )
    shown = proposal.terms["evidence"]
    assert (shown["now"]["hits"], shown["then"]["hits"]) == (0, 30)
    assert "The last twelve weeks" in letters(either, "proposal_request")[0].text
    answer(either, CUSTOMER_OWNER, MONDAY + DAY)
    assert terms(agreement) == (10 * 3600, 0.85)
    (requirement,) = draft(agreement).requirements
    assert requirement.settlement == Settlement.REDUCED
    assert requirement.reason.endswith(f"within 10 h: {WHY} ({CUSTOMER_OWNER})")
    assert "target revised" in [row.kind for row in audit.events_of(either, agreement)]


def test_stricter_terms_are_all_that_was_required(session: Session) -> None:
    agreement = written(session)
    propose_terms(session, agreement, "P2", person(session, MANAGER), WHY, MONDAY, threshold_s=6 * 3600)
    answer(session, CUSTOMER_OWNER, MONDAY + DAY)
    assert draft(agreement).requirements[0].settlement == Settlement.ACCEPTED


def test_a_task_of_the_renegotiation_is_asked_with_its_offer(session: Session) -> None:
    agreement = in_renegotiation(session)
    at = agreement.stage_since
    proposal = propose_counter_offer(session, agreement, "P2", person(session, MANAGER), WHY, at)
    answer(session, CUSTOMER_OWNER, at + DAY)
    assert proposal.state == ProposalState.APPROVED
    assert terms(agreement)[0] == proposal.terms["then"]["threshold_s"] != 8 * 3600


@pytest.mark.parametrize(
    ("decision", "stage"),
    [(ReviewDecision.RENEGOTIATE, Stage.RENEGOTIATION), (ReviewDecision.RENEW, Stage.MONITORING)],
)
def test_the_outcome_of_a_review_is_made_by_the_approval(
    either: Session, decision: ReviewDecision, stage: Stage
) -> None:
    agreement = in_review(either)
    at = agreement.stage_since
    proposal = propose_outcome(either, agreement, decision, person(either, MANAGER), WHY, at)
    (letter,) = letters(either, "proposal_request")
    pack = latest_pack(either, agreement)
    assert pack is not None and pack.findings[0].split(",")[0] in letter.text
    assert agreement.stage == Stage.REVIEW
    answer(either, CUSTOMER_OWNER, at + DAY)
    assert agreement.stage == stage
    assert (pack.decision, pack.decided_by, pack.reason) == (decision, CUSTOMER_OWNER, WHY)
    assert proposal.state == ProposalState.APPROVED
    assert audit.faults(either, agreement) == []


def test_a_declined_outcome_leaves_the_review_open(session: Session) -> None:
    agreement = in_review(session)
    at = agreement.stage_since
    propose_outcome(session, agreement, ReviewDecision.RENEW, person(session, MANAGER), WHY, at)
    answer(session, CUSTOMER_OWNER, at + DAY, Answer.DECLINE, "not with these figures")
    assert agreement.stage == Stage.REVIEW
    (told,) = [row for row in letters(session, "proposal_settled") if row.to_name == MANAGER]
    assert "not with these figures" in told.text and "The review stays open." in " ".join(told.text.split())


def test_what_the_gate_refuses_in_the_end_is_kept_as_blocked(session: Session) -> None:
    people = [*contents()["customer"]["people"], {"name": POLICY, "email": "policy@harbour.example"}]
    signatories = [contents()["signatories"][0], {"email": "policy@harbour.example", "side": "customer"}]
    agreement = in_review(
        session, customer=contents()["customer"] | {"people": people}, signatories=signatories
    )
    at = agreement.stage_since
    proposal = propose_outcome(session, agreement, ReviewDecision.RENEW, person(session, MANAGER), WHY, at)
    answer(
        session, POLICY, at + DAY
    )  # a name that the gate takes for the policy, which decides on no finding
    assert (
        proposal.state == ProposalState.BLOCKED and "a manager must decide on 1 finding" in proposal.outcome
    )
    assert agreement.stage == Stage.REVIEW
    (told,) = letters(session, "proposal_settled")
    assert told.to_name == MANAGER and "a manager must decide on 1 finding" in " ".join(told.text.split())
    assert kinds(session, agreement) == ["proposal asked", "proposal blocked"]


def by_adopting(session: Session, agreement: Agreement, at: datetime) -> None:
    adopt_counter_offer(session, agreement, "P2", MANAGER, at)


def by_accepting_the_risk(session: Session, agreement: Agreement, at: datetime) -> None:
    accept_risk(session, agreement, "P2", MANAGER, "we hire", at)


def by_reworking(session: Session, agreement: Agreement, at: datetime) -> None:
    move(session, agreement, Trigger.REWORK, at, reason="anew")


def by_ending(session: Session, agreement: Agreement, at: datetime) -> None:
    move(session, agreement, Trigger.END, at, reason="sold")


@pytest.mark.parametrize(
    ("overtake", "words"),
    [
        (by_adopting, "target P2 was changed meanwhile"),
        (by_accepting_the_risk, "the risk of target P2 was accepted"),
        (by_reworking, "the agreement moved on, to requirements"),
        (by_ending, "the agreement moved on, to ended"),
    ],
)
def test_what_is_decided_directly_overtakes_the_proposal(
    session: Session, overtake: Callable[[Session, Agreement, datetime], None], words: str
) -> None:
    agreement = tried(session)
    proposal = offer_to(session, agreement)
    overtake(session, agreement, after(agreement, 1))
    assert proposal.state == ProposalState.WITHDRAWN and words in proposal.outcome
    (told,) = letters(session, "proposal_void")
    assert told.to_name == CUSTOMER_OWNER and words in " ".join(told.text.split())
    with pytest.raises(DecisionRefusedError, match=f"this request is void: {words}"):
        answer(session, CUSTOMER_OWNER, after(agreement, 2))
    assert audit.faults(session, agreement) == []


def test_a_draft_that_people_were_asked_about_is_kept_when_it_is_rewritten(either: Session) -> None:
    agreement = written(either)
    proposal = propose_terms(either, agreement, "P2", person(either, MANAGER), WHY, MONDAY, objective=0.8)
    rewrite(either, MONDAY + DAY, title="Service desk of the harbour")
    assert [(row.number, row.status) for row in agreement.versions] == [
        (1, VersionStatus.ABANDONED),
        (2, VersionStatus.DRAFT),
    ]
    assert proposal.state == ProposalState.WITHDRAWN and "version 1 is abandoned" in proposal.outcome
    rewrite(either, MONDAY + 2 * DAY, title="Service desk")
    assert len(agreement.versions) == 2, "nobody was asked about this one"


def test_a_late_change_that_no_move_told_of_is_seen_by_the_answer(session: Session) -> None:
    agreement = tried(session)
    offer_to(session, agreement)
    draft(agreement).targets[0].threshold_s = 9 * 3600
    session.flush()
    with pytest.raises(DecisionRefusedError, match="this request is superseded: target P2 was changed"):
        answer(session, CUSTOMER_OWNER, after(agreement, 1))


def test_who_is_asked_too_late_lapses_and_the_owner_is_told(engine: Engine) -> None:
    with transaction(engine) as session:
        agreement = tried(session)
        proposal = offer_to(session, agreement, by=PROVIDER)
        number, ends = proposal.id, request_to(session, CUSTOMER_OWNER).due_at
    for days in range(10, -1, -1):
        sweep_approvals(engine, ends - days * DAY)
    with reading(engine) as session:
        assert set(readers(session, "proposal_reminder")) == {CUSTOMER_OWNER}
        proposal = session.get_one(Proposal, number)
        assert proposal.state == ProposalState.WITHDRAWN
        assert proposal.outcome == f"{CUSTOMER_OWNER} did not answer in time"
        assert readers(session, "proposal_settled") == [PROVIDER], "who made it; the owner got the escalation"
        assert MANAGER in readers(session, "proposal_escalation")
        assert session.exec(select(ApprovalRequest.state)).one() == RequestState.EXPIRED


def test_nobody_approves_their_own_proposal(session: Session) -> None:
    agreement = tried(session)
    with pytest.raises(ProposalRefusedError, match="nobody of the customer is there to decide"):
        offer_to(session, agreement, by=CUSTOMER_OWNER)
    offer_to(session, agreement, by=BOARD)
    handed = Delegation(BOARD, "managing@harbour.example", "you know it")
    with pytest.raises(DecisionRefusedError, match="proposed it, and policy lets nobody approve their own"):
        hand_over(session, request_to(session, CUSTOMER_OWNER), handed, after(agreement))


def test_a_delegate_is_asked_and_may_be_asked_anew(session: Session) -> None:
    agreement = tried(session)
    owner, board = person(session, CUSTOMER_OWNER), person(session, BOARD)
    add_absence(session, owner, board, MONDAY, MONDAY + 90 * DAY)
    proposal = offer_to(session, agreement)
    assert readers(session, "proposal_request") == [BOARD]
    request = request_to(session, BOARD)
    with pytest.raises(ApprovalActError, match=f"withdraw proposal {proposal.id} instead"):
        void_now(session, request, "wrong", MANAGER, after(agreement))
    new = ask_anew(session, request, MANAGER, after(agreement, 1))
    assert new.proposal_id == proposal.id
    answer(session, BOARD, after(agreement, 2))
    assert proposal.state == ProposalState.APPROVED


def test_the_same_is_not_asked_twice(session: Session) -> None:
    agreement = tried(session)
    proposal = offer_to(session, agreement)
    with pytest.raises(ProposalRefusedError, match=f"proposal {proposal.id}, counter-offer for P2, waits"):
        offer_to(session, agreement)
    withdraw(session, proposal, MANAGER, "asked too early", after(agreement))
    assert readers(session, "proposal_void") == [CUSTOMER_OWNER]
    with pytest.raises(NotWithdrawnError, match="is withdrawn already"):
        withdraw(session, proposal, MANAGER, "again", after(agreement))
    adopt_counter_offer(session, agreement, "P2", MANAGER, after(agreement))
    with pytest.raises(ProposalRefusedError, match="target P2 says so already"):
        offer_to(session, agreement)


def test_what_cannot_be_proposed_is_refused(session: Session) -> None:
    agreement = in_trial(session)
    asker = person(session, MANAGER)
    with pytest.raises(ProposalRefusedError, match="there is no counter-offer for target P2"):
        propose_counter_offer(session, agreement, "P2", asker, WHY, MONDAY)
    with pytest.raises(ProposalRefusedError, match="the trial still runs"):
        propose_terms(session, agreement, "P2", asker, WHY, MONDAY, objective=0.8)
    with pytest.raises(ProposalRefusedError, match="no review waits for a decision"):
        propose_outcome(session, agreement, ReviewDecision.RENEW, asker, WHY, MONDAY)
    assert letters(session, "proposal_request") == []


def test_without_a_reason_nobody_is_asked(session: Session) -> None:
    agreement = written(session)
    with pytest.raises(ProposalRefusedError, match="say why; everybody who is asked reads it"):
        propose_terms(session, agreement, "P2", person(session, MANAGER), " ", MONDAY, objective=0.8)


def test_policy_says_how_surely_it_is_approved(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    other = policy().approvals.model_copy(update={"proposal_assurance": "L3"})
    monkeypatch.setattr("states.subjects.policy", lambda: policy().model_copy(update={"approvals": other}))
    offer_to(session, tried(session))
    assert request_to(session, CUSTOMER_OWNER).assurance == "L3"


def test_of_racing_answers_one_decides(engine: Engine) -> None:
    with transaction(engine) as session:
        agreement = tried(session)
        offer_to(session, agreement)
        at = after(agreement, 1)

    def answered(given: Answer) -> str:
        with transaction(engine) as session:
            decide(session, request_to(session, CUSTOMER_OWNER), Answered(given, CUSTOMER_OWNER, "why"), at)
        return given.value

    results = at_once(*(lambda given=given: answered(given) for given in (Answer.APPROVE, Answer.DECLINE)))
    decided = [row for row in results if isinstance(row, str)]
    refused = [row for row in results if isinstance(row, DecisionRefusedError)]
    assert len(decided) == len(refused) == 1
    with reading(engine) as session:
        state = session.exec(select(Proposal.state)).one()
        assert state == {"approve": ProposalState.APPROVED, "decline": ProposalState.DECLINED}[decided[0]]


def test_an_approval_and_a_manager_at_once_leave_one_counter_offer(engine: Engine) -> None:
    with transaction(engine) as session:
        agreement = tried(session)
        offer_to(session, agreement)
        at = after(agreement, 1)

    def approve() -> None:
        with transaction(engine) as session:
            answered = Answered(Answer.APPROVE, CUSTOMER_OWNER)
            decide(session, request_to(session, CUSTOMER_OWNER), answered, at)

    def adopt() -> None:
        with transaction(engine) as session:
            adopt_counter_offer(session, find_agreement(session, "SLA-1"), "P2", MANAGER, at)

    results = at_once(approve, adopt)
    refused = [row for row in results if row is not None]
    with reading(engine) as session:
        agreement = find_agreement(session, "SLA-1")
        proposal = session.exec(select(Proposal)).one()
        assert terms(agreement) == (11 * 3600, 0.9) and audit.faults(session, agreement) == []
        if refused:
            assert proposal.state == ProposalState.WITHDRAWN
            assert [str(row) for row in refused] == [f"this request is void: {proposal.outcome}"]
        else:
            assert proposal.state == ProposalState.APPROVED
