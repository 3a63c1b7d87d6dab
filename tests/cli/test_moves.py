"""`slm advance`: a move that is refused says everything that stands in its way, and changes nothing."""

from pathlib import Path

import pytest

from tests.cli.command_line import Slm
from tests.scenes.granite_works import HEAD, OWNER, REFERENCE, write_agreement


@pytest.fixture
def file(slm: Slm, database: Path, tmp_path: Path) -> Path:
    """The agreement is written, and nothing of it is settled."""
    written = write_agreement(tmp_path / "granite.yaml", settled=False)
    slm.does("apply", written)
    return written


def test_an_unknown_trigger(slm: Slm, file: Path) -> None:
    ran = slm("advance", REFERENCE, "launch")
    assert (ran.code, ran.out) == (2, "")
    assert "'launch' is not one of 'start_trial', 'skip_trial'," in ran.err


def test_a_stage_that_does_not_know_the_trigger(slm: Slm, file: Path) -> None:
    before = slm.tells("show", REFERENCE)
    said = slm.refuses("advance", REFERENCE, "sign")
    assert said == (
        f"{REFERENCE} is in requirements: sign is not possible there; possible: start_trial, skip_trial, end"
    )
    assert slm.refuses("advance", REFERENCE, "sign", "--dry-run") == said
    assert slm.tells("show", REFERENCE) == before


def test_a_blocked_gate_tells_every_reason(slm: Slm, file: Path) -> None:
    slm.does("apply", write_agreement(file, settled=False, services=[], responsibilities=[], signatories=[]))
    before = slm.tells("show", REFERENCE)
    reasons = [
        "no service is named",
        "no responsibility of the provider is written down",
        "no required signatory of the provider is named",
        "no responsibility of the customer is written down",
        "no required signatory of the customer is named",
        'requirement "Urgent faults are mended the same day" is not settled: accept, reduce or drop it',
        'requirement "Other faults within three days" is not settled: accept, reduce or drop it',
    ]
    said = slm.refuses("advance", REFERENCE, "start_trial")
    assert said == f"{REFERENCE}: start_trial is blocked: {'; '.join(reasons)}"
    after = slm.tells("show", REFERENCE)
    assert {**after, "ways_on": None} == {**before, "ways_on": None}
    assert after["ways_on"][0]["blocked_by"] == reasons


def test_a_dry_run_tells_the_same_and_ends_the_same(slm: Slm, file: Path) -> None:
    looked = slm("advance", REFERENCE, "start_trial", "--dry-run")
    assert (looked.code, looked.err) == (1, "")
    assert looked.out.splitlines()[:2] == [
        f"{REFERENCE}: start_trial: requirements -> trial_run",
        "  then: trial opened with its end fixed, both sides told",
    ]
    assert looked.out.count("  blocked: requirement ") == 2
    assert slm("advance", REFERENCE, "start_trial", "--dry-run", "--json").code == 1
    open_way = slm("advance", REFERENCE, "end", "--reason", "merged", "--dry-run")
    assert open_way.code == 0
    assert slm.tells("agreements")[0]["stage"] == "requirements"


def test_a_move_that_wants_a_reason(slm: Slm, file: Path) -> None:
    assert slm.refuses("advance", REFERENCE, "end") == f"{REFERENCE}: end is blocked: a reason is needed"
    assert "a reason is needed" in slm.refuses("advance", REFERENCE, "end", "--reason", "  ")
    assert slm.does("advance", REFERENCE, "end", "--reason", "merged").endswith("requirements -> ended\n")
    said = slm.refuses("advance", REFERENCE, "end", "--reason", "merged")
    assert said.endswith("end is not possible there; possible: nothing any more")


def test_somebody_else_was_faster(slm: Slm, file: Path) -> None:
    seen = slm.tells("show", REFERENCE)["row_version"]
    slm.does("apply", write_agreement(file, settled=True))
    slm.does("advance", REFERENCE, "start_trial")
    said = slm.refuses("advance", REFERENCE, "rework", "--reason", "no", "--expected-version", seen)
    assert said == f"{REFERENCE} was changed by somebody else in the meantime: look at it again"
    assert slm.tells("agreements")[0]["stage"] == "trial_run"


def test_a_new_end_of_a_trial_that_is_no_time(slm: Slm, file: Path) -> None:
    slm.does("apply", write_agreement(file, settled=True))
    slm.does("advance", REFERENCE, "start_trial")
    extend = ("advance", REFERENCE, "extend_trial")
    assert slm.refuses(*extend) == f"{REFERENCE}: extend_trial is blocked: the new end is not given"
    assert "the new end must be later" in slm.refuses(*extend, "--until", "2020-01-01")
    said = slm.refuses(*extend, "--until", "next week")
    assert said == "'next week' is no instant: write it like 2026-03-01 or 2026-03-01T09:00+01:00"
    assert "too far away" in slm.refuses(*extend, "--until", "9999-12-31")
    slm.does(*extend, "--until", "2099-01-02T09:00+01:00")
    assert slm.tells("show", REFERENCE)["trials"][0]["to"] == "2099-01-02T08:00:00+00:00"


def test_a_risk_is_accepted_with_a_reason(slm: Slm, file: Path) -> None:
    risk = ("targets", "accept-risk", REFERENCE, "P2", "--by", HEAD)
    said = slm.refuses(*risk, "--reason", " ")
    assert said == "to accept the risk of target P2, give a reason: the agreement will print it"
    assert "risk accepted: more staff (Head of delivery)" in slm.does(*risk, "--reason", "more staff")


def test_who_is_asked_to_sign(slm: Slm, file: Path) -> None:
    slm.does("apply", write_agreement(file, settled=True))
    slm.does("advance", REFERENCE, "skip_trial", "--reason", "it was like this for years")
    assert {(row["person"], row["state"], row["answer"]) for row in slm.tells("approvals")} == {
        (HEAD, "open", None),
        (OWNER, "open", None),
    }
    assert HEAD in slm.does("approvals") and OWNER in slm.does("approvals")
    blocked = slm.refuses("advance", REFERENCE, "sign")
    assert blocked.endswith(f"is blocked: {HEAD} has not approved; {OWNER} has not approved")
    slm.does("advance", REFERENCE, "rework", "--reason", "a word is missing")
    assert slm.tells("approvals") == []
    assert {row["state"] for row in slm.tells("approvals", "--all")} == {"void"}
