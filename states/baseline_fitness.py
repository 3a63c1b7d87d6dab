"""Whether the evidence is fit to judge by: coverage, gaps, back-filling, tickets without a resolution."""

from datetime import date, timedelta

import numpy as np

from config.policy import policy
from levels.recording import Bulk, Gap, in_bulk
from states.baseline_figures import Fitness, GapFigures
from states.baseline_inputs import BaselineInputs
from templates.render import day, percent

FIT, RESERVED, UNFIT = "fit", "fit with reservations", "not fit"
RESERVED_FROM = {
    "unresolved_share": 0.1,
    "cancelled_share": 0.2,
    "at_opening_share": 0.1,
    "late_share": 0.1,
    "bulk_share": 0.1,
}
UNFIT_FROM = 0.5
UNFIT_BY = ("unresolved_share", "at_opening_share", "bulk_share")
FEWEST_DAYS_OF_GAP = 2
TOLD_AS_A_WHOLE_FROM = 0.9
_DOUBTS = {
    "unresolved_share": "of the tickets whose wait was over have no resolution",
    "cancelled_share": "of the tickets were cancelled and are not counted",
    "at_opening_share": "of the resolutions stand at the very instant of the opening",
    "late_share": "of the resolutions were recorded over a day after they are said to have happened",
    "bulk_share": "of the resolutions stand at instants with more of them than chance puts there",
}
_EPOCH = date(1970, 1, 1)


def fitness_of(inputs: BaselineInputs) -> Fitness:
    """Judge the evidence: each thing looked at as a sentence, what speaks against it, and the verdict.

    A share of tickets that looks wrong is a reservation from 10 % on (cancelled ones from 20 %), and makes
    the evidence unfit from 50 % on. An improbable gap of two working days or more is a reservation; one that
    takes half of the working days makes it unfit, and so do too few tickets.
    """
    measured, demand = inputs.handled.measurement, inputs.demand
    served, opened = len(measured.external_ids), len(inputs.histories)
    in_intake = measured.start < inputs.settled.timestamp()
    unresolved = _share(np.count_nonzero(in_intake & ~measured.stopped), np.count_nonzero(in_intake))
    resolved_at = measured.stop[measured.stopped]
    at_opening = _share(np.count_nonzero(resolved_at == measured.start[measured.stopped]), len(resolved_at))
    bulk = in_bulk(
        resolved_at, int(inputs.calendar.elapsed(inputs.since.timestamp(), inputs.as_of.timestamp()))
    )
    open_days = demand.open_days
    with_tickets = int(np.count_nonzero(demand.by_day[open_days].sum(axis=1)))
    found = Fitness(
        verdict=FIT,
        reasons=[],
        sentences=[],
        working_days=int(np.count_nonzero(open_days)),
        days_with_tickets=with_tickets,
        coverage=_share(with_tickets, np.count_nonzero(open_days)),
        late_start=_gap_figures(inputs.late_start),
        longest_gap=_gap_figures(inputs.gap),
        unresolved_share=unresolved,
        cancelled_share=_share(opened - served, opened),
        at_opening_share=at_opening,
        bulk_share=_share(bulk.entries if bulk else 0, len(resolved_at)),
        late_share=_share(inputs.late.late, inputs.late.resolutions),
    )
    found["sentences"] = _sentences(found, bulk)
    reserved, unfit = _reservations(found), _objections(found, served)
    found["reasons"] = unfit + [reason for reason in reserved if reason not in unfit]
    found["verdict"] = UNFIT if unfit else RESERVED if reserved else FIT
    return found


def _sentences(found: Fitness, bulk: Bulk | None) -> list[str]:
    gap, late = found["longest_gap"], found["late_start"]
    told = [_late_start_sentence(late)] if late else []
    return [
        *told,
        f"tickets were opened on {found['days_with_tickets']} of {found['working_days']} working days "
        f"({percent(round(found['coverage'], 3))})",
        _gap_sentence(gap),
        *_doubts(found).values(),
        *([f"the fullest instant holds {bulk.most} resolutions"] if bulk else []),
    ]


def _doubts(found: Fitness) -> dict[str, str]:
    """What may be wrong with a share of the tickets, a sentence by the name of each share."""
    shares = _shares(found)
    return {name: f"{percent(round(shares[name], 3))} {words}" for name, words in _DOUBTS.items()}


def _reservations(found: Fitness) -> list[str]:
    gap, late, doubts = found["longest_gap"], found["late_start"], _doubts(found)
    reasons = [_late_start_sentence(late)] if late else []
    if gap is not None and gap["improbable"] and gap["days"] >= FEWEST_DAYS_OF_GAP:
        reasons.append(_gap_sentence(gap))
    reasons += [doubts[name] for name, share in _shares(found).items() if share >= RESERVED_FROM[name]]
    if found["late_share"] >= TOLD_AS_A_WHOLE_FROM:
        reasons.append("the feed tells its tickets after the event, so back-filling cannot be told from it")
    return reasons


def _objections(found: Fitness, served: int) -> list[str]:
    least, late, gap = policy().requirements.least_tickets, found["late_start"], found["longest_gap"]
    doubts = _doubts(found)
    reasons = [f"only {served} tickets to judge by, at least {least} are wanted"] if served < least else []
    if late is not None and late["days"] >= found["working_days"]:
        reasons.append(_late_start_sentence(late))
    if gap is not None and gap["improbable"] and gap["days"] >= UNFIT_FROM * found["working_days"]:
        reasons.append(_gap_sentence(gap))
    return reasons + [doubts[name] for name in UNFIT_BY if _shares(found)[name] >= UNFIT_FROM]


def _shares(found: Fitness) -> dict[str, float]:
    return {
        "unresolved_share": found["unresolved_share"],
        "cancelled_share": found["cancelled_share"],
        "at_opening_share": found["at_opening_share"],
        "late_share": found["late_share"],
        "bulk_share": found["bulk_share"],
    }


def _late_start_sentence(late: GapFigures) -> str:
    days = f"{late['days']} working day{'s' if late['days'] > 1 else ''}"
    return (
        f"the evidence begins only after {day(late['last'])}, {days} into these weeks; "
        "demand is counted from there"
    )


def _gap_sentence(gap: GapFigures | None) -> str:
    if gap is None:
        return "no working day is without a ticket"
    span = day(gap["first"])
    if gap["days"] > 1:
        span = f"{span} to {day(gap['last'])}"
    days = f"{gap['days']} working day{'s' if gap['days'] > 1 else ''}"
    about = f"where about {round(gap['expected'])} would be expected"
    if gap["days"] < FEWEST_DAYS_OF_GAP:
        about += ": perhaps a holiday that the calendar does not name"
    chance = about if gap["improbable"] else "which chance explains"
    return f"the longest time without a ticket is {span} ({days}), {chance}"


def _gap_figures(gap: Gap | None) -> GapFigures | None:
    if gap is None:
        return None
    first, last = (_EPOCH + timedelta(days=days) for days in (gap.first, gap.last))
    return GapFigures(
        first=first.isoformat(),
        last=last.isoformat(),
        days=gap.days,
        expected=round(gap.expected, 1),
        improbable=gap.improbable,
    )


def _share(part: int | np.integer, whole: int | np.integer) -> float:
    return int(part) / int(whole) if whole else 0.0
