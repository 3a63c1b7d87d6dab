"""Exclusions: asked for with a reason, put to the customer's people, and settled once, for one text."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from evidence.exclusions import read_exclusions
from models.agreements import Agreement, Stage
from models.approvals import Answer, RequestState
from models.database import reading, transaction
from models.evidence import Ticket
from models.exclusions import Exclusion, ExclusionState
from states import approvals, audit, settling
from states.decisions import Answered, decide
from states.drafts import version_in_force
from states.exclusion_accounts import exclusion_told
from states.exclusions import ExclusionRefusedError, ask_exclusion
from states.move import Trigger
from states.open_requests import DecisionRefusedError
from states.settling import NotWithdrawnError
from states.signing import sign_blockers_of
from states.sweeps import sweep_approvals
from tests.states.builders import (
    BOARD,
    CUSTOMER_OWNER,
    MANAGER,
    MONDAY,
    PROVIDER,
    add_ticket,
    answer,
    at_once,
    contents,
    figure,
    in_renegotiation,
    letters,
    loosened,
    monitored,
    move,
    offer,
    person,
    readers,
    request_to,
    written,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TWO_CUSTOMERS = [*contents()["signatories"], {"email": "managing@harbour.example", "side": "customer"}]


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Return the URL of an empty database, on both databases in turn."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


def ask(session: Session, agreement: Agreement, **changes: object) -> Exclusion:
    """Ask that Tuesday does not count."""
    asked: dict[str, object] = {
        "asked_by": person(session, PROVIDER),
        "reason": "strike at the data centre",
        "starts_at": MONDAY + DAY,
        "ends_at": MONDAY + 2 * DAY,
        "at": MONDAY + 3 * DAY,
    }
    return ask_exclusion(session, agreement, **asked | changes)  # type: ignore[arg-type]


def kinds(session: Session, agreement: Agreement) -> list[str]:
    return [event.kind for event in audit.events_of(session, agreement) if event.kind.startswith("exclusion")]


def counted(session: Session, agreement: Agreement, day: int) -> list[str]:
    read = read_exclusions(session, agreement.id, MONDAY - DAY, MONDAY + day * DAY)
    return [row.reason for row in read]


def test_the_customer_is_asked_by_letter_and_the_provider_is_not(session: Session) -> None:
    agreement = monitored(session)
    exclusion = ask(session, agreement, population={"priority": "2"})
    assert exclusion.state == ExclusionState.ASKED
    (letter,) = letters(session, "exclusion_request")
    assert letter.to_name == CUSTOMER_OWNER
    for words in ("strike at the data centre", "priority 2", "3 March 2026, 10:00 CET", PROVIDER):
        assert words in letter.text
    request = request_to(session, CUSTOMER_OWNER)
    assert (request.exclusion_id, request.sha256) == (exclusion.id, exclusion.sha256)
    assert request.due_at == MONDAY + 17 * DAY
    assert kinds(session, agreement) == ["exclusion asked"]


def test_it_counts_from_its_approval_on(session: Session) -> None:
    agreement = monitored(session)
    exclusion = ask(session, agreement)
    assert counted(session, agreement, 9) == []
    answer(session, CUSTOMER_OWNER, MONDAY + 4 * DAY)
    assert (exclusion.state, exclusion.decided_at) == (ExclusionState.APPROVED, MONDAY + 4 * DAY)
    assert counted(session, agreement, 3) == []
    assert counted(session, agreement, 4) == ["strike at the data centre"]
    assert readers(session, "exclusion_settled") == [PROVIDER, MANAGER], "the asker and the owner"
    assert kinds(session, agreement) == ["exclusion asked", "exclusion approved"]
    assert audit.faults(session, agreement) == []
    assert agreement.stage == Stage.MONITORING


def test_everybody_required_of_the_customer_must_approve(session: Session) -> None:
    agreement = monitored(session, signatories=TWO_CUSTOMERS)
    exclusion = ask(session, agreement)
    answer(session, BOARD, MONDAY + 4 * DAY)
    assert exclusion.state == ExclusionState.ASKED
    answer(session, CUSTOMER_OWNER, MONDAY + 5 * DAY)
    assert (exclusion.state, exclusion.decided_at) == (ExclusionState.APPROVED, MONDAY + 5 * DAY)
    assert exclusion_told(session, exclusion)["approved_by"] == [CUSTOMER_OWNER, BOARD]


def test_a_decline_says_why_and_ends_it(session: Session) -> None:
    agreement = monitored(session, signatories=TWO_CUSTOMERS)
    exclusion = ask(session, agreement)
    answer(session, BOARD, MONDAY + 4 * DAY, Answer.DECLINE, "your strike, your risk")
    assert exclusion.state == ExclusionState.DECLINED
    assert readers(session, "exclusion_settled") == [CUSTOMER_OWNER, PROVIDER, BOARD, MANAGER]
    assert all("your strike, your risk" in letter.text for letter in letters(session, "exclusion_settled"))
    with pytest.raises(DecisionRefusedError, match="this request is void: Managing board declined"):
        answer(session, CUSTOMER_OWNER, MONDAY + 4 * DAY)
    assert counted(session, agreement, 99) == []
    assert agreement.stage == Stage.MONITORING and version_in_force(agreement) is not None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"reason": "  "}, "SLA-1: give the reason of the exclusion: the report prints it"),
        ({"ends_at": MONDAY + DAY}, "must end after 2026-03-03 09:00:00 UTC, its start"),
        ({"ticket": "T-nowhere"}, "there is no ticket 'T-nowhere' of this customer"),
        ({"population": {"colour": "red"}}, "tickets have no attribute 'colour'; a population may name prio"),
        ({"population": {"priority": "2"}, "ticket": "T1"}, "name one ticket or a population, not both"),
    ],
)
def test_what_is_refused_changes_nothing(session: Session, changes: dict[str, object], words: str) -> None:
    agreement = monitored(session)
    before = figure(session, agreement)
    with pytest.raises(ExclusionRefusedError, match=words):
        ask(session, agreement, **changes)
    assert figure(session, agreement) == before
    assert session.exec(select(Exclusion)).all() == []


def test_nothing_is_excluded_where_nothing_is_in_force(session: Session) -> None:
    with pytest.raises(ExclusionRefusedError, match="SLA-1: no version is in force"):
        ask(session, written(session))


def test_the_same_is_asked_for_once(session: Session) -> None:
    agreement = monitored(session)
    first = ask(session, agreement, population={"priority": "2"})
    with pytest.raises(ExclusionRefusedError, match=f"exclusion {first.id} asks for the same; it is asked"):
        ask(session, agreement, population={"priority": "2"}, reason="in other words")
    ask(session, agreement, population={"priority": "1"})
    settling.withdraw(session, first, MANAGER, "a mistake", MONDAY + 3 * DAY)
    ask(session, agreement, population={"priority": "2"})


def test_one_ticket_is_named_by_its_number(session: Session) -> None:
    agreement = monitored(session)
    add_ticket(session, MONDAY + DAY)
    number = session.exec(select(Ticket.external_id).order_by(col(Ticket.id).desc())).first()
    exclusion = ask(session, agreement, ticket=number)
    assert exclusion_told(session, exclusion)["scope"] == f"ticket {number}"
    with pytest.raises(ExclusionRefusedError, match="there is no ticket"):
        ask(session, agreement, ticket=number, at=MONDAY, reason="before the ticket was known")


def test_an_outage_that_hits_everybody_is_excluded_by_its_number(either: Session) -> None:
    agreement = monitored(either)
    add_ticket(either, MONDAY + HOUR, external_id="O-1", customer="", request_type="outage")
    add_ticket(either, MONDAY + HOUR, external_id="T-1", customer="")
    assert ask(either, agreement, ticket="O-1").ticket == "O-1"
    with pytest.raises(ExclusionRefusedError, match="there is no ticket 'T-1' of this customer"):
        ask(either, agreement, ticket="T-1")


def test_it_is_withdrawn_while_it_waits_and_whoever_was_asked_is_told(session: Session) -> None:
    agreement = monitored(session)
    exclusion = ask(session, agreement)
    with pytest.raises(NotWithdrawnError, match="to withdraw it, give a reason"):
        settling.withdraw(session, exclusion, MANAGER, " ", MONDAY + 3 * DAY)
    settling.withdraw(session, exclusion, MANAGER, "a mistake", MONDAY + 3 * DAY)
    assert exclusion.state == ExclusionState.WITHDRAWN
    assert readers(session, "exclusion_void") == [CUSTOMER_OWNER]
    with pytest.raises(DecisionRefusedError, match="this request is void: a mistake"):
        answer(session, CUSTOMER_OWNER, MONDAY + 4 * DAY)


def test_what_is_approved_counts_for_good(session: Session) -> None:
    agreement = monitored(session)
    exclusion = ask(session, agreement)
    answer(session, CUSTOMER_OWNER, MONDAY + 4 * DAY)
    with pytest.raises(NotWithdrawnError, match="is approved already; only what still waits"):
        settling.withdraw(session, exclusion, MANAGER, "second thoughts", MONDAY + 5 * DAY)


def test_reminders_speak_of_the_exclusion_and_the_owner_hears_last(session: Session) -> None:
    agreement = monitored(session)
    ask(session, agreement)
    request = request_to(session, CUSTOMER_OWNER)
    request.due_at = MONDAY + 60 * DAY  # so that the reminders come first
    while request.next_reminder_at is not None:
        approvals.remind(session, request, request.next_reminder_at)
    assert readers(session, "exclusion_reminder") == [CUSTOMER_OWNER] * 3
    assert readers(session, "exclusion_escalation") == [MANAGER]
    assert letters(session, "approval_reminder") == []
    assert kinds(session, agreement) == [
        "exclusion asked",
        *["exclusion reminded"] * 3,
        "exclusion escalated",
    ]


def test_without_an_answer_in_time_it_is_withdrawn_and_the_owner_is_told(session: Session) -> None:
    agreement = monitored(session, signatories=TWO_CUSTOMERS)
    exclusion = ask(session, agreement)
    request = request_to(session, CUSTOMER_OWNER)
    assert session.exec(approvals.requests_run_out(request.due_at)).all()[0] is request
    settling.expire(session, request, request.due_at)
    assert request.state == RequestState.EXPIRED and exclusion.state == ExclusionState.WITHDRAWN
    assert readers(session, "exclusion_escalation") == [MANAGER]
    assert readers(session, "exclusion_settled") == [PROVIDER], "who asked is told too"
    assert request_to(session, BOARD).state == RequestState.VOID


def test_the_sweep_reminds_and_closes_what_ran_out(engine: Engine) -> None:
    with transaction(engine) as session:
        exclusion = ask(session, monitored(session))
        number, due = exclusion.id, request_to(session, CUSTOMER_OWNER).due_at
    assert sweep_approvals(engine, due - DAY).done == [f"{CUSTOMER_OWNER}: reminded"]
    report = sweep_approvals(engine, due)
    assert (report.done, report.problems) == ([f"{CUSTOMER_OWNER}: request ran out"], [])
    with reading(engine) as session:
        assert session.get_one(Exclusion, number).state == ExclusionState.WITHDRAWN
    assert sweep_approvals(engine, due + DAY).done == []


def test_two_who_approve_at_once_make_it_count_once(engine: Engine) -> None:
    with transaction(engine) as session:
        number = ask(session, monitored(session, signatories=TWO_CUSTOMERS)).id

    def approve(name: str) -> None:
        with transaction(engine) as session:
            answer(session, name, MONDAY + 4 * DAY)

    assert at_once(lambda: approve(CUSTOMER_OWNER), lambda: approve(BOARD)) == [None, None]
    with reading(engine) as session:
        assert session.get_one(Exclusion, number).state == ExclusionState.APPROVED
        agreement = session.exec(select(Agreement)).one()
        assert kinds(session, agreement) == ["exclusion asked", "exclusion approved"]


def test_its_requests_are_no_signatures(session: Session) -> None:
    """An exclusion is declined while version 2 waits for signatures: neither stops the other."""
    agreement = loosened(session, in_renegotiation(session))
    at = agreement.stage_since + DAY
    exclusion = ask(session, agreement, at=at)
    excluded = request_to(session, CUSTOMER_OWNER)
    move(session, agreement, Trigger.SKIP_TRIAL, at, reason="agreed")
    version = offer(agreement)
    assert excluded.state == RequestState.OPEN
    assert len(approvals.requests_for(session, version)) == 2
    decide(session, excluded, Answered(Answer.DECLINE, CUSTOMER_OWNER, "no"), at + HOUR)
    assert exclusion.state == ExclusionState.DECLINED
    assert agreement.stage == Stage.SIGNING, "the decline was about the exclusion"
    assert sign_blockers_of(session, agreement) == [
        f"{PROVIDER} has not approved",
        f"{CUSTOMER_OWNER} has not approved",
    ]


def test_another_version_does_not_void_it_and_the_end_does(session: Session) -> None:
    agreement = loosened(session, in_renegotiation(session))
    at = agreement.stage_since + DAY
    exclusion = ask(session, agreement, at=at)
    excluded = request_to(session, CUSTOMER_OWNER)
    seen = []
    move(session, agreement, Trigger.SKIP_TRIAL, at, reason="agreed")
    answer(session, PROVIDER, at)
    answer(session, CUSTOMER_OWNER, at)
    seen.append((agreement.stage, excluded.state, exclusion.state))
    move(session, agreement, Trigger.END, at + DAY, reason="the harbour closed")
    seen.append((agreement.stage, excluded.state, exclusion.state))
    assert seen == [
        (Stage.MONITORING, RequestState.OPEN, ExclusionState.ASKED),
        (Stage.ENDED, RequestState.VOID, ExclusionState.WITHDRAWN),
    ]
    with pytest.raises(DecisionRefusedError, match="this request is void: the agreement ended"):
        decide(session, excluded, Answered(Answer.APPROVE, CUSTOMER_OWNER), at + DAY)


def test_an_approval_is_for_this_very_text(session: Session) -> None:
    agreement = monitored(session)
    exclusion = ask(session, agreement)
    exclusion.ends_at += DAY
    session.flush()
    with pytest.raises(DecisionRefusedError, match="another text than the one that is offered"):
        answer(session, CUSTOMER_OWNER, MONDAY + 4 * DAY)
