"""One-time codes: mailed on request to the person asked, typed within minutes, good for one decision."""

import hmac
import re
import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from sqlmodel import Session, col, func, select

from config.settings import settings
from mail import keys
from mail.outbox import post
from models.agreements import Agreement
from models.approvals import ApprovalRequest, MailedCode
from states.approval_requests import about, record
from states.move import SWEEP
from states.open_requests import DecisionRefusedError
from templates.languages.telling import told, told_count

MINUTES, MOST_ATTEMPTS, MOST_A_DAY = 10, 5, 5
_DIGITS = 6


class WrongCodeError(DecisionRefusedError):
    """A code that is not the one that was mailed; the attempt counts once the caller commits."""


def mail_code(session: Session, agreement: Agreement, request: ApprovalRequest, at: datetime) -> None:
    """Mail a fresh code to the request's person; those that were mailed before count no more.

    Raises:
        DecisionRefusedError: if five were mailed within a day.
    """
    lately = select(func.count()).where(
        MailedCode.request_id == request.id, MailedCode.mailed_at > at - timedelta(days=1)
    )
    if session.exec(lately).one() >= MOST_A_DAY:
        raise DecisionRefusedError(
            told("%(number)s codes were mailed within a day: try again tomorrow", number=MOST_A_DAY)
        )
    typed = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}"
    code = MailedCode(
        request_id=request.id,
        digest=_digest(request, typed),
        mailed_at=at,
        valid_until=at + timedelta(minutes=MINUTES),
    )
    session.add(code)
    session.flush()
    post(
        session,
        "approval_code",
        request.person,
        key=keys.approval_code(code),
        at=at,
        agreement=agreement,
        about=about(session, request),
        code=typed,
        minutes=MINUTES,
        valid_until=code.valid_until,
    )
    record(session, agreement, request, "code mailed", at, to=request.person.email)


def usable_code(session: Session, request: ApprovalRequest, at: datetime) -> MailedCode | None:
    """Return the code that was mailed last for a request, None where none was or it holds no more."""
    mailed = select(MailedCode).where(MailedCode.request_id == request.id)
    newest = session.exec(mailed.order_by(col(MailedCode.id).desc())).first()
    return newest if newest and newest.used_at is None and at < newest.valid_until else None


def spend(session: Session, request: ApprovalRequest, typed: str, at: datetime) -> None:
    """Use up the code that was mailed last, if it is the one that is typed.

    The caller holds the lock of the request's agreement, so that attempts are counted one after the other.

    Raises:
        WrongCodeError: if it is another one.
        DecisionRefusedError: if none is typed or none can be used any more.
    """
    digits = re.sub(r"[\s-]", "", typed)
    if not re.fullmatch(rf"[0-9]{{{_DIGITS}}}", digits):
        raise DecisionRefusedError(
            told("type the code of %(digits)s digits that is mailed to you on request", digits=_DIGITS)
        )
    code = usable_code(session, request, at)
    if code is None:
        raise DecisionRefusedError(
            told("no code holds now: have one mailed; it holds for %(minutes)s minutes", minutes=MINUTES)
        )
    if code.attempts >= MOST_ATTEMPTS:
        raise DecisionRefusedError(
            told("%(number)s wrong codes were typed: have a new one mailed", number=MOST_ATTEMPTS)
        )
    if not hmac.compare_digest(code.digest, _digest(request, digits)):
        code.attempts += 1
        agreement = session.get_one(Agreement, request.agreement_id)
        record(session, agreement, request, "code wrong", at, actor=SWEEP, attempt=code.attempts)
        left = MOST_ATTEMPTS - code.attempts
        more = told("have a new one mailed")
        if left:
            more = told_count("%(num)s more attempt", "%(num)s more attempts", left)
        raise WrongCodeError(told("this is not the code that was mailed last: %(more)s", more=more))
    code.used_at = at


def _digest(request: ApprovalRequest, code: str) -> str:
    return hmac.new(settings().secret_key().encode(), f"{request.id}:{code}".encode(), sha256).hexdigest()
