"""Targets with their figures: last period, bounds, verdict, trend; the draft's with its counter-offers."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from models.agreements import Agreement, Stage
from models.assessments import Assessment
from models.proposals import Proposal
from models.trials import TrialResult
from models.versions import ServiceLevelTarget
from states import settling
from states.calendars import zone_of
from states.counter_offers import counter_offers
from states.drafts import draft_of, version_in_force
from states.experience import delivered
from states.monitoring import newest_of
from states.promises import offer_in_words, promise_of
from states.proposal_evidence import concluded_trial
from states.restated_figures import figure_of
from states.target_revisions import unadoptable
from states.trial_offer import is_borne_out
from templates.spans import span


@dataclass(frozen=True)
class TargetRow:
    """A target of the version in force.

    Attributes:
        last: its newest assessment as `states.experience.delivered` tells it, None before the first.
        reported: the figure that was reported where the newest is restated, "" where it is not.
        trend: the newest figures of every period so far, oldest first.
    """

    target: ServiceLevelTarget
    promise: str
    last: dict[str, Any] | None
    reported: str
    trend: list[dict[str, Any]]


@dataclass(frozen=True)
class DraftRow:
    """A target of the draft.

    Attributes:
        before: what the version in force promises instead, "" where it is the same or new.
        result: what the trial of this draft showed, None before its conclusion.
        offer: the counter-offer on the table, in words; "" where there is none or it is adopted.
        condition: the change under which it would hold, where the draft can say it; "" otherwise.
        unsettled: the trial did not bear it out, so it must be revised or accepted as a risk.
        can_propose: it, or other terms, can be put to the customer now.
        proposed: the number of the proposal about it that waits for its answer, None where none does.
    """

    target: ServiceLevelTarget
    promise: str
    before: str
    result: TrialResult | None
    offer: str
    condition: str
    unsettled: bool
    can_propose: bool
    proposed: int | None


def target_rows(session: Session, agreement: Agreement) -> list[TargetRow]:
    """Return the targets of the version in force; none where no version is."""
    version = version_in_force(agreement)
    if version is None:
        return []
    assessed = session.exec(
        select(Assessment)
        .where(Assessment.agreement_id == agreement.id)
        .order_by(col(Assessment.starts_at), col(Assessment.id))
    ).all()
    trends: dict[str, list[Assessment]] = defaultdict(list)
    for row in newest_of(assessed):
        trends[row.target_key].append(row)
    reported = {(row.period_id, row.version_id, row.target_key): row for row in assessed if not row.number}
    return [_target_row(target, trends[target.key], reported) for target in version.targets]


def _target_row(
    target: ServiceLevelTarget, trend: list[Assessment], reported: dict[tuple[int, int, str], Assessment]
) -> TargetRow:
    last, zone = trend[-1] if trend else None, zone_of(target.version)
    return TargetRow(
        target,
        promise_of(target),
        delivered(last) if last else None,
        figure_of(reported[last.period_id, last.version_id, last.target_key]) if last and last.number else "",
        [delivered(row) | {"period": span(row.starts_at, row.ends_at, zone)} for row in trend],
    )


def draft_rows(session: Session, agreement: Agreement) -> list[DraftRow]:
    """Return the targets of the draft, with what the trial or a revision task says; none without a draft."""
    draft = draft_of(agreement)
    if draft is None:
        return []
    trial = concluded_trial(session, agreement, draft)
    results = {row.target_key: row for row in trial.results} if trial else {}
    offers = counter_offers(session, agreement)
    proposed = {row.target_key: row.id for row in settling.waiting(session, Proposal, agreement)}
    in_force = version_in_force(agreement)
    before = {row.key: promise_of(row) for row in in_force.targets} if in_force else {}
    rows = []
    for target in draft.targets:
        promise, result, offer = promise_of(target), results.get(target.key), offers.get(target.key)
        adopted = offer is not None and (offer.threshold_s, offer.objective) == (
            target.threshold_s,
            target.objective,
        )
        supported = trial is not None and is_borne_out(trial, target)
        rows.append(
            DraftRow(
                target=target,
                promise=promise,
                before=before.get(target.key, "") if before.get(target.key) != promise else "",
                result=result,
                offer="" if adopted or supported else offer_in_words(offer),
                condition="" if adopted or supported or result is None else _adoptable(result),
                unsettled=trial is not None and not supported and not target.accepted_risk,
                can_propose=trial is not None or agreement.stage != Stage.TRIAL_RUN,
                proposed=proposed.get(target.key),
            )
        )
    return rows


def _adoptable(result: TrialResult) -> str:
    if not result.condition or result.condition.get("adopted") or unadoptable(result.condition):
        return ""
    return str(result.condition["sentence"])
