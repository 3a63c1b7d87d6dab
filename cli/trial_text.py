"""Trials as text on a terminal: plan, status and conclusion."""

from typing import Any

from rich.markup import escape

from cli.terminal import out, table
from states.promises import promise_of
from states.trial_plan import TargetPlan, TrialPlan
from states.trial_status import TargetStatus, TrialStatus
from states.trial_words import (
    less_sure_in_words,
    longer_in_words,
    outlook_in_words,
    stand_in_words,
    terms_in_words,
)
from templates.figures_in_words import figure, share_in_words
from templates.render import duration, moment, percent

_MOST_MISSES = 20


def tell_plan(reference: str, planned: TrialPlan) -> None:
    """Print a plan: a table of tickets, then the chances of each target in words."""
    out.print(
        f"[bold]Trial plan of {escape(reference)}[/bold], version {planned.version.number}: "
        f"{escape(terms_in_words(planned.terms))}; if it started now, intake until "
        f"{moment(planned.ends_at)}, concluded from {moment(planned.closes_at)}"
    )
    figures = ("expected", "needed: 0 misses", "1", "2", "3", "baseline")
    made = table("", "target", *figures, right=figures)
    for row in planned.targets:
        needed = [str(number) for number in row.needed] or ["-"] * 4
        expected = f"{round(row.expected):,}" if row.needed else "-"
        made.add_row(escape(row.target.key), expected, *needed, _baseline(row))
    out.print(made)
    for row in planned.targets:
        out.print(f"{row.target.key}: {promise_of(row.target)}", markup=False)
        lines = [outlook_in_words(row), longer_in_words(row), *map(less_sure_in_words, row.less_sure)]
        for line in filter(None, lines):
            out.print(f"  {line}", markup=False, soft_wrap=True)


def _baseline(row: TargetPlan) -> str:
    seen = row.baseline.figures
    if not seen.known or not row.needed:
        return share_in_words(seen)
    bounds = f"{percent(round(seen.lower, 2))} to {percent(round(seen.upper, 2))}"
    return f"{figure(seen)} ({bounds})" if row.target.threshold_s else share_in_words(seen)


def tell_status(reference: str, running: TrialStatus) -> None:
    """Print how a running trial stands, and the open tickets at risk."""
    out.print(
        f"[bold]Trial of {escape(reference)}[/bold], version {running.version.number}, runs: "
        f"{stand_in_words(running)}"
    )
    out.print("Provisional: nothing is decided before the end.")
    figures = ("so far", "expected", "needed", "still needed", "provisional share", "band")
    made = table("", "target", *figures, right=figures)
    for row in running.targets:
        made.add_row(
            escape(row.target.key),
            *_sampled(row),
            *_provisional(row),
        )
    out.print(made)
    for row in running.targets:
        if row.at_risk:
            out.print(f"{row.target.key}: {row.open} open, the likeliest to breach:", markup=False)
        for ticket in row.at_risk:
            risk = "chance unknown" if ticket.chance is None else f"{percent(round(ticket.chance, 2))} chance"
            spent = f"{duration(ticket.consumed_s)} of {duration(row.target.threshold_s)}"
            out.print(f"  {ticket.external_id}: {spent} used, {risk}", markup=False)


def _sampled(row: TargetStatus) -> tuple[str, ...]:
    """What came, is expected, was planned and is still needed; none of it where all is counted in full."""
    if not row.result.tickets_needed:
        return ("-",) * 4
    planned = (round(row.result.tickets_expected), row.result.tickets_needed, row.still_needed)
    return tuple(f"{number:,}" for number in (row.tickets, *planned))


def _provisional(row: TargetStatus) -> tuple[str, str]:
    seen = row.provisional
    if seen is None:
        return share_in_words(row), ""
    share = percent(round(seen.share, 3)) + (" at least" if seen.out_of_sight else "")
    if seen.lower is None or seen.upper is None:
        return share, "none yet"
    return share, f"{percent(round(seen.lower, 2))} to {percent(round(seen.upper, 2))}"


def tell_conclusion(told: dict[str, Any]) -> None:
    """Print what a concluded trial showed, as `states.trial_told.conclusion_told` tells it."""
    out.print(
        f"[bold]Trial of {escape(told['agreement'])}[/bold], version {told['version']}, "
        f"concluded {moment(told['concluded_at'])}, every bound at {percent(round(told['confidence'], 4))}"
    )
    for row in told["targets"]:
        out.print(f"{row['target']}: {row['in_words']}", markup=False, soft_wrap=True)
        if row["counter_offer"]:
            out.print(f"  the evidence supports {row['counter_offer']['in_words']}", markup=False)
        if row["condition"]:
            out.print(f"  it would hold {row['condition']['sentence']}", markup=False)
        if row["cost"]:
            out.print(f"  cost: {row['cost']}", markup=False)
        _tell_misses(row)


def _tell_misses(row: dict[str, Any]) -> None:
    misses = row["misses"]
    for miss in misses[:_MOST_MISSES]:
        kinds = ", ".join(f"{name} {duration(time)}" for name, time in miss["totals_s"].items() if time)
        under = f", under {miss['incident']}" if miss["incident"] != miss["ticket"] else ""
        out.print(
            f"  miss {miss['ticket']}{under}: {duration(miss['consumed_s'])} ({kinds}); "
            f"slm explain {miss['ticket']} --target {row['target']}",
            markup=False,
            soft_wrap=True,
        )
    if len(misses) > _MOST_MISSES:
        out.print(f"  and {len(misses) - _MOST_MISSES} further misses: --json lists them")
