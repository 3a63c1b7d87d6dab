"""What the figures suggest: service hours, standards by weekday, first targets, each with its evidence."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from config.policy import policy
from evidence.measuring import measure
from evidence.questions import Question
from levels.counter_offers import counter_offer
from levels.demand import local_dates, weekday_of
from levels.hours_fit import misfits
from levels.peaks import Peak
from levels.weekday_standards import WeekdayShare
from models.version_words import Indicator
from models.versions import ServiceLevelTarget
from states.baseline_figures import Proposal, proposal
from states.baseline_inputs import BaselineInputs
from states.baseline_targets import weekdays_of
from states.figures import TargetFigures
from states.hours_in_words import WEEKDAYS, hours_in_words, listed, weekdays_in_words
from states.promises import promise_of
from states.usual_terms import usual_pause_states
from templates.render import duration, percent

_QUARTER = 900


def hours_proposals(inputs: BaselineInputs) -> list[Proposal]:
    """Propose service hours where closed hours have demand and open ones hardly any."""
    found = misfits(inputs.demand)
    proposals = []
    if found.closed_with_demand:
        tickets = sum(window.tickets for window in found.closed_with_demand)
        proposals.append(
            proposal(
                kind="service hours",
                text=f"open at {_windows(found.closed_with_demand)}: {tickets} of {inputs.demand.tickets} "
                "tickets came then, outside service hours",
                data={"change": "open", "windows": _as_data(found.closed_with_demand)},
            )
        )
    if found.open_without_demand:
        tickets = sum(window.tickets for window in found.open_without_demand)
        came = f"only {tickets} tickets" if tickets else "not one ticket"
        proposals.append(
            proposal(
                kind="service hours",
                text=f"close at {_windows(found.open_without_demand)}: {came} came in these service hours",
                data={"change": "close", "windows": _as_data(found.open_without_demand)},
            )
        )
    return proposals


def weekday_proposals(inputs: BaselineInputs, figures: Iterable[TargetFigures]) -> list[Proposal]:
    """Propose a standard of its own for each weekday whose tickets keep a target otherwise than the rest."""
    return [
        _weekday_proposal(inputs, found, day)
        for found in figures
        if found.measurement is not None
        for day in weekdays_of(found.measurement, inputs.demand.zone)
        if day.differs
    ]


def first_targets(inputs: BaselineInputs) -> list[Proposal]:
    """Propose for each priority the strictest target that the evidence supports: resolution and response.

    Tickets opened until the wait is over count, those still open as slower than all others. Where the tickets
    are too few for the policy's objective, a lower one is proposed, but none below the policy's floor.
    """
    histories = inputs.histories.where(inputs.histories.opened_at < inputs.settled.timestamp())
    priorities = sorted({str(each) for each in histories.attributes["priority"]} - {""})
    rules, objective = policy().verdicts, policy().requirements.objective
    proposals = []
    for priority in priorities:
        for indicator in (Indicator.RESOLUTION, Indicator.RESPONSE):
            population = {"priority": priority}
            question = Question(indicator, population, 0, usual_pause_states())
            measured = measure(histories, inputs.calendar, question)
            offer = counter_offer(
                measured.consumed,
                ~measured.stopped,
                0,
                objective,
                confidence=rules.confidence,
                floor=rules.counter_offer_floor,
            )
            if offer is None:
                continue
            # all of them took no working time: nobody can promise less than the smallest unit
            threshold = max(offer.threshold_s, _QUARTER)
            target = ServiceLevelTarget(
                key="",
                indicator=indicator,
                population=population,
                threshold_s=threshold,
                objective=offer.objective,
                calendar=inputs.calendar_name,
            )
            proposals.append(
                proposal(
                    kind="first target",
                    text=f"{promise_of(target)} (shown by {len(measured.external_ids)} tickets)",
                    data={
                        "indicator": indicator.value,
                        "population": population,
                        "threshold_s": threshold,
                        "objective": offer.objective,
                        "tickets": len(measured.external_ids),
                    },
                )
            )
    return proposals


def _weekday_proposal(inputs: BaselineInputs, found: TargetFigures, day: WeekdayShare) -> Proposal:
    target, measured = found.target, found.measurement
    assert measured is not None, "only targets of tickets are compared by weekday"
    chosen = weekday_of(local_dates(measured.start, inputs.demand.zone)) == day.weekday
    # with the objective as its own floor, no lower objective is offered
    offer = counter_offer(
        measured.consumed[chosen],
        ~measured.stopped[chosen],
        0,
        target.objective,
        confidence=policy().verdicts.confidence,
        floor=target.objective,
    )
    supports = max(offer.threshold_s, _QUARTER) if offer else None
    share, others = day.hits / day.known, day.others_hits / day.others_known
    text = (
        f"{target.key}: of the tickets opened on a {WEEKDAYS[day.weekday]} {percent(round(share, 3))} of "
        f"{day.known} keep it, on the other days {percent(round(others, 3))} of {day.others_known}"
    )
    if supports:
        text += f"; on {WEEKDAYS[day.weekday]}s the evidence supports {duration(supports)}"
    return proposal(
        kind="weekday standard",
        text=text,
        data={
            "target": target.key,
            "weekday": day.weekday,
            "known": day.known,
            "hits": day.hits,
            "others_known": day.others_known,
            "others_hits": day.others_hits,
            "p_value": float(f"{day.p_value:.3g}"),
            "supported_threshold_s": supports,
        },
    )


def _windows(windows: Sequence[Peak]) -> str:
    """Windows of the week, days with the same hours drawn together: "Monday to Friday 06:00 to 08:00"."""
    days: dict[tuple[int, int], list[int]] = defaultdict(list)
    for window in windows:
        days[window.start, window.end].append(window.weekday)
    return listed(
        f"{weekdays_in_words(weekdays)} {hours_in_words(*hours)}" for hours, weekdays in sorted(days.items())
    )


def _as_data(windows: Sequence[Peak]) -> list[dict[str, float]]:
    return [
        {
            "weekday": window.weekday,
            "start": window.start,
            "end": window.end,
            "tickets": window.tickets,
            "ratio": round(window.ratio, 2),
        }
        for window in windows
    ]
