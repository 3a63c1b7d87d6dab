"""Every kind of letter, both parts."""

import re
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from jinja2 import UndefinedError
from sqlalchemy import Engine

import templates
from mail.outbox import post
from mail.plain_text import WIDTH, laid_out
from models.actions import Action, ActionKind
from models.agreements import Stage
from models.approvals import Answer, ApprovalQuestion, Decision
from models.database import transaction
from models.exclusions import Exclusion, ExclusionState
from models.letters import OutboxLetter
from models.parties import Party, PartyKind, Person
from models.proposals import Proposal, ProposalKind, ProposalState
from models.reviews import ReviewDecision, ReviewPack
from models.surveys import Survey
from models.trials import Trial
from models.versions import AgreementVersion
from tests.mail.post_office import MONDAY, Cast

DUE = MONDAY + timedelta(days=10)
LINK = "http://127.0.0.1:8000/d/" + "a" * 43
VERSION = AgreementVersion(
    id=7, agreement_id=1, number=2, created_at=MONDAY, trial_days=21, review_period="month"
)
PROMISES = [{"key": "P2 <resolution>", "promise": "90\u00a0% of priority 2 tickets resolved within 8 h"}]
TRIAL = Trial(
    id=1,
    agreement_id=1,
    version_id=7,
    starts_at=MONDAY,
    ends_at=MONDAY + timedelta(days=21),
    closes_at=MONDAY + timedelta(days=23),
    confidence=0.95,
)
ROW = {
    **PROMISES[0],
    "hits": 55,
    "known": 60,
    "undecided": 1,
    "shown": "55 of 60 tickets kept it, 1 undecided",
    "share": 55 / 60,
    "lower": 0.832,
    "upper": 0.966,
    "verdict": "not enough evidence",
    "version": 2,
}
EMPTY = {**ROW, "hits": 0, "known": 0, "undecided": 0, "share": None, "lower": 0.0, "upper": 1.0}
EXCLUSION = Exclusion(
    id=3,
    agreement_id=1,
    reason="strike at the data centre <B>",
    population={"priority": "2"},
    starts_at=MONDAY - timedelta(days=7),
    ends_at=MONDAY - timedelta(days=6),
    asked_by_id=1,
    asked_by=Person(id=1, party_id=1, name="Service manager", email="m@harbour.example"),
    asked_at=MONDAY,
    sha256="0" * 64,
)
ASKED: dict[str, Any] = {"exclusion": EXCLUSION, "scope": "priority 2"}
EXCLUDED = {
    "number": 3,
    "reason": "strike",
    "scope": "priority 2",
    "from": "2026-02-10T00:00:00+00:00",
    "to": "2026-02-11T00:00:00+00:00",
    "approved_by": ["Business owner"],
    "decided_at": "2026-02-12T09:00:00+00:00",
}
RESTATED = {
    **PROMISES[0],
    "figure": "27 of 30",
    "reported": "26 of 30",
    "reason": "exclusion 3 approved: strike",
    "now": {**ROW, "verdict": "met"},
    "before": ROW,
}
FIGURES = {
    "reference": "SLA-001",
    "customer": "Harbour Logistics",
    "period": {"from": "2026-02-01T00:00:00+00:00", "to": "2026-03-01T00:00:00+00:00"},
    "promised": PROMISES,
    "delivered": [ROW, EMPTY, {**ROW, "share": 1.0, "hits": 60, "verdict": "met"}],
    "satisfaction": {"known": 20, "hits": 17, "standard": 0.75, "verdict": "met"},
    "exclusions": [],
    "restatements": [],
    "next": ["The provider and you review this period next."],
}
SURVEY = Survey(
    agreement_id=1,
    stage=Stage.MONITORING,
    subject_id=1,
    occasion="the service from 1 February to 1 March 2026",
    indicators=["speed"],
    standard=0.75,
    asked_at=MONDAY,
    closes_at=DUE,
)
PACK = ReviewPack(
    agreement_id=1,
    period_id=1,
    made_at=MONDAY,
    findings=["P2: 80\u00a0% delivered, 90\u00a0% promised"],
    recommendation=ReviewDecision.RENEGOTIATE,
    sha256="0" * 64,
)


PERIOD = {
    "from": (MONDAY - timedelta(days=30)).isoformat(),
    "to": MONDAY.isoformat(),
    "zone": "Europe/Zurich",
}

FAILED = OutboxLetter(
    id=12,
    deduplication_key="approval-request:1",
    person_id=1,
    kind="approval_request",
    to_name="Business owner",
    to_address="owner@customer.example",
    subject="Please sign by 12 March 2026: Service desk, version 2",
    text="",
    html="",
    message_id="<1@slmcycle.example>",
    created_at=MONDAY,
    next_attempt_at=MONDAY,
    attempts=3,
    last_error="550 5.1.1 <owner@customer.example> no such person",
)


def settled(state: ExclusionState) -> Exclusion:
    return Exclusion(**EXCLUSION.model_dump(exclude={"state"}), state=state, asked_by=EXCLUSION.asked_by)


EVIDENCE = {
    "source": "trial",
    "from": "2026-02-02T09:00:00+00:00",
    "to": "2026-02-23T09:00:00+00:00",
    "confidence": 0.95,
    "now": {**ROW, "verdict": "not met"},
    "then": {**ROW, "hits": 60, "verdict": "met"},
}


def proposal(
    kind: ProposalKind = ProposalKind.COUNTER_OFFER,
    state: ProposalState = ProposalState.ASKED,
    outcome: str = "",
    **terms: Any,
) -> dict[str, Any]:
    """What a letter about a proposal shows of it."""
    of_target = kind != ProposalKind.REVIEW_OUTCOME
    made = Proposal(
        id=4,
        agreement_id=1,
        version_id=7,
        kind=kind,
        target_key="P2" if of_target else "",
        terms=terms or {"evidence": EVIDENCE},
        reason="spare parts come late <B>",
        state=state,
        outcome=outcome,
        asked_by_id=1,
        asked_by=EXCLUSION.asked_by,
        asked_at=MONDAY,
        sha256="0" * 64,
    )
    promises = ("90 % of tickets resolved within 8 h", "90 % within 11 h") if of_target else None
    return {"proposal": made, "title": "counter-offer for P2", "promises": promises}


REVIEWED: dict[str, Any] = {"decision": "renegotiate", "findings": PACK.findings, "figures": FIGURES}
PROPOSED = [
    proposal(),
    proposal(ProposalKind.REVISED_TARGET, evidence={**EVIDENCE, "source": "recent", "now": EMPTY}),
    proposal(ProposalKind.REVIEW_OUTCOME, **REVIEWED),
    proposal(ProposalKind.REVIEW_OUTCOME, **{**REVIEWED, "decision": "renew", "findings": []}),
]


def action(offer: dict[str, Any]) -> Action:
    return Action(
        agreement_id=1,
        kind=ActionKind.REVISION,
        target_key="P2",
        title="Revise P2",
        owner_id=1,
        created_at=MONDAY,
        due_at=DUE,
        offer=offer,
    )


OWN: dict[str, Any] = {"in_place_of": None, "handed_over": ""}
SIGNATORY = Person(
    id=2,
    party_id=1,
    name="Head of delivery",
    email="head@harbour.example",
    party=Party(id=1, name="Harbour Logistics", kind=PartyKind.CUSTOMER),
)
QUESTION = ApprovalQuestion(
    id=4,
    request_id=9,
    text="What of Sundays?",
    asked_at=MONDAY,
    answer="They do not count.",
    answered_by="Service manager",
)
OFFER: dict[str, Any] = {
    "version": VERSION,
    "link": LINK,
    "by_mail": None,
    "due_at": DUE,
    "changes": [],
    "targets": PROMISES,
    "waiver": "",
    "risks": [],
}


def decision(reason: str) -> Decision:
    return Decision(
        request_id=9,
        answer=Answer.DECLINE if reason else Answer.APPROVE,
        typed="Business owner",
        reason=reason,
        sha256="0" * 64,
        decided_at=MONDAY,
        via="page",
        assurance="typed full name",
    )


LETTERS: list[tuple[str, dict[str, Any]]] = [
    (
        "approval_request",
        {
            "version": VERSION,
            "link": LINK,
            "due_at": DUE,
            "changes": ["P2: 12 h, instead of 8 h"],
            "targets": PROMISES,
            "waiver": "Signed without a trial by Service owner",
            "risks": ["P1: accepted by Service owner"],
            **OWN,
        },
    ),
    (
        "approval_request",
        {
            "version": VERSION,
            "link": LINK,
            "due_at": DUE,
            "changes": [],
            "targets": PROMISES,
            "waiver": "",
            "risks": [],
            **OWN,
        },
    ),
    ("approval_reminder", {"version": VERSION, "link": LINK, "due_at": DUE, "number": 2}),
    ("approval_escalation", {"version": VERSION, "waiting": ["Business owner"], "due_at": DUE}),
    ("approval_escalation", {"version": VERSION, "waiting": ["Business owner"], "due_at": MONDAY}),
    ("approval_request", {**OFFER, "in_place_of": SIGNATORY, "handed_over": "on <leave>"}),
    ("approval_handed_over", {"about": "version 2", "delegate": SIGNATORY, "reason": "", "due_at": DUE}),
    ("approval_handed_over", {"about": "version 2", "delegate": SIGNATORY, "reason": "leave", "due_at": DUE}),
    ("approval_observed", {"version": VERSION, "targets": PROMISES}),
    ("approval_receipt", {"about": "version 2", "in_place_of": None, "decision": decision("")}),
    ("approval_receipt", {"about": "exclusion 3", "in_place_of": SIGNATORY, "decision": decision("why not")}),
    ("approval_code", {"about": "version 2", "code": "012345", "minutes": 10, "valid_until": MONDAY}),
    (
        "approval_question",
        {"about": "version 2", "asker": SIGNATORY, "question": QUESTION, "due_at": DUE},
    ),
    *(
        (
            "approval_answer",
            {"about": "version 2", "question": QUESTION, "link": LINK, "due_at": DUE, "is_open": is_open},
        )
        for is_open in (True, False)
    ),
    ("approval_void", {"version": VERSION, "reason": "A target was mistyped"}),
    ("approval_confirm", {"about": "version 2", "answer": "approve", "link": LINK, "due_at": DUE}),
    ("approval_closed", {"about": "version 2", "why": "the request is void: a target was mistyped"}),
    ("declined", {"version": VERSION, "by": "Business owner", "reason": "Eight hours are too long"}),
    ("signed", {"version": VERSION, "in_force_from": MONDAY, "targets": PROMISES}),
    (
        "trial_opened",
        {
            "trial": TRIAL,
            "targets": [{**PROMISES[0], "needed": 29, "expected": 61.4, "outlook": "with about 61 tickets"}],
        },
    ),
    (
        "trial_concluded",
        {
            "trial": TRIAL,
            "results": [
                {**ROW, "counter_offer": "90\u00a0% within 12 h", "condition": "as stated in May"},
                {**EMPTY, "counter_offer": "", "condition": ""},
                {**ROW, "verdict": "met", "undecided": 0, "counter_offer": "", "condition": ""},
            ],
        },
    ),
    ("survey_invitation", {"survey": SURVEY, "link": LINK.replace("/d/", "/s/"), "closes_at": DUE}),
    ("experience_report", {"report": FIGURES, "link": LINK.replace("/d/", "/r/")}),
    ("experience_report", {"report": {**FIGURES, "satisfaction": None}, "link": LINK}),
    ("experience_report", {"report": {**FIGURES, "exclusions": [EXCLUDED]}, "link": LINK}),
    ("exclusion_request", {**ASKED, **OWN, "link": LINK, "due_at": DUE}),
    ("exclusion_reminder", {**ASKED, "link": LINK, "due_at": DUE, "number": 1}),
    ("exclusion_escalation", {**ASKED, "waiting": ["Business owner"], "due_at": DUE}),
    ("exclusion_escalation", {**ASKED, "waiting": ["Business owner"], "due_at": MONDAY}),
    ("exclusion_void", {**ASKED, "reason": "asked for by mistake"}),
    *(
        ("exclusion_settled", {"exclusion": settled(state), "scope": "priority 2", "by": by, "reason": why})
        for state, by, why in (
            (ExclusionState.APPROVED, "Business owner", ""),
            (ExclusionState.DECLINED, "Business owner", "that is your risk"),
            (ExclusionState.WITHDRAWN, "", "Business owner did not answer in time"),
        )
    ),
    *(
        (kind, {**shown, **context})
        for shown in PROPOSED
        for kind, context in (
            ("proposal_request", {**OWN, "link": LINK, "due_at": DUE}),
            ("proposal_reminder", {"link": LINK, "due_at": DUE, "number": 1}),
            ("proposal_escalation", {"waiting": ["Business owner"], "due_at": DUE}),
            ("proposal_escalation", {"waiting": ["Business owner"], "due_at": MONDAY}),
            ("proposal_void", {"reason": "the agreement moved on, to signing"}),
        )
    ),
    *(
        ("proposal_settled", {**proposal(kind, state, why, **terms), "by": by})
        for kind, terms in (
            (ProposalKind.COUNTER_OFFER, {}),
            (ProposalKind.REVIEW_OUTCOME, REVIEWED),
        )
        for state, by, why in (
            (ProposalState.APPROVED, "Business owner", ""),
            (ProposalState.BLOCKED, "Business owner", "renew is blocked: no review waits"),
            (ProposalState.DECLINED, "Business owner", "we pay for eight hours"),
            (ProposalState.WITHDRAWN, "", "Business owner did not answer in time"),
        )
    ),
    (
        "restatement",
        {"period": PERIOD, "reported_at": MONDAY, "restated": [RESTATED], "link": LINK.replace("/d/", "/r/")},
    ),
    ("review_made", {"pack": PACK, "figures": FIGURES}),
    ("review_made", {"pack": PACK, "figures": {**FIGURES, "restatements": [RESTATED]}}),
    ("revision_task", {"action": action({"threshold_s": 43_200, "objective": 0.9})}),
    ("revision_task", {"action": action({})}),
    ("revision_overdue", {"action": action({"threshold_s": 43_200, "objective": 0.9})}),
    (
        "support_gap",
        {
            "version": VERSION,
            "changed": "OLA-1",
            "gaps": ["target P2: OLA-1 <operations> ends on Thu 5 Mar 2026 09:00"],
            "action": action({}),
        },
    ),
    ("term_ending", {"number": 2, "ends": MONDAY, "notice_by": MONDAY}),
    ("term_ending", {"number": 2, "ends": MONDAY, "notice_by": None}),
    ("ended", {"reason": "The contract is over"}),
    ("letter_failed", {"letter": FAILED}),
]
NOTHING_TO_DO = {
    *("approval_void", "approval_closed", "declined", "signed", "trial_opened", "ended"),
    *("exclusion_void", "exclusion_settled", "proposal_void", "proposal_settled"),
    *("approval_handed_over", "approval_observed", "approval_receipt", "approval_code"),
}
_VOID = {"br", "meta", "hr", "img", "link"}


class Outline(HTMLParser):
    """Reads HTML strictly: every element is closed, in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for seen, attributes in self.seen if seen == tag]


@pytest.mark.parametrize(
    ("kind", "context"), LETTERS, ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_letter_is_readable_in_both_parts(
    engine: Engine, cast: Cast, kind: str, context: dict[str, Any]
) -> None:
    with transaction(engine) as session:
        person, agreement = cast.seen_in(session)
        letter = post(session, kind, person, key=f"{kind}:1", at=MONDAY, agreement=agreement, **context)
    assert letter is not None

    assert letter.subject and "\n" not in letter.subject
    assert letter.text.startswith("Dear Business owner,\n\n")
    assert "\n-- \nService desk (SLA-001)" in letter.text, "mail programs leave the signature out of replies"
    for unfilled in ("{{", "{%", "None", "<td", "&lt;", "\n\n\n"):
        assert unfilled not in letter.text

    long = [line for line in letter.text.splitlines() if len(line) > WIDTH]
    assert not any(" " in line.strip() for line in long), "only an address may be longer"

    assert len(letter.html.encode()) < 100_000
    assert "data:" not in letter.html and "url(" not in letter.html
    assert "{{" not in letter.html and "None" not in letter.html
    assert "<resolution>" not in letter.html
    assert "prefers-color-scheme" in letter.html
    page = Outline(letter.html)
    assert page.all("html") == [{"lang": "en"}]
    assert len(page.all("h1")) == 1
    addresses = {link["href"] for link in page.all("a")}
    assert all(address and address in letter.text for address in addresses)
    assert not page.all("img") and not page.all("script") and not page.all("link")
    assert all(th.get("scope") in {"row", "col"} for th in page.all("th"))
    buttons = [link for link in page.all("a") if "inline-block" in (link.get("style") or "")]
    assert len(buttons) == (0 if kind in NOTHING_TO_DO else 1)
    if "link" in context:
        assert context["link"] in letter.text
        assert buttons[0]["href"] == context["link"]


def test_every_template_is_in_this_test() -> None:
    folder = Path(next(iter(templates.__path__))) / "mail"
    kinds = {path.name.split(".")[0] for path in folder.glob("*.j2")} - {"base", "parts"}
    assert kinds == {kind for kind, _ in LETTERS}
    assert {f"{kind}.{part}.j2" for kind in kinds for part in ("txt", "html")} <= {
        path.name for path in folder.iterdir()
    }


def test_a_letter_tells_the_time_in_its_readers_zone(engine: Engine, cast: Cast) -> None:
    context = dict(LETTERS[2][1])
    with transaction(engine) as session:
        person, agreement = cast.seen_in(session)
        letter = post(
            session, "approval_reminder", person, key="k", at=MONDAY, agreement=agreement, **context
        )
    assert letter is not None
    assert "12 March 2026, 10:00 CET" in letter.text and "12 March 2026, 10:00 CET" in letter.html


def test_a_forgotten_word_is_an_error(engine: Engine, cast: Cast) -> None:
    with transaction(engine) as session:
        person, agreement = cast.seen_in(session)
        with pytest.raises(UndefinedError, match="reason"):
            post(session, "ended", person, key="k", at=MONDAY, agreement=agreement)


def test_the_bar_is_as_long_as_the_share(engine: Engine, cast: Cast) -> None:
    with transaction(engine) as session:
        person, agreement = cast.seen_in(session)
        letter = post(
            session,
            "experience_report",
            person,
            key="k",
            at=MONDAY,
            agreement=agreement,
            report=FIGURES,
            link=LINK,
        )
    assert letter is not None
    widths = re.findall(r'width="(\d+)%" height="6"', letter.html)
    assert widths == ["92", "8", "100", "85", "15"]


def test_long_lines_are_broken_where_words_end() -> None:
    address = "http://127.0.0.1:8000/d/" + "a" * 80
    written = (
        "Please read it and approve or decline it by 12 March 2026, 10:00 America/Argentina/Buenos_Aires,\n"
        "because nothing is signed otherwise.\n\n\n\n"
        f"{address}\n\n"
        "- P2: 90\u00a0% of priority 2 tickets, those of the harbour and of the terminal, "
        "resolved within 8 h\n"
        "- P3: all\n\n"
        f"Reason: {'x' * 60} and {'y' * 30}\n"
        "For:    priority 2"
    )
    assert laid_out(written) == (
        "Please read it and approve or decline it by 12 March 2026, 10:00\n"
        "America/Argentina/Buenos_Aires, because nothing is signed otherwise.\n\n"
        f"{address}\n\n"
        "- P2: 90\u00a0% of priority 2 tickets, those of the harbour and of the terminal,\n"
        "  resolved within 8 h\n"
        "- P3: all\n\n"
        f"Reason: {'x' * 60} and\n{'y' * 30}\n"
        "For:    priority 2\n"
    )


def test_a_survey_can_be_left_from_both_parts(engine: Engine, cast: Cast) -> None:
    (context,) = [context for kind, context in LETTERS if kind == "survey_invitation"]
    leave = "https://slm.example/u/" + "u" * 43
    with transaction(engine) as session:
        person, agreement = cast.seen_in(session)
        letter = post(
            session,
            "survey_invitation",
            person,
            key="k",
            at=MONDAY,
            agreement=agreement,
            unsubscribe=leave,
            **context,
        )
    assert letter is not None
    assert leave in letter.text
    (link,) = [link for link in Outline(letter.html).all("a") if link["href"] == leave]
    assert "inline-block" not in (link.get("style") or ""), "the one button asks the question"


def grown(value: Any) -> Any:
    """The same context of an agreement with two hundred targets and findings, each long-winded."""
    if isinstance(value, list):
        return [grown(row) for row in value * 200]
    if isinstance(value, dict):
        return {name: part if name == "approved_by" else grown(part) for name, part in value.items()}
    if isinstance(value, ReviewPack):
        return ReviewPack(**value.model_dump() | {"findings": grown(value.findings)})
    long_winded = isinstance(value, str) and " " in value and len(value) > 20
    return f"{value} {'for the harbour and its yards ' * 8}" if long_winded else value


@pytest.mark.parametrize(
    ("kind", "context"), LETTERS, ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_letter_stays_below_100_kb(engine: Engine, cast: Cast, kind: str, context: dict[str, Any]) -> None:
    with transaction(engine) as session:
        person, agreement = cast.seen_in(session)
        large = grown(context)
        letter = post(session, kind, person, key=f"{kind}:1", at=MONDAY, agreement=agreement, **large)
        assert letter is not None
        parts = (letter.text, letter.html)
    assert sum(len(part.encode()) for part in parts) < 100_000, [len(part.encode()) for part in parts]
    if "targets" in context:
        shown = [re.findall(r"and (\d+) more, on the page", part) for part in parts]
        assert shown[0] == shown[1] and "185" in shown[0]
