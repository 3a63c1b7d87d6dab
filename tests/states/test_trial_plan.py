"""The plan of a trial: what it needs, what it may expect, and how likely it decides."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session

from config.errors import BadInputError, SlmError
from levels.trial_plans import confidence_of_looks
from models.version_words import VersionStatus
from states.agreement_export import export_document
from states.drafts import copy_as_draft
from states.move import Trigger
from states.trial_plan import TargetPlan, plan_trial
from states.trial_run import latest_trial
from states.trial_status import trial_status
from states.trial_terms import TrialTerms, choose_terms, draft_to_try
from states.trial_words import less_sure_in_words, longer_in_words, outlook_in_words, terms_in_words
from tests.states.builders import (
    MANAGER,
    MONDAY,
    P2,
    add_ticket,
    add_tickets,
    conclude,
    draft,
    in_trial,
    letters,
    move,
    trial_of,
    written,
)

WEEK = timedelta(weeks=1)


def planned(session: Session, terms: TrialTerms | None = None, **changes: Any) -> TargetPlan:
    agreement = written(session, **changes)
    (row,) = plan_trial(session, agreement, draft(agreement), MONDAY, terms).targets
    return row


def with_history(session: Session, hits: int = 57, misses: int = 3) -> None:
    """Tickets in the four weeks before, 95 % of them within the threshold unless asked otherwise."""
    add_tickets(session, MONDAY - 3 * WEEK, hits)
    add_tickets(session, MONDAY - 3 * WEEK, misses, hours=11)


def test_the_chance_is_that_of_the_baseline_and_the_poisson_figure_leads(session: Session) -> None:
    with_history(session)
    row = planned(session, TrialTerms(28, 0.95))
    assert row.needed == (29, 46, 61, 76)
    assert (row.baseline_share, row.expected) == (0.95, 80.0)
    assert row.outlook is not None
    assert row.outlook.mixed.met != row.outlook.fixed.met
    words = outlook_in_words(row)
    assert words.startswith("with about 80 tickets: ")
    assert "chance of proving 90\u00a0% if the truth is the baseline's 95\u00a0%" in words
    assert words.index(f"{round(row.outlook.mixed.met * 100)}\u00a0%") < words.index("with exactly 80")


def test_the_alternatives_stand_beside_it(session: Session) -> None:
    with_history(session)
    row = planned(session)
    assert row.longer is not None and row.longer.tickets == 193
    assert "with about 193 tickets, would decide in 80\u00a0% of cases" in longer_in_words(row)
    assert row.outlook is not None
    chances = [row.outlook.mixed.met, *(other.mixed.met for other in row.less_sure)]
    assert [other.confidence for other in row.less_sure] == [0.9, 0.8]
    assert chances == sorted(chances)
    assert less_sure_in_words(row.less_sure[0]).startswith("at 90\u00a0% confidence: ")


def test_a_baseline_at_the_objective_is_never_decided(session: Session) -> None:
    with_history(session, hits=54, misses=6)
    assert longer_in_words(planned(session)) == (
        "no length would decide it: the baseline lies too near the objective"
    )


def test_without_evidence_the_chance_is_not_known(session: Session) -> None:
    row = planned(session)
    assert (row.expected, row.baseline_share, row.outlook, row.needed[0]) == (0, None, None, 29)
    assert outlook_in_words(row) == "nothing was measured in the weeks before, so its chance is not known"


def test_what_is_counted_in_full_needs_no_number(session: Session) -> None:
    cost = {"id": "cost", "indicator": "cost", "bound": 1200, "calendar": "office"}
    settled = [{"text": "It costs what was said", "settlement": "accepted"}]
    row = planned(session, targets=[cost], requirements=settled)
    assert (row.needed, row.expected, row.outlook) == ((), 0, None)
    agreement = in_trial(session, reference="SLA-2", targets=[cost], requirements=settled)
    trial = trial_of(session, agreement)
    assert trial.results[0].tickets_needed == 0
    assert trial_status(session, agreement, trial, MONDAY + WEEK).targets[0].still_needed == 0
    assert conclude(session, agreement).results[0].verdict == "not enough evidence"  # no cost is known


def test_reports_of_one_outage_are_expected_as_one(session: Session) -> None:
    add_ticket(session, MONDAY - 2 * WEEK, external_id="OUTAGE")
    add_tickets(session, MONDAY - 2 * WEEK, 19, parent="OUTAGE")
    add_tickets(session, MONDAY - 2 * WEEK, 20)
    row = planned(session, TrialTerms(28, 0.95))
    assert row.expected == pytest.approx(42) and row.baseline.figures.known == 21


def test_the_plan_is_frozen_as_the_trial_opens_and_told(session: Session) -> None:
    with_history(session)
    agreement = written(session, trial_confidence="90 %", trial_looks=2)
    (row,) = plan_trial(session, agreement, draft(agreement), MONDAY).targets
    move(session, agreement, Trigger.START_TRIAL, MONDAY)
    trial = trial_of(session, agreement)
    (result,) = trial.results
    assert (trial.looks, trial.confidence) == (2, confidence_of_looks(0.9, 2))
    assert (result.tickets_needed, result.baseline_share) == (row.needed[0], 0.95)
    assert row.outlook is not None and result.chance_met == row.outlook.mixed.met
    assert all(
        "chance of proving" in " ".join(letter.text.split()) for letter in letters(session, "trial_opened")
    )


def test_terms_are_chosen_in_the_draft_until_the_trial_starts(session: Session) -> None:
    agreement = written(session)
    before = agreement.row_version
    choose_terms(session, agreement, TrialTerms(42, 0.9, 2), MANAGER, MONDAY)
    assert TrialTerms.of(draft(agreement)) == TrialTerms(42, 0.9, 2) and agreement.row_version > before
    assert terms_in_words(TrialTerms(42, 0.9, 2)) == (
        "42 days at 90\u00a0% confidence, split over 2 looks: 95\u00a0% each"
    )
    choose_terms(session, agreement, TrialTerms(21, 0.95), MANAGER, MONDAY)
    assert draft(agreement).trial_confidence is None  # policy's again, whatever that becomes
    move(session, agreement, Trigger.START_TRIAL, MONDAY)
    with pytest.raises(SlmError, match="is in trial run: its plan is fixed"):
        choose_terms(session, agreement, TrialTerms(42, 0.9), MANAGER, MONDAY)


@pytest.mark.parametrize(
    ("terms", "said"), [((0, 0.9, 1), "days"), ((9, 0.5, 1), "confidence"), ((9, 0.9, 13), "looks")]
)
def test_terms_that_no_trial_can_have(terms: tuple[int, float, int], said: str) -> None:
    with pytest.raises(BadInputError, match=said):
        TrialTerms(*terms)


def test_a_draft_that_cannot_be_measured_has_no_plan(session: Session) -> None:
    with pytest.raises(SlmError, match="no service level target"):
        draft_to_try(written(session, targets=[], requirements=[]))
    with pytest.raises(SlmError, match="evidence_source"):
        draft_to_try(written(session, evidence_source=""))


def test_the_terms_travel_with_the_version(session: Session) -> None:
    agreement = written(session, trial_confidence=0.9, trial_looks=3)
    told = export_document(agreement, draft(agreement))
    assert (told["trial_confidence"], told["trial_looks"]) == (0.9, 3)
    agreement.versions[0].status = VersionStatus.ABANDONED
    copied = copy_as_draft(session, agreement.versions[0], MONDAY)
    assert (copied.trial_confidence, copied.trial_looks) == (0.9, 3)


def test_a_target_of_another_population_expects_its_own_tickets(session: Session) -> None:
    with_history(session)
    assert planned(session, targets=[P2 | {"population": {"priority": "1"}}]).expected == 0
    assert latest_trial(session, written(session)) is None
