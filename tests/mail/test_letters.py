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
from models.actions import Action, ActionKind
from models.agreements import Stage
from models.database import transaction
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
    "share": 55 / 60,
    "lower": 0.832,
    "upper": 0.966,
    "verdict": "not enough evidence",
    "version": 2,
}
EMPTY = {**ROW, "hits": 0, "known": 0, "undecided": 0, "share": None, "lower": 0.0, "upper": 1.0}
FIGURES = {
    "reference": "SLA-001",
    "customer": "Harbour Logistics",
    "period": {"from": "2026-02-01T00:00:00+00:00", "to": "2026-03-01T00:00:00+00:00"},
    "promised": PROMISES,
    "delivered": [ROW, EMPTY, {**ROW, "share": 1.0, "hits": 60, "verdict": "met"}],
    "satisfaction": {"known": 20, "hits": 17, "standard": 0.75, "verdict": "met"},
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
        },
    ),
    ("approval_reminder", {"version": VERSION, "link": LINK, "due_at": DUE, "number": 2}),
    ("approval_escalation", {"version": VERSION, "waiting": ["Business owner"], "due_at": DUE}),
    ("approval_escalation", {"version": VERSION, "waiting": ["Business owner"], "due_at": MONDAY}),
    ("approval_void", {"version": VERSION, "reason": "A target was mistyped"}),
    ("declined", {"version": VERSION, "by": "Business owner", "reason": "Eight hours are too long"}),
    ("signed", {"version": VERSION, "in_force_from": MONDAY, "targets": PROMISES}),
    ("trial_opened", {"trial": TRIAL, "targets": [{**PROMISES[0], "needed": 29, "expected": 61.4}]}),
    (
        "trial_concluded",
        {
            "trial": TRIAL,
            "results": [
                {**ROW, "counter_offer": "90\u00a0% within 12 h"},
                {**EMPTY, "counter_offer": ""},
                {**ROW, "verdict": "met", "undecided": 0, "counter_offer": ""},
            ],
        },
    ),
    ("survey_invitation", {"survey": SURVEY, "link": LINK.replace("/d/", "/s/"), "closes_at": DUE}),
    ("experience_report", {"report": FIGURES, "link": LINK.replace("/d/", "/r/")}),
    ("experience_report", {"report": {**FIGURES, "satisfaction": None}, "link": LINK}),
    ("review_made", {"pack": PACK, "figures": FIGURES}),
    ("revision_task", {"action": action({"threshold_s": 43_200, "objective": 0.9})}),
    ("revision_task", {"action": action({})}),
    ("revision_overdue", {"action": action({"threshold_s": 43_200, "objective": 0.9})}),
    ("ended", {"reason": "The contract is over"}),
]
NOTHING_TO_DO = {"approval_void", "declined", "signed", "trial_opened", "ended"}
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
    assert "Service desk (SLA-001)" in letter.text
    for unfilled in ("{{", "{%", "None", "<td", "&lt;", "\n\n\n"):
        assert unfilled not in letter.text

    assert len(letter.html.encode()) < 100_000
    assert "{{" not in letter.html and "None" not in letter.html
    assert "<resolution>" not in letter.html
    assert "prefers-color-scheme" in letter.html
    page = Outline(letter.html)
    assert page.all("html") == [{"lang": "en"}]
    assert len(page.all("h1")) == 1
    assert not page.all("img") and not page.all("script") and not page.all("link")
    assert all(th.get("scope") in {"row", "col"} for th in page.all("th"))
    buttons = [link for link in page.all("a") if "inline-block" in (link.get("style") or "")]
    assert len(buttons) == (
        0 if kind in {"approval_void", "declined", "signed", "trial_opened", "ended"} else 1
    )
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
