"""What a manager sees before a move: what it does, who gets letters, what blocks it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from models.agreements import Agreement
from models.parties import Person
from models.versions import AgreementVersion
from states.drafts import draft_of, offered_version, version_in_force
from states.lifecycle import blockers
from states.move import Trigger
from states.rounds import groups_of
from states.transition_table import Transition
from states.trial_run import latest_trial

_FURTHER = timedelta(days=3650)  # later than any trial's end
_TO_SIGNATORIES = frozenset(
    {Trigger.START_TRIAL, Trigger.PROPOSE_REVISION, Trigger.SKIP_TRIAL, Trigger.OFFER, Trigger.END}
)
_SILENT = frozenset({Trigger.EXTEND_TRIAL, Trigger.RENEW, Trigger.WITHDRAW})


@dataclass(frozen=True)
class Confirmation:
    """A move before it is made.

    Attributes:
        blockers: what blocks it even if everything is given that the form asks for.
        needs_reason: the form must ask for a reason; `why_reason` says what the gate said about it.
        until: the present end of the trial, where the form must ask for a later one.
        letters_to: who gets letters; empty where nobody does.
    """

    row: Transition
    blockers: list[str]
    needs_reason: bool
    why_reason: list[str]
    until: datetime | None
    letters_to: list[Person]


def confirmation(
    session: Session, agreement: Agreement, trigger: str, actor: str, at: datetime
) -> Confirmation:
    """Return what a move would do.

    Raises:
        IllegalMoveError: if the agreement's stage does not know the trigger.
    """
    row, as_it_is = blockers(session, agreement, trigger, actor, at)
    with_all = blocked_in_any_case(session, agreement, trigger, actor, at) if as_it_is else []
    asks_until = row.trigger == Trigger.EXTEND_TRIAL
    trial = latest_trial(session, agreement) if asks_until else None
    opened_by_reason = bool(as_it_is) and not with_all and not asks_until
    return Confirmation(
        row=row,
        blockers=with_all,
        needs_reason=row.needs_reason or opened_by_reason,
        why_reason=as_it_is if opened_by_reason and not row.needs_reason else [],
        until=trial.ends_at if trial else None,
        letters_to=_letters_to(agreement, row.trigger),
    )


def blocked_in_any_case(
    session: Session, agreement: Agreement, trigger: str, actor: str, at: datetime
) -> list[str]:
    """Return what would still block a move that is asked for with a reason and a later end."""
    _, found = blockers(session, agreement, trigger, actor, at, reason="given", until=at + _FURTHER)
    return found


def _letters_to(agreement: Agreement, trigger: Trigger) -> list[Person]:
    if trigger in _SILENT:
        return []
    if trigger in _TO_SIGNATORIES:
        version = _text_of(agreement, trigger)
        if version and trigger in (Trigger.SKIP_TRIAL, Trigger.OFFER):
            first = min(groups_of(version), default=0)
            return [row.person for row in version.signatories if row.observer or row.group == first]
        return [row.person for row in version.signatories] if version else []
    if trigger in (Trigger.REWORK, Trigger.SIGN, Trigger.DECLINE):
        offered = offered_version(agreement)
        return [row.person for row in offered.signatories] if offered else []
    return [agreement.owner]


def _text_of(agreement: Agreement, trigger: Trigger) -> AgreementVersion | None:
    if trigger == Trigger.END:
        return version_in_force(agreement) or offered_version(agreement) or draft_of(agreement)
    return draft_of(agreement)
