"""`slm proposals`: what is put to the customer, listed and taken back, and what is refused."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from config.clock import now
from models.database import open_engine, transaction
from tests.cli.command_line import Slm
from tests.states.builders import CUSTOMER_OWNER, MANAGER, PROVIDER, answer, in_review, written
from tests.states.test_proposals import tried

WHY = ("--reason", "spare parts come late")
ASK = ("proposals", "ask", "SLA-1")
TERMS = (*ASK, "--target", "P2", "--threshold", "10h", "--objective", "85%")


@pytest.fixture
def engine(database: Path) -> Engine:
    return open_engine(f"sqlite:///{database}")


@pytest.fixture
def in_requirements(engine: Engine) -> None:
    with transaction(engine) as session:
        written(session, now() - timedelta(days=1))


def test_terms_are_put_listed_and_taken_back(slm: Slm, in_requirements: None) -> None:
    assert slm.tells("proposals") == []
    assert slm.does("proposals") == "No proposal waits for an answer.\n"
    asked = slm.tells(*TERMS, *WHY, "--by", PROVIDER)
    assert (asked["kind"], asked["target"], asked["asked_by"]) == ("revised target", "P2", PROVIDER)
    assert asked["then"].replace("\u00a0", " ") == "85 % of priority 2 tickets resolved within 10 h"
    assert [row["person"] for row in asked["requests"]] == [CUSTOMER_OWNER]
    assert "other terms for P2" in slm.does("proposals", "SLA-1")
    assert "proposal 1" in slm.does("approvals") and slm.tells("approvals")[0]["proposal"] == 1
    assert slm.does("proposals", "withdraw", 1, "--reason", "said so") == "proposal 1 is withdrawn\n"
    assert slm.tells("proposals") == slm.tells("approvals") == []
    (row,) = slm.tells("proposals", "--all")
    assert (row["agreement"], row["state"], row["outcome"]) == ("SLA-1", "withdrawn", "said so")
    assert slm.tells("show", "SLA-1")["proposals"][0]["state"] == "withdrawn"


def test_a_counter_offer_and_an_outcome_are_put(slm: Slm, engine: Engine) -> None:
    with transaction(engine) as session:
        tried(session, now() - timedelta(days=26))
        in_review(session, reference="SLA-2", evidence_source="other")
    asked = slm.does(*ASK, "--counter-offer", "P2", *WHY)
    assert asked == f"SLA-1: proposal 1, counter-offer for P2: asked {CUSTOMER_OWNER}\n"
    asked = slm.does("proposals", "ask", "SLA-2", "--review", "renegotiate", *WHY)
    assert asked == f"SLA-2: proposal 2, renegotiation after the review: asked {CUSTOMER_OWNER}\n"
    with transaction(engine) as session:
        answer(session, CUSTOMER_OWNER, now())
    assert slm.tells("show", "SLA-2")["stage"] == "renegotiation"
    assert f"approved by {CUSTOMER_OWNER}" in " ".join(slm.does("proposals", "--all").split())


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ((*TERMS, "--reason", " "), "SLA-1: say why; everybody who is asked reads it"),
        ((*TERMS, *WHY, "--by", "Nobody"), "SLA-1: nobody is named 'Nobody'"),
        ((*ASK, *WHY), "SLA-1: name one thing: a counter-offer, a target with its terms, or an outcome"),
        ((*ASK, "--target", "P2", "--threshold", "soon", *WHY), "--threshold 'soon': write a working time"),
        ((*ASK, "--counter-offer", "P2", *WHY), "SLA-1: there is no counter-offer for target P2"),
        ((*ASK, "--review", "renew", *WHY), "SLA-1: no review waits for a decision"),
        (("proposals", "withdraw", "9", *WHY), "there is no proposal 9: `slm proposals list` lists them"),
    ],
)
def test_what_is_refused_says_why_in_a_line(
    slm: Slm, in_requirements: None, words: tuple[str, ...], line: str
) -> None:
    assert slm.refuses(*words).startswith(line)
    assert slm.tells("proposals", "--all") == []


def test_the_owner_asks_where_nobody_is_named(slm: Slm, in_requirements: None) -> None:
    assert slm.tells(*TERMS, *WHY)["asked_by"] == MANAGER
