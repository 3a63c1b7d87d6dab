"""An agreement told as plain data: the same for the command line, the JSON API and the replay."""

import json
from typing import Any

from sqlmodel import Session, col, func, select

from models.actions import Action
from models.agreements import Agreement
from models.assessments import Assessment
from models.letters import OutboxLetter
from models.reviews import ReviewPack
from models.sealing import canonical_json, sha256_of, version_contents
from models.surveys import Survey
from models.trials import Trial, TrialResult
from models.versions import AgreementVersion, ServiceLevelTarget
from states.actions import actions_of
from states.audit import events_of
from states.drafts import version_in_force
from states.exclusion_accounts import exclusion_told, exclusions_of
from states.promises import promise_of
from states.proposal_accounts import proposal_told, proposals_of
from states.restated_figures import restated_told, restatements_of
from templates.figures_in_words import counted, figure


def summary(agreement: Agreement) -> dict[str, Any]:
    """Return one agreement as a row of a list."""
    in_force = version_in_force(agreement)
    return {
        "reference": agreement.reference,
        "title": agreement.title,
        "customer": agreement.customer.name,
        "stage": agreement.stage.value,
        "since": agreement.stage_since.isoformat(),
        "version_in_force": in_force.number if in_force else None,
        "row_version": agreement.row_version,
    }


def account(session: Session, agreement: Agreement) -> dict[str, Any]:
    """Return the whole life of an agreement: history, versions, trials, assessments, reviews, actions."""
    versions = {version.id: version for version in agreement.versions}
    numbers = {version.id: version.number for version in agreement.versions}
    return {
        "reference": agreement.reference,
        "customer": agreement.customer.name,
        "stage": agreement.stage.value,
        "history": _history(session, agreement),
        "versions": [_version(version) for version in agreement.versions],
        "trials": [_trial(trial, versions[trial.version_id]) for trial in _rows(session, Trial, agreement)],
        "assessments": [
            _assessment(row, numbers) for row in _rows(session, Assessment, agreement) if row.number == 0
        ],
        "restatements": [restated_told(row) for row in restatements_of(session, agreement)],
        "exclusions": [exclusion_told(session, row) for row in exclusions_of(session, agreement)],
        "proposals": [proposal_told(session, row) for row in proposals_of(session, agreement)],
        "reviews": [_review(pack) for pack in _rows(session, ReviewPack, agreement)],
        "surveys": [_survey(survey) for survey in _rows(session, Survey, agreement)],
        "actions": [_action(action) for action in actions_of(session, agreement)],
        "letters": session.exec(select(func.count()).where(OutboxLetter.agreement_id == agreement.id)).one(),
    }


def _rows(session: Session, table: Any, agreement: Agreement) -> list[Any]:
    return list(session.exec(select(table).where(table.agreement_id == agreement.id).order_by(col(table.id))))


def _history(session: Session, agreement: Agreement) -> list[dict[str, Any]]:
    moves = [event for event in events_of(session, agreement) if event.kind == "move"]
    told = [(event, json.loads(event.data)) for event in moves]
    return [
        {
            "at": event.at.isoformat(),
            "trigger": data["trigger"],
            "from": data["source"],
            "to": data["target"],
            "actor": event.actor,
            "reason": data["reason"],
        }
        for event, data in told
    ]


def _version(version: AgreementVersion) -> dict[str, Any]:
    return {
        "number": version.number,
        "status": version.status.value,
        # an unsealed text may still change, and its hash with it
        "sha256": version.sha256 or sha256_of(canonical_json(version_contents(version))),
        "in_force_from": version.in_force_from.isoformat() if version.in_force_from else None,
        "in_force_until": version.in_force_until.isoformat() if version.in_force_until else None,
        "valid_until": version.valid_until.isoformat() if version.valid_until else None,
        "notice_by": last.isoformat() if (last := version.notice_by) else None,
        "waiver": version.waiver,
        "targets": [
            {
                "id": target.key,
                "indicator": target.indicator.value,
                "population": target.population,
                "threshold_s": target.threshold_s,
                "objective": target.objective,
                "promise": promise_of(target),
                "accepted_risk": target.accepted_risk,
            }
            for target in version.targets
        ],
    }


def _trial(trial: Trial, version: AgreementVersion) -> dict[str, Any]:
    targets = {target.key: target for target in version.targets}
    return {
        "version": version.number,
        "from": trial.starts_at.isoformat(),
        "to": trial.ends_at.isoformat(),
        "closes": trial.closes_at.isoformat(),
        "state": trial.state.value,
        "targets": [_result(result, targets.get(result.target_key)) for result in trial.results],
    }


def _result(result: TrialResult, target: ServiceLevelTarget | None) -> dict[str, Any]:
    """A target's plan, and its figures, which are None until the trial is concluded."""
    offered = result.counter_threshold_s is not None
    return {
        "target": result.target_key,
        "threshold_s": result.threshold_s,
        "objective": result.objective,
        "needed": result.tickets_needed,
        "expected": result.tickets_expected,
        "known": result.known,
        "hits": result.hits,
        "undecided": result.undecided,
        "shown": figure(result, target),
        "counted": counted(result, target),
        "lower": result.lower,
        "upper": result.upper,
        "verdict": result.verdict,
        "counter_offer": {"threshold_s": result.counter_threshold_s, "objective": result.counter_objective}
        if offered
        else None,
    }


def _assessment(row: Assessment, numbers: dict[int, int]) -> dict[str, Any]:
    return {
        "version": numbers[row.version_id],
        "target": row.target_key,
        "from": row.starts_at.isoformat(),
        "to": row.ends_at.isoformat(),
        "known": row.known,
        "hits": row.hits,
        "undecided": row.undecided,
        "lower": row.lower,
        "upper": row.upper,
        "value": row.value,
        "unit": row.unit,
        "shown": figure(row),
        "counted": counted(row),
        "verdict": row.verdict,
    }


def _review(pack: ReviewPack) -> dict[str, Any]:
    return {
        "at": pack.made_at.isoformat(),
        "recommendation": pack.recommendation.value,
        "decision": pack.decision.value,
        "by": pack.decided_by,
        "findings": pack.findings,
        "sha256": pack.sha256,
    }


def _survey(survey: Survey) -> dict[str, Any]:
    return {
        "stage": survey.stage.value,
        "about": survey.occasion,
        "known": survey.known,
        "hits": survey.hits,
        "standard": survey.standard,
        "verdict": survey.verdict,
    }


def _action(action: Action) -> dict[str, Any]:
    return {
        "kind": action.kind.value,
        "target": action.target_key,
        "title": action.title,
        "due": action.due_at.isoformat(),
        "state": action.state.value,
        "settlement": action.settlement,
        "offer": action.offer or None,
        "before": action.before,
        "effect": action.effect or None,
    }
