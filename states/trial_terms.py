"""The terms of a trial, which can be chosen until it starts: its length, its confidence, its looks."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm.attributes import flag_modified
from sqlmodel import Session

from config.errors import BadInputError, SlmError
from config.policy import policy
from levels.trial_plans import confidence_of_looks
from models.agreements import Agreement, Stage
from models.versions import AgreementVersion
from states import audit
from states.drafts import draft_of

MOST_DAYS, MOST_LOOKS = 366, 12


@dataclass(frozen=True)
class TrialTerms:
    """What can be chosen about a trial.

    Attributes:
        days: length of the intake.
        confidence: how sure the trial's verdicts are, over all looks.
        looks: how many times it may be judged in all.
    """

    days: int
    confidence: float
    looks: int = 1

    def __post_init__(self) -> None:
        """Refuse terms that no trial can have.

        Raises:
            BadInputError: one of them is out of range.
        """
        if not 1 <= self.days <= MOST_DAYS:
            raise BadInputError(f"a trial takes from 1 to {MOST_DAYS} days, not {self.days}")
        if not 0.5 < self.confidence < 1:
            raise BadInputError(f"a confidence lies between 50 % and 100 %, not at {self.confidence}")
        if not 1 <= self.looks <= MOST_LOOKS:
            raise BadInputError(f"a trial has from 1 to {MOST_LOOKS} looks, not {self.looks}")

    @classmethod
    def of(cls, version: AgreementVersion) -> "TrialTerms":
        """Return what a version says, with policy's confidence where it says none."""
        confidence = version.trial_confidence or policy().verdicts.confidence
        return cls(version.trial_days, confidence, version.trial_looks)

    @property
    def confidence_of_each(self) -> float:
        """The confidence at which each look is judged, so that the whole trial's error stays as stated."""
        return confidence_of_looks(self.confidence, self.looks)


def draft_to_try(agreement: Agreement) -> AgreementVersion:
    """Return the draft whose trial can be planned.

    Raises:
        SlmError: there is none, it is on trial already, or nothing in it can be measured.
    """
    draft = draft_of(agreement)
    if draft is None:
        raise SlmError(
            f"{agreement.reference} has no draft in {agreement.stage.title.lower()}: nothing to try"
        )
    if agreement.stage == Stage.TRIAL_RUN:
        raise SlmError(f"{agreement.reference} is in trial run: its plan is fixed; see `slm trial status`")
    calendars = {calendar.name for calendar in draft.calendars}
    if not draft.targets:
        raise SlmError(f"{agreement.reference}: the draft has no service level target to try")
    if not agreement.evidence_source:
        raise SlmError(f"{agreement.reference} names no evidence_source: the targets cannot be measured")
    for target in draft.targets:
        if target.calendar not in calendars:
            raise SlmError(f"{agreement.reference}: target {target.key} has no calendar {target.calendar!r}")
    return draft


def choose_terms(session: Session, agreement: Agreement, terms: TrialTerms, actor: str, at: datetime) -> None:
    """Write the terms of the next trial into the draft.

    Raises:
        SlmError: as `draft_to_try`.
    """
    draft = draft_to_try(agreement)
    draft.trial_days, draft.trial_looks = terms.days, terms.looks
    draft.trial_confidence = None if terms.confidence == policy().verdicts.confidence else terms.confidence
    flag_modified(agreement, "title")  # counts the row version up: nobody moves a text they did not see
    session.flush()
    audit.append(
        session,
        agreement,
        "trial planned",
        actor,
        at,
        days=terms.days,
        confidence=terms.confidence,
        looks=terms.looks,
    )
