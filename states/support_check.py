"""Whether what carries a version's targets adds up to them: the gaps that block, and those worth a note."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from levels.calendars import CalendarSpanError
from levels.standing import standing_gaps
from levels.stopwatches import Outcome
from levels.support import YEAR, availability_gaps, coverage_gaps, gaps_of_support
from levels.support_terms import GapKind, Promise, Step
from levels.support_terms import SupportGap as Gap
from models.agreements import Agreement
from models.version_words import Indicator
from models.versions import AgreementVersion, ProcessTarget, ServiceLevelTarget
from states.carriers import steps_of
from states.step_times import recent_step_times
from states.supporting import Carried, carried, compiled, end_of

# what is opened on the last day of the year runs on after it: seldom for more than another year
_RUN_ON = (timedelta(days=365), timedelta(days=5 * 365))


@dataclass(frozen=True)
class SupportGap:
    """A gap in the support of one target.

    Attributes:
        target_key: the target.
        gap: in what respect, with the arithmetic.
    """

    target_key: str
    gap: Gap

    @property
    def blocks(self) -> bool:
        """Whether the version cannot be offered while the gap is there."""
        return self.gap.blocks

    @property
    def sentence(self) -> str:
        """The gap with its target: "target P2: The step budgets ..."."""
        return f"target {self.target_key}: {self.gap.sentence}"


def support_gaps(
    session: Session,
    agreement: Agreement,
    version: AgreementVersion,
    at: datetime,
    *,
    seen: datetime | None = None,
) -> list[SupportGap]:
    """Compare each target that is broken down with what carries its steps, for a year from `at`.

    Args:
        session: the caller's; nothing is written.
        agreement: whose version.
        version: the text that makes the promise.
        at: from when the support is looked at.
        seen: the instant whose version in force of each supporting agreement counts; `at` by default.
    """
    gaps = []
    for target in version.targets:
        rows = steps_of(version, target.key)
        if rows:
            found = _gaps(session, agreement, target, rows, at, seen or at)
            gaps += [SupportGap(target.key, gap) for gap in found]
    return gaps


def support_blockers(
    session: Session, agreement: Agreement, version: AgreementVersion, at: datetime
) -> list[str]:
    """Return what keeps a version from being offered, a sentence with the arithmetic each."""
    return [gap.sentence for gap in support_gaps(session, agreement, version, at) if gap.blocks]


def _gaps(
    session: Session,
    agreement: Agreement,
    target: ServiceLevelTarget,
    rows: list[ProcessTarget],
    at: datetime,
    seen: datetime,
) -> list[Gap]:
    shares = _shares(session, agreement, target, rows, at)
    for run_on in _RUN_ON:
        until = at + YEAR + run_on
        carriers = [carried(session, row, target, at, until, seen) for row in rows]
        steps = [
            Step(row.line, row.budget_s, carrier.promise, share)
            for row, carrier, share in zip(rows, carriers, shares, strict=True)
        ]
        promised = _promised(agreement, target, at, until)
        if promised is None:
            return []  # it has no calendar: a gate of its own says so
        try:
            return [_with_reason(gap, rows, carriers) for gap in _compared(target, promised, steps, at)]
        except CalendarSpanError:
            continue
    sentence = "The steps together run on for more than five years after the one that is looked at."
    return [Gap(GapKind.CHAIN, "", sentence)]


def _promised(
    agreement: Agreement, target: ServiceLevelTarget, at: datetime, until: datetime
) -> Promise | None:
    version = target.version
    calendar = compiled(version, target.calendar, at, until)
    if calendar is None:
        return None
    return Promise(
        agreement.reference,
        target.threshold_s,
        target.objective,
        calendar,
        at,
        end_of(version, at),
        version.notice_days or None,
        target.objective if target.indicator is Indicator.AVAILABILITY else None,
    )


def _compared(target: ServiceLevelTarget, promised: Promise, steps: list[Step], at: datetime) -> list[Gap]:
    """Compare times in every respect, availabilities without budgets, others by who stands there."""
    if target.threshold_s:
        return gaps_of_support(promised, steps, at)
    gaps = [gap for step in steps for gap in standing_gaps(promised, step, at, at + YEAR)]
    if target.indicator is Indicator.AVAILABILITY:
        first, last = int(at.timestamp()), int((at + YEAR).timestamp())
        gaps = [*availability_gaps(promised, steps), *coverage_gaps(promised, steps, first, last), *gaps]
    return gaps


def _shares(
    session: Session,
    agreement: Agreement,
    target: ServiceLevelTarget,
    rows: list[ProcessTarget],
    at: datetime,
) -> list[float]:
    """The share of past tickets that went through each step; all of them where the evidence does not tell."""
    whole = [1.0] * len(rows)
    if not target.threshold_s or not agreement.evidence_source or len(rows) == 1:
        return whole
    times = recent_step_times(session, agreement, target, at)
    through = times.of_steps([row.line for row in rows], (Outcome.HIT, Outcome.MISS))[:, :-1] > 0
    if not len(through) or not times.told:
        return whole
    shares = [float(share) for share in through.mean(axis=0)]
    return [share or 1.0 for share in shares]


def _with_reason(gap: Gap, rows: list[ProcessTarget], carriers: list[Carried]) -> Gap:
    """The gap of a step that nobody carries says why, where there is more to it."""
    if gap.kind is not GapKind.NOT_CARRIED:
        return gap
    reasons = {row.line: carrier.missing for row, carrier in zip(rows, carriers, strict=True)}
    return Gap(gap.kind, gap.step, reasons[gap.step] or gap.sentence)
