"""Baselines: what the evidence says about the present service, made by one command and frozen."""

from collections.abc import Callable
from datetime import datetime
from importlib.metadata import version as installed_version
from typing import TypeAlias, cast

from sqlmodel import Session, col, select

from config.errors import BadInputError
from models.agreements import Agreement
from models.baselines import Baseline
from states import audit
from states.baseline_demand import demand_figures
from states.baseline_figures import BaselineFigures, Counts, Window
from states.baseline_fitness import fitness_of
from states.baseline_inputs import BaselineInputs, read_inputs
from states.baseline_needs import unstated_needs, without_target
from states.baseline_proposals import first_targets, hours_proposals, weekday_proposals
from states.baseline_targets import target_rows
from states.baseline_work import category_figures, line_figures, reopening_figures

WEEKS = 12
_PARTS = 3

Progress: TypeAlias = Callable[[int, int], None]


def make(
    session: Session,
    agreement: Agreement,
    actor: str,
    at: datetime,
    *,
    weeks: int = WEEKS,
    until: datetime | None = None,
    as_of: datetime | None = None,
) -> Baseline:
    """Look back and freeze what is seen, in the caller's transaction: see `look_back` and `freeze`."""
    seen = look_back(session, agreement, at, weeks=weeks, until=until, as_of=as_of)
    return freeze(session, agreement, seen, actor, at)


def look_back(
    session: Session,
    agreement: Agreement,
    at: datetime,
    *,
    weeks: int = WEEKS,
    until: datetime | None = None,
    as_of: datetime | None = None,
    progress: Progress | None = None,
) -> Baseline:
    """Return what the evidence says about the weeks before `until`; nothing is written yet.

    The same weeks as of the same instant give the same figures, whenever they are asked for.

    Args:
        session: to read with.
        agreement: whose draft the evidence is held against, else its text that is offered or in force.
        at: the present.
        weeks: how many, at least one.
        until: the end of the window, exclusive; by default `as_of`, or `at`.
        as_of: the instant whose knowledge counts; by default the end of the window.
        progress: told `(done, total)` as the work goes on.

    Raises:
        BadInputError: the weeks are none, or lie in the future, or after the instant asked as of.
        SlmError: there is no evidence to look at, or no calendar.
    """
    end = until or as_of or at
    known = as_of or end
    _require_past(weeks, end, known, at)
    tell = progress or _silent
    tell(0, _PARTS)
    inputs = read_inputs(session, agreement, weeks, end, known)
    tell(1, _PARTS)
    figures = figures_of(session, inputs, lambda: tell(2, _PARTS))
    tell(_PARTS, _PARTS)
    return Baseline(
        agreement_id=agreement.id,
        since=inputs.since,
        until=inputs.until,
        made_at=known,
        figures=dict(figures),
        inputs_sha256=inputs.sha256,
        software_version=installed_version("slmcycle"),
    )


def freeze(session: Session, agreement: Agreement, seen: Baseline, actor: str, at: datetime) -> Baseline:
    """Keep a baseline as it was seen, and note in the audit trail who made it."""
    session.add(seen)
    session.flush()
    audit.append(
        session,
        agreement,
        "baseline made",
        actor,
        at,
        since=seen.since.isoformat(),
        until=seen.until.isoformat(),
        as_of=seen.made_at.isoformat(),
        inputs=seen.inputs_sha256,
    )
    return seen


def figures_of(
    session: Session, inputs: BaselineInputs, measured_targets: Callable[[], None] = lambda: None
) -> BaselineFigures:
    """Compute all figures of a baseline; `measured_targets` is called when the targets are measured."""
    targets, measured = target_rows(session, inputs)
    measured_targets()
    demand = demand_figures(inputs.demand)
    handled = inputs.handled
    return BaselineFigures(
        window=_window(inputs),
        tickets=_counts(inputs),
        fitness=fitness_of(inputs),
        demand=demand,
        lines=line_figures(handled),
        reopenings=reopening_figures(handled),
        categories=category_figures(handled),
        targets=targets,
        proposals=[
            *hours_proposals(inputs),
            *weekday_proposals(inputs, measured),
            *first_targets(inputs),
            *unstated_needs(inputs, demand),
            *without_target(inputs.version.requirements),
        ],
    )


def latest_baseline(session: Session, agreement: Agreement) -> Baseline | None:
    """Return the baseline that was made last, None where there is none."""
    return session.exec(
        select(Baseline)
        .where(Baseline.agreement_id == agreement.id)
        .order_by(col(Baseline.id).desc())
        .limit(1)
    ).first()


def figures_in(baseline: Baseline) -> BaselineFigures:
    """Return a baseline's figures by their names."""
    return cast(BaselineFigures, baseline.figures)


def _silent(done: int, total: int) -> None:
    """Tell nobody."""


def _require_past(weeks: int, end: datetime, known: datetime, at: datetime) -> None:
    if weeks < 1:
        raise BadInputError(f"a baseline of {weeks} weeks has nothing to look at")
    if known > at:
        raise BadInputError(f"{known:%Y-%m-%d %H:%M} UTC is still to come, and nobody knows its evidence yet")
    if end > known:
        raise BadInputError(
            f"the weeks end {end:%Y-%m-%d %H:%M} UTC, after {known:%Y-%m-%d %H:%M} UTC as of which is asked"
        )


def _window(inputs: BaselineInputs) -> Window:
    return Window(
        since=inputs.since.isoformat(),
        until=inputs.until.isoformat(),
        as_of=inputs.as_of.isoformat(),
        begins=inputs.begins.isoformat(),
        settled=inputs.settled.isoformat(),
        weeks=round((inputs.until - inputs.since).total_seconds() / 604_800, 2),
        zone=inputs.demand.zone,
        calendar=inputs.calendar_name,
        version=inputs.version.number,
    )


def _counts(inputs: BaselineInputs) -> Counts:
    stopped = inputs.handled.measurement.stopped
    opened, served, resolved = len(inputs.histories), len(stopped), int(stopped.sum())
    return Counts(
        opened=opened, cancelled=opened - served, served=served, resolved=resolved, open=served - resolved
    )
