"""The requirements stage: the service level requirements must be complete before a trial starts."""

from models.agreements import Agreement
from models.version_words import Settlement, Side
from models.versions import AgreementVersion
from states import requirements_document, trial_run
from states.drafts import draft_of
from states.move import Move
from states.term_blockers import term_blockers


def trial_blockers(move: Move) -> list[str]:
    """Gate of `start_trial`: everything that is missing in the service level requirements."""
    draft = draft_of(move.agreement)
    if draft is None:
        return ["there is no draft: write the agreement's requirements and targets first"]
    return incomplete(move.agreement, draft) + term_blockers(draft, move.at)


def incomplete(agreement: Agreement, draft: AgreementVersion) -> list[str]:
    """Return what the draft still lacks, a sentence each; empty where it is complete."""
    blockers = []
    if not agreement.services:
        blockers.append("no service is named")
    if not draft.targets:
        blockers.append("there is no service level target")
    if not agreement.evidence_source:
        blockers.append("no evidence source is named: the targets cannot be measured")
    calendars = {calendar.name for calendar in draft.calendars}
    blockers += [
        f"target {target.key}: there is no calendar {target.calendar!r}"
        for target in draft.targets
        if target.calendar not in calendars
    ]
    for side in Side:
        if not any(duty.side == side for duty in draft.responsibilities):
            blockers.append(f"no responsibility of the {side} is written down")
        if not any(row.side == side and row.required and not row.observer for row in draft.signatories):
            blockers.append(f"no required signatory of the {side} is named")
    return blockers + _unsettled(draft)


def _unsettled(draft: AgreementVersion) -> list[str]:
    if not draft.requirements:
        return ["no requirement is written down"]
    blockers = [
        f'requirement "{requirement.text}" is not settled: accept, reduce or drop it'
        for requirement in draft.requirements
        if requirement.settlement == Settlement.OPEN
    ]
    return blockers + [
        f'requirement "{requirement.text}" is {requirement.settlement} without a reason'
        for requirement in draft.requirements
        if requirement.settlement in (Settlement.REDUCED, Settlement.DROPPED) and not requirement.reason
    ]


def open_trial(move: Move) -> None:
    """Effect of `start_trial`: the requirements are fixed, the trial opens on them, both sides are told."""
    draft = draft_of(move.agreement)
    assert draft is not None, "the gate saw a draft"
    issued = requirements_document.issue(move.session, move.agreement, move.actor, move.at)
    trial = trial_run.open_trial(move.session, move.agreement, draft, move.at)
    trial.slr_sha256 = issued.sha256
