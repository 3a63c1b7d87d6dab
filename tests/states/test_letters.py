"""What becomes of letters: audit trails keep it, owners are told of failures, some are tried again."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import Engine
from sqlmodel import Session

from config.errors import NotFoundError
from config.settings import settings
from mail.links import token_in
from mail.sender import Sending
from models.agreements import Agreement, Stage
from models.approvals import LinkPurpose
from models.database import reading, transaction
from models.letters import LetterState, OutboxLetter
from states import audit, surveys
from states.letter_log import Standing, count_by_standing, find_letters, text_of
from states.letters import LetterRefusedError, deliver, find_letter, retry
from states.survey_opt_outs import find_person, opt_in, opt_out, opted_out
from tests.mail.post_office import MailServer, free_port
from tests.states.builders import (
    CUSTOMER_OWNER,
    MONDAY,
    answer,
    letters,
    offered,
    person,
    readers,
    request_to,
    token_to,
    written,
)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    """A mail server on loopback that the settings name."""
    port = free_port()
    monkeypatch.setenv("SLM_SMTP_PORT", str(port))
    settings.cache_clear()
    handler = MailServer(port)
    controller = Controller(handler, hostname="127.0.0.1", port=port, server_hostname="localhost")
    controller.start()
    yield handler
    controller.stop()


@pytest.fixture
def asked(engine: Engine) -> Agreement:
    """An agreement whose signatories have been asked, by letters that wait in the outbox."""
    with transaction(engine) as session:
        return offered(session)


def told(engine: Engine, kind: str) -> list[dict[str, object]]:
    """The data of every audit event of a kind; the chain it stands in is whole."""
    with reading(engine) as session:
        agreement = session.get_one(Agreement, 1)
        assert audit.faults(session, agreement) == []
        return [json.loads(event.data) for event in audit.events_of(session, agreement) if event.kind == kind]


def request_letter(session: Session, name: str) -> OutboxLetter:
    (found,) = [letter for letter in letters(session, "approval_request") if letter.to_name == name]
    return found


def test_every_letter_sent_is_an_event_of_its_agreement(
    engine: Engine, asked: Agreement, server: MailServer
) -> None:
    at = MONDAY + timedelta(days=4)
    server.answer = lambda verb, address: "250 2.0.0 queued as 4F2"
    sent = deliver(engine, at).sent
    events = told(engine, "letter sent")
    assert sent == len(events) == len(server.received)
    with reading(engine) as session:
        letter = request_letter(session, CUSTOMER_OWNER)
        (event,) = [event for event in events if event["letter"] == letter.id]
        assert event == {
            "letter": letter.id,
            "letter_kind": "approval_request",
            "to": letter.to_address,
            "reply": "250 2.0.0 queued as 4F2",
            "attempts": 1,
            "perhaps_sent_before": False,
            "message_id": letter.message_id,
        }
        assert letter.smtp_reply == "250 2.0.0 queued as 4F2"


def test_the_owner_is_told_of_a_letter_that_failed_and_can_have_it_sent_again(
    engine: Engine, asked: Agreement, server: MailServer
) -> None:
    at = MONDAY + timedelta(days=4)
    with reading(engine) as session:
        wrong = request_letter(session, CUSTOMER_OWNER).to_address
        token = token_to(session, CUSTOMER_OWNER)

    def answer_to(verb: str, address: str) -> str:
        return "550 5.1.1 no such person" if (verb, address) == ("RCPT", wrong) else "250 fine"

    server.answer = answer_to
    deliver(engine, at)
    failed = [
        event for event in told(engine, "letter not sent") if event["letter_kind"] == "approval_request"
    ]
    assert [event["reply"] for event in failed] == ["550 5.1.1 no such person"]
    with reading(engine) as session:
        owner = session.get_one(Agreement, 1).owner.name
        assert set(readers(session, "letter_failed")) == {owner}
        (notice,) = [letter for letter in letters(session, "letter_failed") if "Please sign" in letter.text]
        number = request_letter(session, CUSTOMER_OWNER).id
        for part in (notice.text, notice.html):
            assert wrong in part and "550 5.1.1 no such person" in part and f"/letters/{number}" in part
            assert token not in part

    with transaction(engine) as session:
        person(session, CUSTOMER_OWNER).email = "right@harbour.example"
        letter = find_letter(session, number)
        retry(session, letter, "Service manager", at)
    deliver(engine, at)
    arrived = [message for message in server.received if "right@harbour.example" in message["To"]]
    assert len(arrived) == 1 and "X-SLM-Resent" not in arrived[0]
    text = arrived[0].get_body(("plain",))
    assert text is not None and token_in(text.get_content(), LinkPurpose.DECISION) == token
    assert [event["to"] for event in told(engine, "letter queued again")] == ["right@harbour.example"]


@pytest.mark.parametrize(
    ("step", "reply"),
    [
        ("MAIL", "553 5.7.1 <{path}>: Sender address rejected"),
        ("RCPT", "550 5.7.1 mail from {path} is not wanted here"),
        ("DATA", "550 5.7.1 return path {path} does not exist"),
        ("DATA", "250 2.0.0 queued as 4F2 from <{path}>"),
    ],
)
def test_a_server_that_repeats_our_secret_return_path_tells_it_to_nobody(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, server: MailServer, step: str, reply: str
) -> None:
    monkeypatch.setenv("SLM_REPLY_DOMAIN", "answers.slmcycle.example")
    settings.cache_clear()
    with transaction(engine) as session:
        offered(session)
        paths = [letter.return_path for letter in letters(session)]
    said: list[str] = []

    def repeat(verb: str, address: str) -> str:
        if verb == "MAIL":
            said[:] = [address]
        return reply.format(path=said[0]) if verb == step else "250 fine"

    server.answer = repeat
    did = deliver(engine, MONDAY + timedelta(days=4))
    with reading(engine) as session:
        kept = [f"{letter.smtp_reply} {letter.last_error} {letter.text}" for letter in letters(session)]
        shown = [
            str(find_letters(session)),
            *(event.data for event in audit.events_of(session, session.get_one(Agreement, 1))),
        ]
    assert "b.…@answers.slmcycle.example" in str(kept) and "…@" in str(shown)
    for path in paths:
        token = path.partition("@")[0].removeprefix("b.")
        assert len(token) == 26 and token not in f"{did} {kept} {shown}"


def test_a_notice_that_fails_brings_no_other(engine: Engine, asked: Agreement, server: MailServer) -> None:
    server.answer = lambda verb, address: "550 5.1.1 nobody here" if verb == "RCPT" else "250 fine"
    at, rounds = MONDAY + timedelta(days=4), 0
    while (did := deliver(engine, at)) != Sending():
        rounds += 1
        assert did.sent == 0 and rounds < 4
    with reading(engine) as session:
        assert {letter.state for letter in letters(session)} == {LetterState.FAILED}


@pytest.mark.parametrize(
    ("state", "line"),
    [
        (LetterState.SENT, "letter 1 is sent: its secret address is kept nowhere"),
        (LetterState.BOUNCED, "letter 1 came back"),
        (LetterState.CLAIMED, "letter 1 is being sent just now"),
        (LetterState.SIMULATED, "letter 1 is of a replay"),
    ],
)
def test_only_what_did_not_go_out_is_tried_again(session: Session, state: LetterState, line: str) -> None:
    offered(session)
    letter = letters(session)[0]
    letter.id, letter.state = 1, state
    session.flush()
    with pytest.raises(LetterRefusedError, match=line):
        retry(session, letter, "Service manager", MONDAY)
    for unknown in (0, -1, 10**12):
        with pytest.raises(NotFoundError, match=f"there is no letter {unknown}"):
            find_letter(session, unknown)


def test_the_log_says_how_each_letter_stands(engine: Engine, asked: Agreement, server: MailServer) -> None:
    with reading(engine) as session:
        waiting, total = find_letters(session, standing=Standing.QUEUED)
        assert total == len(waiting) == len(letters(session))
        assert waiting[0]["next_attempt"] and not waiting[0]["sent"]
        token = token_to(session, CUSTOMER_OWNER)
        assert token not in json.dumps(waiting) and token not in text_of(
            request_letter(session, CUSTOMER_OWNER)
        )
    at = MONDAY + timedelta(days=4)
    deliver(engine, at)
    with transaction(engine) as session:
        for letter in letters(session, "approval_request"):  # the secrets are gone from the kept letters
            assert "/d/…" in letter.text
        assert find_letters(session, standing=Standing.ANSWERED) == ([], 0)


def test_a_letter_is_answered_when_its_question_is(session: Session) -> None:
    agreement = offered(session)
    for letter in letters(session):
        letter.state = LetterState.SENT
    token = token_to(session, CUSTOMER_OWNER)
    answer(session, CUSTOMER_OWNER, request_to(session, CUSTOMER_OWNER).asked_at)
    (row,), total = find_letters(session, standing=Standing.ANSWERED, agreement=agreement)
    assert (row["name"], row["kind"], total) == (CUSTOMER_OWNER, "approval_request", 1)
    counts = count_by_standing(session)
    assert counts[Standing.ANSWERED] == 1 and sum(counts.values()) == len(letters(session))
    found, _ = find_letters(session, to=row["to"].upper()[2:], standing=Standing.ANSWERED)
    assert found == [row] and token not in json.dumps(row)
    assert find_letters(session, to="%") == ([], 0), "no wildcard"


def test_who_opts_out_is_asked_no_more_until_they_want_it_again(session: Session) -> None:
    agreement = written(session)
    surveys.ask(session, agreement, Stage.REQUIREMENTS, 1, "the present service", MONDAY)
    (invitation,) = [
        letter for letter in letters(session, "survey_invitation") if letter.to_name == CUSTOMER_OWNER
    ]
    token = token_in(invitation.unsubscribe, LinkPurpose.UNSUBSCRIBE)
    assert token is not None and invitation.unsubscribe in invitation.text
    assert invitation.unsubscribe in invitation.html
    leaver = find_person(session, token)
    assert leaver.name == CUSTOMER_OWNER and opted_out(session, leaver) is None

    for _ in range(2):
        opt_out(session, leaver, MONDAY, "page")
    surveys.ask(session, agreement, Stage.MONITORING, 2, "the service in March", MONDAY)
    assert readers(session, "survey_invitation").count(CUSTOMER_OWNER) == 1

    opt_in(session, leaver)
    surveys.ask(session, agreement, Stage.MONITORING, 3, "the service in April", MONDAY)
    assert readers(session, "survey_invitation").count(CUSTOMER_OWNER) == 2
    with pytest.raises(NotFoundError, match="leads nowhere"):
        find_person(session, token + "x")


def test_a_letter_whose_question_is_over_is_withdrawn_and_not_sent(
    engine: Engine, asked: Agreement, server: MailServer
) -> None:
    with transaction(engine) as session:
        waiting = request_to(session, CUSTOMER_OWNER).due_at
        surveys.ask(session, session.get_one(Agreement, 1), Stage.REQUIREMENTS, 1, "the service", MONDAY)
    assert deliver(engine, waiting).sent == len(server.received) == 0
    with reading(engine) as session:
        for kind in ("approval_request", "survey_invitation"):
            assert {letter.state for letter in letters(session, kind)} == {LetterState.WITHDRAWN}, kind
        letter = letters(session, "survey_invitation")[0]
        assert letter.last_error == "the survey is over, or answered"
        assert token_in(letter.text, LinkPurpose.SURVEY) is None
        with pytest.raises(LetterRefusedError, match="is withdrawn: what it asks is over"):
            retry(session, letter, "Anna", waiting)
    assert (
        len(told(engine, "letter withdrawn")) == 2 + 5
    )  # the provider is asked about the present service too
