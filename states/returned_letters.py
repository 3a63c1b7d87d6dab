"""Letters of ours that come back: which one, why, and that it is known wherever the letter is shown."""

from datetime import datetime

from sqlmodel import Session, col, select

from mail.arrivals import Arrival
from mail.blotting import blot_out
from mail.bounces import Bounce, read_bounce
from mail.classification import Classified, LetterKind
from models.agreements import Agreement
from models.approvals import LinkPurpose, SecretLink
from models.letters import InboxLetter, InboxOutcome, LetterState, OutboxLetter
from states import audit
from states.move import SWEEP


def take_back(
    session: Session,
    arrival: Arrival,
    letter: InboxLetter,
    kind: Classified,
    link: SecretLink | None,
    at: datetime,
) -> None:
    """Record a bounce or complaint; the letter it is about counts as bounced where delivery failed for good.

    Letters with a return path of their own come back to it; what merely names their Message-ID could be
    forged, and changes nothing.
    """
    bounce = read_bounce(arrival)
    told = "; ".join(word for word in (kind.reason, bounce.status) if word)
    letter.outcome, letter.reason = InboxOutcome.BOUNCE, blot_out(told)
    returned, proven = _returned(session, bounce, link)
    if returned is None:
        return
    letter.outbox_id = returned.id
    final = kind.kind == LetterKind.BOUNCE and not (bounce.delayed and not bounce.failed)
    if final and proven and returned.state == LetterState.SENT:
        returned.state, returned.last_error = LetterState.BOUNCED, letter.reason
    if returned.agreement_id is None:
        return
    agreement = session.get_one(Agreement, returned.agreement_id)
    letter.agreement_id = agreement.id
    what = "letter bounced" if final else "letter delayed"
    if kind.kind == LetterKind.COMPLAINT:
        what = "letter complained about"
    details = {"letter": returned.id, "letter_kind": returned.kind, "proven": proven, "reason": letter.reason}
    audit.append(session, agreement, what, SWEEP, at, **details)


def _returned(session: Session, bounce: Bounce, link: SecretLink | None) -> tuple[OutboxLetter | None, bool]:
    """Return the letter of ours that came back, and whether that is certain enough to act on."""
    if link is not None and link.purpose == LinkPurpose.BOUNCE:
        return session.get(OutboxLetter, link.subject_id), True
    named = select(OutboxLetter).where(col(OutboxLetter.message_id).in_(bounce.message_ids))
    found = session.exec(named.order_by(col(OutboxLetter.id))).first() if bounce.message_ids else None
    return found, found is not None and not found.return_path
