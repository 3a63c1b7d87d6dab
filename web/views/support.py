"""What carries an agreement's targets: steps with their budgets, and in what their support falls short."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from models.agreements import Agreement
from models.versions import AgreementVersion
from states.carriers import TO_BE_NAMED, carrier_of, steps_of
from states.drafts import draft_of, offered_version, version_in_force
from states.promises import promise_of
from states.support_check import support_gaps


@dataclass(frozen=True)
class StepRow:
    """A step of a target.

    Attributes:
        carried_by: who carries it, "" where nobody is named.
        reference: of the agreement that carries it, "" where a team does.
    """

    step: str
    budget_s: int
    objective: float
    carried_by: str
    reference: str


@dataclass(frozen=True)
class CarriedTarget:
    """A target that is broken down.

    Attributes:
        gaps: what keeps the version from being offered, sentences.
        notes: what is worth knowing beside it.
    """

    key: str
    promise: str
    steps: list[StepRow]
    gaps: list[str]
    notes: list[str]


@dataclass(frozen=True)
class Support:
    """The support of the version at work, else of the one in force.

    Attributes:
        version: which, None where there is none.
        targets: those that are broken down.
        whole: the keys of those that are not.
    """

    version: AgreementVersion | None
    targets: list[CarriedTarget]
    whole: list[str]


def support_view(session: Session, agreement: Agreement, at: datetime) -> Support:
    """Return what carries each target, and its gaps as they are at an instant."""
    version = draft_of(agreement) or offered_version(agreement) or version_in_force(agreement)
    if version is None:
        return Support(None, [], [])
    gaps = support_gaps(session, agreement, version, at)
    references = _references(session, [row.carried_by for row in version.process_targets])
    carried, whole = [], []
    for target in version.targets:
        rows = steps_of(version, target.key)
        if not rows:
            whole.append(target.key)
            continue
        own = [gap for gap in gaps if gap.target_key == target.key]
        carried.append(
            CarriedTarget(
                target.key,
                promise_of(target),
                [
                    StepRow(
                        row.line,
                        row.budget_s,
                        row.objective,
                        "" if row.carried_by == TO_BE_NAMED else carrier_of(row),
                        row.carried_by if row.carried_by in references else "",
                    )
                    for row in rows
                ],
                [gap.gap.sentence for gap in own if gap.blocks],
                [gap.gap.sentence for gap in own if not gap.blocks],
            )
        )
    return Support(version, carried, whole)


def _references(session: Session, named: Sequence[str]) -> set[str]:
    return set(session.exec(select(Agreement.reference).where(col(Agreement.reference).in_(named))))
