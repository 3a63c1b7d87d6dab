"""A trial's plan, results and choices in sentences: the same on pages, in letters and on the terminal."""

from collections.abc import Iterable, Mapping
from typing import Any

from levels.conditions import Condition
from levels.trial_plans import GOOD_CHANCE, TrialOutlook
from models.version_words import Indicator
from models.versions import ServiceLevelTarget
from states.hours_in_words import WEEKDAYS, weekdays_in_words
from states.trial_plan import TargetPlan
from states.trial_status import TrialStatus
from states.trial_terms import TrialTerms
from templates.figures_in_words import figure_in_words
from templates.languages.telling import told
from templates.render import amount, day, duration, moment, percent


def chance(share: float) -> str:
    """Return a probability in whole percents: "21 %", "less than 1 %", "over 99 %"."""
    if 0 < share < 0.005:
        return told("less than %(share)s", share=percent(0.01))
    if 0.995 < share < 1:
        return told("over %(share)s", share=percent(0.99))
    return percent(round(share, 2))


def terms_in_words(terms: TrialTerms) -> str:
    """Return e.g. "21 days at 95 % confidence", with the split where more than one look is planned."""
    words = f"{terms.days} days at {percent(terms.confidence)} confidence"
    if terms.looks == 1:
        return words
    return f"{words}, split over {terms.looks} looks: {percent(round(terms.confidence_of_each, 4))} each"


def sampled_in_words(target: ServiceLevelTarget) -> str:
    """Return what a trial of the target samples: "tickets", "answers", or what its measure counts."""
    if target.indicator == Indicator.SATISFACTION:
        return told("answers")
    if target.indicator in (Indicator.RATIO, Indicator.VALUE):
        return target.measure
    return told("tickets")


def stand_in_words(status: TrialStatus) -> str:
    """Return e.g. "6 days of intake left, concluded from 24 March 2026", or that the conclusion is due."""
    closes = moment(status.trial.closes_at)
    if status.due:
        return f"the intake is over, and the conclusion has been due since {closes}"
    if not status.days_left:
        return f"the intake is over, concluded from {closes}"
    plural = "s" if status.days_left != 1 else ""
    return f"{status.days_left} day{plural} of intake left, concluded from {closes}"


def outlook_in_words(plan: TargetPlan) -> str:
    """Return the chance that the trial decides, or why it is not known."""
    if not plan.needed:
        return told("counted in full rather than sampled: it needs no tickets")
    shown = plan.outlook
    if shown is None:
        return told("nothing was measured in the weeks before, so its chance is not known")
    mixed, fixed = shown.mixed, shown.fixed
    return told(
        "with about %(about)s %(sampled)s: %(met)s chance of proving %(objective)s "
        "if the truth is the baseline's %(truth)s (%(fixed)s with exactly %(about)s); "
        "%(not_met)s of showing the opposite, %(undecided)s undecided",
        about=amount(round(shown.expected)),
        sampled=sampled_in_words(plan.target),
        met=chance(mixed.met),
        objective=percent(shown.objective),
        truth=percent(round(shown.baseline, 3)),
        fixed=chance(fixed.met),
        not_met=chance(mixed.not_met),
        undecided=chance(mixed.undecided),
    )


def longer_in_words(plan: TargetPlan) -> str:
    """Return how long a trial would have to be; "" where nothing can be said about it."""
    if plan.outlook is None:
        return ""
    if plan.longer is None:
        why = "the baseline lies too near the objective" if plan.expected else "nothing is expected"
        return f"no length would decide it: {why}"
    found = plan.longer
    good = percent(GOOD_CHANCE)
    about = f"{found.tickets:,} {sampled_in_words(plan.target)}"
    return f"{found.days} days, with about {about}, would decide in {good} of cases"


def less_sure_in_words(outlook: TrialOutlook) -> str:
    """Return what a lower confidence would give: "at 90 % confidence: 35 % proving, 1 % the opposite"."""
    shown = outlook.mixed
    confidence = percent(round(outlook.confidence, 3))
    return f"at {confidence} confidence: {chance(shown.met)} proving it, {chance(shown.not_met)} the opposite"


def condition_in_words(found: Condition, others: Iterable[str], objective: float) -> str:
    """Return e.g. "as stated Tuesday to Friday; 12 h on Mondays": what would make a target hold.

    Args:
        found: the condition.
        others: the values of all other tickets.
        objective: the stated one, which goes without saying where the offer keeps it.
    """
    time = duration(found.offer.threshold_s)
    offer = time if found.offer.objective == objective else f"{percent(found.offer.objective)} within {time}"
    if found.column == "weekday":
        days = weekdays_in_words(WEEKDAYS.index(name) for name in others)
        return f"as stated {days}; {offer} on {found.value}s"
    place = {"group": "where group {} had it last", "line": "where {} had it last"}
    words = place.get(found.column, f"in {found.column.replace('_', ' ')} {{}}").format(found.value)
    return f"as stated elsewhere; {offer} {words}"


def tried_in_words(trial: Mapping[str, Any]) -> str:
    """Return when and how surely a version was tried, from its sealed contents."""
    words = f"Tried from {day(trial['from'])} to {day(trial['until'])}"
    looks = f", look {trial['looks_taken']} of {trial['looks']}" if trial["looks"] > 1 else ""
    return f"{words}, every bound at {percent(round(trial['confidence'], 4))} confidence{looks}"


def result_in_words(row: Mapping[str, Any], target: Any = None) -> str:
    """Return e.g. "61 of 70 (bounds 79 % to 93 %): not met; counter-offer adopted: 90 % within 12 h".

    Args:
        row: the result's plain data.
        target: that was tried, as an object or plain data; without it the result is taken for one of tickets.
    """
    choice = f"; {row['choice']}" if row["choice"] else ""
    if row["known"] and row["lower"] == row["upper"]:  # all was counted, nothing sampled
        return f"{figure_in_words(row, target)}: {row['verdict']}{choice}"
    if row["known"]:
        known = figure_in_words(row, target)
    else:
        undecided = f", {row['undecided']} undecided" if row["undecided"] else ""
        known = f"nothing known{undecided}"
    bounds = f"{percent(round(row['lower'], 3))} to {percent(round(row['upper'], 3))}"
    return f"{known} (bounds {bounds}): {row['verdict']}{choice}"
