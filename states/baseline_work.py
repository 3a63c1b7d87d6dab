"""Who does the work and where its time goes: lines, steps, reopenings, categories."""

from evidence.baseline_evidence import Handled, costliest_categories, reopenings
from evidence.lines import lines_of
from evidence.lines_of_intervals import UNNAMED
from levels.steps import StepTimes, step_times
from states.baseline_figures import CategoryFigures, LineFigures, Lines, ReopeningFigures
from templates.render import duration, percent


def line_figures(handled: Handled) -> Lines:
    """Return which line resolves how many tickets, and the time that each takes."""
    lines = lines_of(handled)
    times = step_times(lines.stays, lines.names)
    rows = [
        _row(time, settled, lines.resolved)
        for time, settled in zip(times, lines.settled_by, strict=True)
        if time.tickets or settled
    ]
    spent = sum(time.total_s for time in times)
    waited = round(lines.waited_for_supplier_s / spent, 4) if spent else 0.0
    return Lines(
        rows=rows,
        assumption=lines.assumption,
        supplier_wait_share=waited,
        sentences=[_settled(rows), *map(_step, rows)] if rows and lines.names != [UNNAMED] else [],
    )


def reopening_figures(handled: Handled) -> ReopeningFigures:
    """Return how many tickets were reopened and what that cost."""
    found, spent = reopenings(handled), int(handled.seconds.sum())
    share = found.reopened / found.ever_done if found.ever_done else 0.0
    added = found.added_s / spent if spent else 0.0
    sentence = f"{found.reopened} of {found.ever_done} tickets ({percent(round(share, 3))}) were reopened"
    if found.reopened:
        sentence += (
            f"; that added {percent(round(added, 3))} to the working time, "
            f"{duration(_minutes(found.median_added_s))} to the median one of them"
        )
    return ReopeningFigures(
        reopened=found.reopened,
        ever_done=found.ever_done,
        share=round(share, 4),
        added_s=found.added_s,
        added_share=round(added, 4),
        median_added_s=found.median_added_s,
        sentence=sentence,
    )


def category_figures(handled: Handled) -> list[CategoryFigures]:
    """Return the five categories that took most working time."""
    return [
        CategoryFigures(
            category=row.category,
            tickets=row.tickets,
            seconds=row.seconds,
            share=round(row.share, 4),
            median_s=row.median_s,
        )
        for row in costliest_categories(handled)
    ]


def _row(time: StepTimes, settled: int, resolved: int) -> LineFigures:
    return LineFigures(
        line=time.step,
        settled=settled,
        share=round(settled / resolved, 4) if resolved else 0.0,
        tickets=time.tickets,
        median_s=time.median_s,
        p90_s=time.p90_s,
        p99_s=time.p99_s,
        time_share=round(time.share, 4),
        effective_share=round(time.effective_share, 4),
        delayed=time.delayed,
        delayed_share=round(time.delayed / time.tickets, 4) if time.tickets else 0.0,
    )


def _settled(rows: list[LineFigures]) -> str:
    shares = ", ".join(f"{percent(round(row['share'], 3))} by the {row['line']}" for row in rows)
    return f"tickets are settled {shares}"


def _step(row: LineFigures) -> str:
    median, p90 = duration(_minutes(row["median_s"])), duration(_minutes(row["p90_s"]))
    return (
        f"{row['line']}: half of the tickets take up to {median}, nine in ten up to {p90}; "
        f"{percent(round(row['effective_share'], 3))} of the time is effective, "
        f"{percent(round(row['delayed_share'], 3))} of the tickets are delayed"
    )


def _minutes(seconds: int) -> int:
    return -(-seconds // 60) * 60
