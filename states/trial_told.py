"""A trial as plain data: its plan, how it stands, and what it showed, for the command line and programs."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from levels.trial_plans import MISSES_SHOWN
from models.trials import Trial, TrialResult
from models.versions import AgreementVersion, ServiceLevelTarget
from states.promises import offer_in_words, promise_of
from states.trial_costs import cost_in_words, cost_of_target
from states.trial_misses import Miss
from states.trial_offer import counter_offer_of
from states.trial_plan import TargetPlan, TrialPlan
from states.trial_status import TargetStatus, TrialStatus
from states.trial_words import longer_in_words, outlook_in_words, result_in_words, stand_in_words
from templates.figures_in_words import share_in_words

PROVISIONAL = "provisional"


def plan_told(plan: TrialPlan) -> dict[str, Any]:
    """Return a plan; chances are `mixed`, the headline, and `fixed`, for exactly the expected number."""
    return {
        "version": plan.version.number,
        "days": plan.terms.days,
        "confidence": plan.terms.confidence,
        "looks": plan.terms.looks,
        "confidence_of_each_look": plan.terms.confidence_of_each,
        "starts_at": plan.starts_at.isoformat(),
        "ends_at": plan.ends_at.isoformat(),
        "closes_at": plan.closes_at.isoformat(),
        "targets": [_target_plan(row) for row in plan.targets],
    }


def _target_plan(plan: TargetPlan) -> dict[str, Any]:
    seen, shown = plan.baseline.figures, plan.outlook
    return {
        "target": plan.target.key,
        "promise": promise_of(plan.target),
        "needed_by_misses": dict(zip(map(str, MISSES_SHOWN), plan.needed, strict=False)),
        "expected": round(plan.expected, 1),
        "baseline": {
            "hits": seen.hits,
            "known": seen.known,
            "share": plan.baseline_share,
            "lower": seen.lower,
            "upper": seen.upper,
            "in_words": share_in_words(seen),
        },
        "chance": {"mixed": asdict(shown.mixed), "fixed": asdict(shown.fixed)} if shown else None,
        "longer": asdict(plan.longer) if plan.longer else None,
        "less_sure": [{"confidence": row.confidence, **asdict(row.mixed)} for row in plan.less_sure],
        "in_words": outlook_in_words(plan),
        "longer_in_words": longer_in_words(plan),
    }


def status_told(status: TrialStatus) -> dict[str, Any]:
    """Return how a running trial stands; nothing in it is a verdict."""
    return {
        **_trial(status.trial, status.version),
        "figures": PROVISIONAL,
        "days_left": status.days_left,
        "conclusion_due": status.due,
        "in_words": stand_in_words(status),
        "targets": [_target_status(row) for row in status.targets],
    }


def _target_status(row: TargetStatus) -> dict[str, Any]:
    return {
        "target": row.target.key,
        "promise": promise_of(row.target),
        "tickets": row.tickets,
        "known": row.known,
        "hits": row.hits,
        "in_words": share_in_words(row),
        "expected": row.result.tickets_expected,
        "needed_without_a_miss": row.result.tickets_needed,
        "still_needed": row.still_needed,
        "kaplan_meier": asdict(row.provisional) if row.provisional else None,
        "open": row.open,
        "at_risk": [
            {
                "ticket": ticket.external_id,
                "since": ticket.since.isoformat(),
                "consumed_s": ticket.consumed_s,
                "chance_of_breach": ticket.chance,
            }
            for ticket in row.at_risk
        ],
    }


def conclusion_told(trial: Trial, version: AgreementVersion, misses: dict[str, list[Miss]]) -> dict[str, Any]:
    """Return what a concluded trial showed, with its misses."""
    return {
        **_trial(trial, version),
        "concluded_at": trial.concluded_at.isoformat() if trial.concluded_at else None,
        "targets": [
            {
                **_result(row),
                "in_words": result_in_words(row.model_dump(), _tried(version, row)),
                "cost": cost_of_result(trial, version, row),
                "misses": _misses(row, misses),
            }
            for row in trial.results
        ],
    }


def _trial(trial: Trial, version: AgreementVersion) -> dict[str, Any]:
    return {
        "version": version.number,
        "state": trial.state.value,
        "starts_at": trial.starts_at.isoformat(),
        "ends_at": trial.ends_at.isoformat(),
        "closes_at": trial.closes_at.isoformat(),
        "confidence": trial.confidence,
        "looks": trial.looks,
        "looks_taken": trial.looks_taken,
    }


def _result(row: TrialResult) -> dict[str, Any]:
    figures = ("known", "hits", "undecided", "lower", "upper", "verdict", "condition", "choice")
    plan = ("threshold_s", "objective", "tickets_needed", "tickets_expected", "baseline_share", "chance_met")
    return {
        "target": row.target_key,
        **row.model_dump(include={*plan, *figures}),
        "counter_offer": (
            {
                "threshold_s": offer.threshold_s,
                "objective": offer.objective,
                "in_words": offer_in_words(offer),
            }
            if (offer := counter_offer_of(row))
            else None
        ),
    }


def _misses(row: TrialResult, misses: dict[str, list[Miss]]) -> list[dict[str, Any]]:
    return [
        {
            "ticket": miss.external_id,
            "incident": miss.incident,
            "consumed_s": miss.consumed_s,
            "stopped": miss.stopped,
            "totals_s": {kind.value: seconds for kind, seconds in miss.totals_s.items()},
        }
        for miss in misses.get(row.target_key, [])
    ]


def cost_of_result(trial: Trial, version: AgreementVersion, row: TrialResult) -> str:
    """Return what the service costs as stated and as countered, in words; "" where nothing is known."""
    target = _tried(version, row)
    if target is None or not row.threshold_s:
        return ""
    days = (trial.ends_at - trial.starts_at) / timedelta(days=1)
    countered = row.counter_threshold_s
    found = cost_of_target(version.cost, target, row.threshold_s, countered, row.tickets_expected / days)
    return cost_in_words(found, row.threshold_s, countered)


def _tried(version: AgreementVersion, row: TrialResult) -> ServiceLevelTarget | None:
    return next((each for each in version.targets if each.key == row.target_key), None)
