"""Automatic letters are told from those of people by their headers, in whatever language they are written."""

import pytest

from mail.arrivals import body_of, read_arrival
from mail.classification import classify
from models.approvals import LinkPurpose

PERSON = "From: Owner <owner@customer.example>\nTo: re.x@answers.example\nSubject: {}\n\nHello\n"


def kind(head: str, purpose: LinkPurpose | None = None, envelope_sender: str | None = None) -> str:
    raw = (head + PERSON.format("Re: sign")).encode()
    return classify(read_arrival(raw, None, envelope_sender), purpose).kind.value


@pytest.mark.parametrize(
    "head",
    [
        "Auto-Submitted: auto-replied\n",
        "Auto-Submitted: auto-generated (rejected)\n",
        "AUTO-SUBMITTED: Auto-Notified; owner-email=x\n",
        "X-Autoreply: yes\n",
        "X-Autorespond: Out of office\n",
        "X-Auto-Response-Suppress: All\n",
        "Precedence: bulk\n",
        "Precedence: JUNK\n",
        "Precedence: auto_reply\n",
        "List-Id: <staff.customer.example>\n",
        "List-Unsubscribe: <mailto:leave@customer.example>\n",
        "Return-Path: <>\n",
        'Content-Type: multipart/report; report-type="disposition-notification"; boundary=b\n',
        "X-Loop: slm@slmcycle.example\n",
    ],
)
def test_a_machine_says_so_in_its_headers(head: str) -> None:
    assert kind(head) == "automatic"


@pytest.mark.parametrize(
    "head",
    [
        "Auto-Submitted: no\n",
        "Precedence: first-class\n",
        "X-Auto-Response-Suppress: none\n",
        "Return-Path: <owner@customer.example>\n",
        "X-Loop: somebody@else.example\n",
    ],
)
def test_a_person_is_not_taken_for_one(head: str) -> None:
    assert kind(head) == "person"


@pytest.mark.parametrize(
    "subject", ["Out of office", "Abwesenheitsnotiz", "自动回复", "Automatic reply: yes"]
)
def test_words_of_a_subject_count_for_nothing(subject: str) -> None:
    assert classify(read_arrival(PERSON.format(subject).encode())).kind == "person"


def test_the_return_path_takes_bounces_and_knows_out_of_office_notes() -> None:
    assert kind("", LinkPurpose.BOUNCE) == "bounce"
    assert kind("", LinkPurpose.BOUNCE, envelope_sender="") == "bounce"
    assert kind("Auto-Submitted: auto-replied\n", LinkPurpose.BOUNCE, envelope_sender="") == "automatic"


def test_a_complaint_is_no_bounce() -> None:
    assert kind("Feedback-Type: abuse\n") == "complaint"
    assert kind("Content-Type: multipart/report; report-type=feedback-report\n") == "complaint"


def test_a_letter_of_html_alone_is_read_as_text() -> None:
    raw = (
        b"From: owner@customer.example\nContent-Type: text/html; charset=utf-8\n\n"
        b"<style>p{}</style><p>Fine <b>with</b> me &amp; us</p><blockquote>APPROVE</blockquote>"
    )
    assert (body_of(read_arrival(raw)) or "").strip() == "Fine with me & us"
