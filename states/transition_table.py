"""The transition table: the cycle as data. The diagram, the README and the tests are drawn from it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from models.agreements import Agreement, Stage
from states import ending, renegotiation, requirements, review, signing, trial_extension, trial_offer
from states.drafts import was_ever_in_force
from states.move import Move, Trigger

Gate = Callable[[Move], list[str]]
Effect = Callable[[Move], None]


class Holds(Enum):
    """For which agreements a row of the table holds: "back to requirements or renegotiation"."""

    ALWAYS = "always"
    FIRST_VERSION = "no version was ever in force"
    LATER_VERSION = "a version has been in force"


@dataclass(frozen=True)
class Transition:
    """One row of the table.

    Attributes:
        gate: returns everything that blocks, in words a manager can act on; empty opens it.
        effect: writes what follows, as rows in the same transaction.
        gate_words, effect_words: the same, for the reader of the table.
        needs_reason: the move must say why.
    """

    trigger: Trigger
    source: Stage
    target: Stage
    gate: Gate
    gate_words: str
    effect: Effect
    effect_words: str
    needs_reason: bool = False
    holds: Holds = Holds.ALWAYS

    def holds_for(self, agreement: Agreement) -> bool:
        """Return whether this row is the one that applies to the agreement."""
        if self.holds is Holds.ALWAYS:
            return True
        return was_ever_in_force(agreement) == (self.holds is Holds.LATER_VERSION)


def _open(_move: Move) -> list[str]:
    return []


def _back(
    trigger: Trigger, source: Stage, gate: Gate, gate_words: str, effect: Effect, effect_words: str
) -> list[Transition]:
    """The rows of a way back: the first version to requirements, a later one to renegotiation."""
    return [
        Transition(trigger, source, target, gate, gate_words, effect, effect_words, True, holds)
        for target, holds in (
            (Stage.REQUIREMENTS, Holds.FIRST_VERSION),
            (Stage.RENEGOTIATION, Holds.LATER_VERSION),
        )
    ]


_SKIP_GATE = "earlier evidence supports every target, or a reason is given as waiver"
_SKIP_EFFECT = "waiver printed in the version, version sealed, requests sent"

TRANSITIONS: tuple[Transition, ...] = (
    Transition(
        Trigger.START_TRIAL,
        Stage.REQUIREMENTS,
        Stage.TRIAL_RUN,
        requirements.trial_blockers,
        "requirements complete and settled, responsibilities and signatories of both sides",
        requirements.open_trial,
        "trial opened with its end fixed, both sides told",
    ),
    *(
        Transition(
            Trigger.SKIP_TRIAL,
            source,
            Stage.SIGNING,
            signing.skip_blockers,
            _SKIP_GATE,
            signing.offer_without_trial,
            _SKIP_EFFECT,
        )
        for source in (Stage.REQUIREMENTS, Stage.RENEGOTIATION)
    ),
    Transition(
        Trigger.EXTEND_TRIAL,
        Stage.TRIAL_RUN,
        Stage.TRIAL_RUN,
        trial_extension.extension_blockers,
        "intake still open, or a planned look left and a target undecided; new end later",
        trial_extension.extend,
        "intake and wait end later; a concluded trial runs again for its next look",
    ),
    Transition(
        Trigger.OFFER,
        Stage.TRIAL_RUN,
        Stage.SIGNING,
        trial_offer.offer_blockers,
        "trial concluded; each target met, revised to its counter-offer, or accepted as a risk by name",
        signing.offer,
        "version sealed, requests sent",
    ),
    *_back(
        Trigger.REWORK, Stage.TRIAL_RUN, _open, "reason", signing.take_back, "trial abandoned, draft open"
    ),
    *_back(
        Trigger.REWORK,
        Stage.SIGNING,
        _open,
        "reason",
        signing.take_back,
        "open requests void, their holders told, new draft",
    ),
    Transition(
        Trigger.SIGN,
        Stage.SIGNING,
        Stage.MONITORING,
        signing.sign_blockers,
        "every required decision approves this hash",
        signing.sign,
        "version in force, the former superseded, next dates set",
    ),
    *_back(
        Trigger.DECLINE,
        Stage.SIGNING,
        signing.decline_blockers,
        "a decision declines, with reason",
        signing.take_back_declined,
        "everyone told, earlier signers too; new draft",
    ),
    Transition(
        Trigger.BEGIN_REVIEW,
        Stage.MONITORING,
        Stage.REVIEW,
        review.review_blockers,
        "a version in force, a period of it closed and not reviewed",
        review.freeze_pack,
        "pack frozen, recommendation made",
    ),
    Transition(
        Trigger.RENEW,
        Stage.REVIEW,
        Stage.MONITORING,
        review.renewal_blockers,
        "a manager decides, or policy where nothing was found",
        review.renew,
        "decision recorded, improvement actions opened",
    ),
    Transition(
        Trigger.RENEGOTIATE,
        Stage.REVIEW,
        Stage.RENEGOTIATION,
        review.renegotiation_blockers,
        "a finding, or a reason",
        renegotiation.open_renegotiation,
        "draft of the next version, revision tasks with counter-offers",
    ),
    Transition(
        Trigger.PROPOSE_REVISION,
        Stage.RENEGOTIATION,
        Stage.TRIAL_RUN,
        renegotiation.proposal_blockers,
        "the draft is complete and differs from the version in force",
        requirements.open_trial,
        "trial opened, both sides told",
    ),
    Transition(
        Trigger.WITHDRAW,
        Stage.RENEGOTIATION,
        Stage.MONITORING,
        _open,
        "reason",
        renegotiation.withdraw,
        "draft abandoned, revision tasks dropped",
        needs_reason=True,
    ),
    *(
        Transition(
            Trigger.END,
            source,
            Stage.ENDED,
            _open,
            "reason",
            ending.end,
            "everything open is void, everyone told",
            needs_reason=True,
        )
        for source in Stage
        if source != Stage.ENDED
    ),
)


def transitions_from(agreement: Agreement) -> list[Transition]:
    """Return the rows that apply to an agreement in its present stage."""
    return [row for row in TRANSITIONS if row.source == agreement.stage and row.holds_for(agreement)]
