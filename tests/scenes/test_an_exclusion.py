"""A strike is excluded after its month was reported, and late tickets come in: nothing is rewritten."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.cli.command_line import Slm
from tests.scenes.doors import Post, link_in, on, on_one_line, sign, to, words
from tests.scenes.granite_works import (
    HEAD,
    HEAD_ADDRESS,
    MANAGER,
    MANAGER_ADDRESS,
    OWNER,
    OWNER_ADDRESS,
    REFERENCE,
    Morning,
    write_agreement,
    write_tickets,
)

pytestmark = pytest.mark.campaign

ASK = (*("exclusions", "ask", REFERENCE, "--from", "2026-03-17", "--to", "2026-03-18"), "--by", HEAD)
HEADER = (
    "ticket,state,opened_at,updated_at,customer,requester,priority,service,category,request_type,group,line"
)


def reopened(path: Path, *tickets: str) -> Path:
    """Write an export in which closed tickets of 10 March turn out not to have been done."""
    with path.open("w", encoding="utf-8") as file:
        print(HEADER, file=file)
        for ticket in tickets:
            for state, at in (
                ("in progress", "2026-05-07T08:00+00:00"),
                ("resolved", "2026-05-07T17:00+00:00"),
            ):
                told = f"{ticket},{state},2026-03-10T09:00+00:00,{at},Granite Works,Quarry foreman"
                print(f"{told},2,Workplace,Laptop,incident,Service desk,1", file=file)
    return path


def assessed(slm: Slm) -> list[tuple[int, str, str]]:
    """March's P2 as `slm assess` tells it."""
    rows: list[dict[str, Any]] = slm.tells("assess", REFERENCE)
    march = [row for row in rows if row["target"] == "P2" and row["from"].startswith("2026-03")]
    return [(row["number"], row["figure"], row["reason"]) for row in march]


def test_a_strike_is_excluded_after_the_report(
    slm: Slm, database: Path, post: Post, browser: TestClient, tmp_path: Path
) -> None:
    with on(3, 2, 8):
        slm.does("apply", write_agreement(tmp_path / "granite.yaml"), "--by", MANAGER)
        slm.does("advance", REFERENCE, "skip_trial", "--reason", "known for years", "--by", MANAGER)
        slm.does("tick", "--only", "mail")
        letters = post.comes()
        for address, name in ((OWNER_ADDRESS, OWNER), (HEAD_ADDRESS, HEAD)):
            sign(browser, to(letters, address, "Please sign"), name, "priority 2 tickets")

    log = write_tickets(tmp_path / "march.csv", date(2026, 3, 3), date(2026, 3, 31), Morning("2", (3, 6)))
    text = log.read_text("utf-8")  # nobody worked on the 17th: what was opened then was done a day later
    for hour in (12, 13, 15, 16):
        text = text.replace(f",2026-03-17T{hour}:00:00+00:00", f",2026-03-18T{hour}:00:00+00:00")
    log.write_text(text, "utf-8")
    with on(4, 20):
        slm.does("import", log, "--mapping", "sample")
        slm.does("tick")
        post.comes()
    assert assessed(slm) == [(0, "40 of 42", "")]

    with on(4, 21):
        asked = slm.does(*ASK, "--reason", "strike of the electricians", "--population", "priority=2")
        assert asked == f"{REFERENCE}: exclusion 1, for priority 2: asked {OWNER}\n"
        assert "asks for the same" in slm.refuses(*ASK, "--reason", "again", "--population", "priority=2")
        slm.does("tick", "--only", "mail")
        question = to(post.comes(), OWNER_ADDRESS, "an exclusion under")
        assert "strike of the electricians" in words(question) and "For: priority 2" in words(question)
        assert assessed(slm) == [(0, "40 of 42", "")], "nothing counts before it is approved"
        assert {row["exclusion"] for row in slm.tells("approvals")} == {1}

    with on(4, 22):
        recorded = sign(browser, question, OWNER, "strike of the electricians")
        assert "Your decision is recorded" in recorded
        assert browser.get(link_in(question)).status_code == 200
        slm.does("tick", "--only", "mail")
        letters = post.comes()
        assert "has approved exclusion 1" in words(to(letters, MANAGER_ADDRESS, "Approved: exclusion 1"))
        letter = to(letters, OWNER_ADDRESS, "Restated: your service report")
        assert "now 42 of 42" in words(letter) and "reported 40 of 42" in words(letter)
        page = on_one_line(browser.get(link_in(letter)).text)
        assert "P2: 42 of 42 instead of 40 of 42, because exclusion 1 approved: strike of" in page
        ledger = slm.does("explain", "0317-P2-1")
        assert "strike of the electricians" in on_one_line(ledger)

    because = "exclusion 1 approved: strike of the electricians"
    assert assessed(slm) == [(0, "40 of 42", ""), (1, "42 of 42", because)]
    assert "identical" in slm.does("assess", REFERENCE, "--check")

    with on(5, 8):
        slm.does("import", reopened(tmp_path / "late.csv", "0310-P2-1", "0310-P2-2"), "--mapping", "sample")
        (made,) = slm.tells("assess", REFERENCE, "--restate")
        assert (made["number"], made["restates"], made["figure"]) == (2, 0, "40 of 42")
        assert made["reason"] == "evidence known later: 2 tickets" and made["difference"] == {}
        assert slm.does("assess", REFERENCE, "--restate") == "0 restatements made\n"
        checked = slm.does("assess", REFERENCE, "--check")
        assert "restatement 2 of 2026-05-08, reported 40 of 42" in checked
        assert checked.count(": identical") == len(checked.splitlines()) - 1

    listed = slm.does("exclusions", "list", REFERENCE)
    assert "strike of the electricians" in listed and f"approved by {OWNER}" in on_one_line(listed)
    assert slm.does("audit", "verify")
