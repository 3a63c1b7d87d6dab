"""Targets with their figures: last period, bounds, verdict, trend; the draft's with its counter-offers."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from models.agreements import Agreement, Stage
from models.assessments import Assessment
from models.trials import TrialResult, TrialState
from models.versions import AgreementVersion, ServiceLevelTarget
from states.drafts import draft_of, version_in_force
from states.experience import delivered
from states.promises import offer_in_words, promise_of
from states.target_revisions import counter_offers
from states.trial_run import latest_trial, supports


@dataclass(frozen=True)
class TargetRow:
    """A target of the version in force.

    Attributes:
        last: its newest assessment as `states.experience.delivered` tells it, None before the first.
        trend: the same for every period so far, oldest first.
    """

    target: ServiceLevelTarget
    promise: str
    last: dict[str, Any] | None
    trend: list[dict[str, Any]]


@dataclass(frozen=True)
class DraftRow:
    """A target of the draft.

    Attributes:
        before: what the version in force promises instead, "" where it is the same or new.
        result: what the trial of this draft showed, None before its conclusion.
        offer: the counter-offer on the table, in words; "" where there is none or it is adopted.
        unsettled: the trial did not bear it out, so it must be revised or accepted as a risk.
    """

    target: ServiceLevelTarget
    promise: str
    before: str
    result: TrialResult | None
    offer: str
    unsettled: bool


def target_rows(session: Session, agreement: Agreement) -> list[TargetRow]:
    """Return the targets of the version in force; none where no version is."""
    version = version_in_force(agreement)
    if version is None:
        return []
    trends: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in session.exec(
        select(Assessment)
        .where(Assessment.agreement_id == agreement.id)
        .order_by(col(Assessment.starts_at), col(Assessment.id))
    ):
        trends[row.target_key].append(delivered(row))
    return [
        TargetRow(
            target,
            promise_of(target),
            trends[target.key][-1] if trends[target.key] else None,
            trends[target.key],
        )
        for target in version.targets
    ]


def draft_rows(session: Session, agreement: Agreement) -> list[DraftRow]:
    """Return the targets of the draft, with what the trial or a revision task says; none without a draft."""
    draft = draft_of(agreement)
    if draft is None:
        return []
    results = _results(session, agreement, draft)
    offers = counter_offers(session, agreement)
    in_force = version_in_force(agreement)
    before = {row.key: promise_of(row) for row in in_force.targets} if in_force else {}
    rows = []
    for target in draft.targets:
        promise, result, offer = promise_of(target), results.get(target.key), offers.get(target.key)
        adopted = offer is not None and (offer.threshold_s, offer.objective) == (
            target.threshold_s,
            target.objective,
        )
        supported = result is not None and supports(result, target.threshold_s, target.objective)
        rows.append(
            DraftRow(
                target=target,
                promise=promise,
                before=before.get(target.key, "") if before.get(target.key) != promise else "",
                result=result,
                offer="" if adopted or supported else offer_in_words(offer),
                unsettled=bool(results) and not supported and not target.accepted_risk,
            )
        )
    return rows


def _results(session: Session, agreement: Agreement, draft: AgreementVersion) -> dict[str, TrialResult]:
    if agreement.stage != Stage.TRIAL_RUN:
        return {}
    trial = latest_trial(session, agreement)
    if trial is None or trial.version_id != draft.id or trial.state != TrialState.CONCLUDED:
        return {}
    return {row.target_key: row for row in trial.results}
