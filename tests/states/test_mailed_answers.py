"""Answering by mail: what each kind of letter becomes, and that nothing is decided by accident."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from mail.links import token_in
from models.agreements import Agreement, Stage
from models.approvals import Answer, LinkPurpose
from models.database import reading, transaction
from models.letters import LetterState, OutboxLetter
from states import approvals
from states.decisions import Answered, decide
from states.held_letters import HeldLetterError, accept, comments_on, dismiss
from states.mailed_answers import ingest
from states.open_requests import find_request
from tests.states.builders import CUSTOMER_OWNER, MANAGER, MONDAY, letters
from tests.states.mailed import (
    DAY,
    DOMAIN,
    OWNER,
    PASS,
    address_for,
    asked,
    decisions,
    events,
    inbox,
    letter_to,
    message,
    request_of,
    send,
    signatories_at,
    take_answers,
)

EASY = signatories_at("L1")


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture(autouse=True)
def by_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    take_answers(monkeypatch)


class TestLetters:
    def test_a_request_shows_both_addresses_and_no_header_holds_one(self, engine: Engine) -> None:
        asked(engine)
        letter = letter_to(engine)
        yes, no = address_for(engine, "yes"), address_for(engine, "no")
        for part in (letter.text, letter.html):
            assert f"mailto:{yes}?" in part and f"mailto:{no}?" in part
        assert letter.reply_to.startswith("re.") and letter.reply_to.endswith(f"@{DOMAIN}")
        assert letter.return_path.startswith("b.")
        assert len({yes, no, letter.reply_to, letter.return_path}) == 4
        assert all(len(address.split("@")[0]) <= 64 for address in (yes, no, letter.reply_to))

    def test_without_a_domain_no_letter_speaks_of_mail(
        self, engine: Engine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        take_answers(monkeypatch, SLM_REPLY_DOMAIN="")
        asked(engine)
        letter = letter_to(engine)
        assert "mailto:" not in letter.text + letter.html
        assert (letter.reply_to, letter.return_path) == ("", "")


class TestIntent:
    def test_a_yes_is_confirmed_on_the_page_and_decides_nothing_before(self, engine: Engine) -> None:
        asked(engine)
        assert send(engine, message(address_for(engine, "yes"), "Fine with me")) == (
            "intent",
            "the link to confirm it was sent",
        )
        assert decisions(engine) == []
        (kept,) = inbox(engine)
        assert (kept.answer, kept.text, kept.authentication) == ("approve", "Fine with me", "dmarc=pass")
        (event,) = events(engine)
        assert event.actor == CUSTOMER_OWNER and json.loads(event.data)["sha256"]

        token = token_in(letter_to(engine, kind="approval_confirm").text, LinkPurpose.DECISION)
        assert token is not None
        with transaction(engine) as session:
            decide(
                session, find_request(session, token), Answered(Answer.APPROVE, CUSTOMER_OWNER), MONDAY + DAY
            )
        assert [row.via for row in decisions(engine)] == ["page"]

    def test_the_link_is_sent_once_a_day_however_many_answers_come(self, engine: Engine) -> None:
        asked(engine)
        for word in ("yes", "no", "yes"):
            assert send(engine, message(address_for(engine, word)))[0] == "intent"
        assert send(engine, message(address_for(engine, "yes")), at=MONDAY + 2 * DAY)[0] == "intent"
        with reading(engine) as session:
            assert len(letters(session, "approval_confirm")) == 2

    def test_a_reply_is_a_comment_without_the_quote_and_its_secrets(self, engine: Engine) -> None:
        asked(engine)
        quoted = "\n".join(f"> {line}" for line in letter_to(engine).text.splitlines())
        text = f"What about Sundays?\n\nOn Mon, 2 Mar 2026 at 10:00, SLM wrote:\n{quoted}\n"
        assert send(engine, message(address_for(engine, "re"), text))[0] == "comment"
        with reading(engine) as session:
            (comment,) = comments_on(session, session.exec(select(Agreement)).one())
        assert (comment.text, comment.about) == ("What about Sundays?", "version 1")
        assert decisions(engine) == []


class TestFinal:
    """The agreement wants no more of its signatories than L1."""

    def test_where_the_agreement_takes_mail_a_yes_signs(self, engine: Engine) -> None:
        asked(engine, signatories=EASY)
        assert send(engine, message(address_for(engine, "yes")))[0] == "decision"
        (decision,) = decisions(engine)
        assert (decision.via, decision.typed, decision.answer) == ("mail", OWNER, Answer.APPROVE)
        assurance = json.loads(events(engine, "decision")[0].data)["assurance"]
        assert assurance == "secret reply address, dmarc=pass"

    def test_a_second_letter_is_held_and_its_sender_told_once(self, engine: Engine) -> None:
        asked(engine, signatories=EASY)
        yes, no = address_for(engine, "yes"), address_for(engine, "no")
        assert send(engine, message(yes))[0] == "decision"
        for address in (no, yes):
            assert send(engine, message(address, "No!")) == (
                "held",
                "this request is answered already; the recorded decision stands",
            )
        with reading(engine) as session:
            assert len(letters(session, "approval_closed")) == 1
        assert len(decisions(engine)) == 1

    def test_a_decline_without_a_reason_is_only_an_intent(self, engine: Engine) -> None:
        asked(engine, signatories=EASY)
        no = address_for(engine, "no")
        assert send(engine, message(no))[0] == "intent"
        assert send(engine, message(no, "Eight hours are too long"))[0] == "decision"
        with reading(engine) as session:
            assert session.exec(select(Agreement)).one().stage == Stage.REQUIREMENTS


class TestHeld:
    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            (
                {"sender": "Colleague <colleague@harbour.example>"},
                "it comes from colleague@harbour.example, not",
            ),
            ({"results": None}, "our mail server has not authenticated the sender"),
            ({"results": PASS.replace("dmarc=pass", "dmarc=fail")}, "the sender is not authenticated"),
            (
                {"results": PASS.replace("dmarc=pass", "dmarc=temperror")},
                "could not be authenticated for now",
            ),
            ({"results": PASS.replace("mx.", "evil.")}, "our mail server has not authenticated the sender"),
        ],
    )
    def test_who_is_not_surely_the_person_asked_decides_nothing(
        self, engine: Engine, change: dict[str, str], reason: str
    ) -> None:
        asked(engine)
        for word in ("yes", "no", "re"):
            outcome, why = send(engine, message(address_for(engine, word), "text", **change))
            assert outcome == "held" and reason in why
        assert decisions(engine) == []
        with reading(engine) as session:
            assert letters(session, "approval_confirm") == []

    @pytest.mark.parametrize(
        ("late", "reason"), [(False, "this request is void: a typo"), (True, "this request ran out on")]
    )
    def test_what_comes_too_late_is_held_and_the_sender_told_once(
        self, engine: Engine, late: bool, reason: str
    ) -> None:
        asked(engine)
        yes = address_for(engine, "yes")
        if not late:
            with transaction(engine) as session:
                agreement = session.exec(select(Agreement)).one()
                approvals.void(session, agreement, request_of(session), MONDAY, "a typo", tell=False)
        for _ in range(2):
            outcome, why = send(engine, message(yes), at=MONDAY + timedelta(days=60 if late else 1))
            assert outcome == "held" and reason in why
        assert reason in letter_to(engine, kind="approval_closed").text.replace("\n", " ")
        with reading(engine) as session:
            assert len(letters(session, "approval_closed")) == 1

    def test_accepting_an_answer_signs_nothing_and_sends_the_link(self, engine: Engine) -> None:
        asked(engine)
        send(engine, message(address_for(engine, "yes"), "My deputy says yes", results=None))
        (held,) = inbox(engine)
        with transaction(engine) as session:
            assert accept(session, held.id, MANAGER, MONDAY + DAY) == (
                f"{CUSTOMER_OWNER} was sent the link to confirm it"
            )
        assert decisions(engine) == []
        assert letter_to(engine, kind="approval_confirm").to_address == OWNER
        with reading(engine) as session:
            (comment,) = comments_on(session, session.exec(select(Agreement)).one())
        assert (comment.text, comment.accepted_by) == ("My deputy says yes", MANAGER)
        with transaction(engine) as session, pytest.raises(HeldLetterError, match="it is accepted"):
            dismiss(session, held.id, MANAGER, "twice", MONDAY + DAY)
        assert [event.kind for event in events(engine)] == ["mail held", "mail accepted"]

    def test_a_dismissed_letter_needs_a_reason_and_shows_nowhere(self, engine: Engine) -> None:
        asked(engine)
        send(engine, message(address_for(engine, "re"), "Buy this", sender="seller@spam.example"))
        (held,) = inbox(engine)
        with transaction(engine) as session, pytest.raises(HeldLetterError, match="say why"):
            dismiss(session, held.id, MANAGER, " ", MONDAY + DAY)
        with transaction(engine) as session:
            dismiss(session, held.id, MANAGER, "advertising", MONDAY + DAY)
        with reading(engine) as session:
            assert comments_on(session, session.exec(select(Agreement)).one()) == []


def _nested(depth: int) -> bytes:
    lines = [b"Content-Type: multipart/mixed; boundary=b0", b""]
    for number in range(depth):
        lines += [b"--b%d" % number, b"Content-Type: multipart/mixed; boundary=b%d" % (number + 1), b""]
    return b"\r\n".join(lines)


STRANGE: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "no Message-ID": (lambda raw: raw.replace(b"Message-ID:", b"X-Was:"), "intent"),
    "an unknown charset": (lambda raw: raw.replace(b'charset="utf-8"', b'charset="martian"'), "intent"),
    "bytes of no charset": (lambda raw: raw + b"\xff\xfe\xfd\r\n", "intent"),
    "NUL bytes": (lambda raw: raw.replace(b"Hello", b"He\0llo\0"), "intent"),
    "broken base64": (lambda raw: raw.replace(b"7bit", b"base64"), "intent"),
    "fifty megabytes": (lambda raw: raw + b"x" * 50_000_000, "held"),
    "a bomb of nested parts": (
        lambda raw: raw.split(b"Content-Type")[0] + _nested(5000),
        "held",
    ),
    "two senders": (lambda raw: raw.replace(b"\r\nTo:", b"\r\nFrom: other@harbour.example\r\nTo:"), "held"),
    "two senders in one field": (
        lambda raw: raw.replace(b"From: ", b"From: other@harbour.example, "),
        "held",
    ),
    "bare line feeds": (lambda raw: raw.replace(b"\r\n", b"\n"), "intent"),
    "a subject with control characters": (
        lambda raw: raw.replace(b"Subject: Approve", b"Subject: a\rBcc: b\x00\x1b[31m"),
        "intent",
    ),
}


@pytest.mark.parametrize("name", STRANGE)
def test_every_strange_letter_has_one_outcome_and_is_kept(engine: Engine, name: str) -> None:
    change, outcome = STRANGE[name]
    asked(engine)
    yes = address_for(engine, "yes")
    raw = change(message(yes, "Hello"))
    assert send(engine, raw, yes)[0] == outcome
    assert send(engine, raw, yes)[0] == "duplicate"
    (kept,) = inbox(engine)
    assert raw.startswith(kept.raw) and (kept.raw == raw or name == "fifty megabytes")
    assert len(kept.raw) < 1_000_000
    for shown in (kept.subject, kept.sender, kept.recipient, kept.text):
        assert "\0" not in shown and "\r" not in shown and yes.split("@")[0] not in shown
    assert [event.kind for event in events(engine)] == [f"mail {outcome}"]


def test_the_recipient_is_found_where_mail_servers_write_it(engine: Engine) -> None:
    asked(engine)
    yes = address_for(engine, "yes")
    for name in ("Delivered_To", "X_Original_To", "Envelope_To"):
        raw = message("slm@slmcycle.example", **{name: yes.upper()})
        assert send(engine, raw)[0] == "intent"


def test_one_mailbox_for_all_answers_carries_the_secret_in_the_subject(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailbox = "answers@northwind.example"
    take_answers(monkeypatch, SLM_REPLY_DOMAIN="", SLM_REPLY_MAILBOX=mailbox)
    asked(engine)
    letter = letter_to(engine)
    assert (letter.reply_to, letter.return_path) == (mailbox, "")
    word = letter.text.split("%5B")[1].split("%5D")[0]
    assert send(engine, message(mailbox, Subject=f"Approve request 2 [{word}]"))[0] == "intent"
    assert word not in inbox(engine)[0].subject
    assert send(engine, message(mailbox, "What is this?"))[0] == "held"


def test_sub_addresses_of_one_mailbox_work_like_a_domain(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_answers(
        monkeypatch, SLM_REPLY_DOMAIN="", SLM_REPLY_MAILBOX="answers@northwind.example", SLM_REPLY_PLUS="true"
    )
    asked(engine)
    reply_to = letter_to(engine).reply_to
    assert reply_to.startswith("answers+re.")
    assert send(engine, message(reply_to, "A comment"))[0] == "comment"


def test_an_automatic_reply_to_any_address_changes_nothing(engine: Engine) -> None:
    asked(engine)
    letter = letter_to(engine)
    for address in (address_for(engine, "yes"), letter.reply_to, letter.return_path):
        raw = message(address, "I am away until Monday", Auto_Submitted="auto-replied")
        assert send(engine, raw)[0] == "automatic"
    assert decisions(engine) == []
    with reading(engine) as session:
        assert letters(session, "approval_confirm") == []


def test_a_bounce_marks_the_very_letter_that_came_back(engine: Engine) -> None:
    asked(engine)
    letter = letter_to(engine)
    with transaction(engine) as session:
        session.get_one(OutboxLetter, letter.id).state = LetterState.SENT
    bounce = (
        f"From: Mail Delivery System <mailer-daemon@harbour.example>\r\nTo: {letter.return_path}\r\n"
        "Auto-Submitted: auto-replied\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; harbour.example\r\n\r\n"
        f"Final-Recipient: rfc822; {OWNER}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n"
    ).encode()
    done = ingest(engine, bounce, letter.return_path, MONDAY + DAY, envelope_sender="")
    assert done.outcome == "bounce"
    with reading(engine) as session:
        returned = session.get_one(OutboxLetter, letter.id)
    assert returned.state == LetterState.BOUNCED and "5.1.1" in returned.last_error
    assert [event.kind for event in events(engine, "letter ")] == ["letter bounced"]


def test_a_letter_of_our_own_that_comes_back_is_no_answer(engine: Engine) -> None:
    asked(engine)
    own = letter_to(engine).message_id
    assert send(engine, message(address_for(engine, "re"), "text", Message_ID=own))[0] == "automatic"
    loop = message(address_for(engine, "re"), "text", sender="SLM <slm@slmcycle.example>")
    assert send(engine, loop)[0] == "automatic"
