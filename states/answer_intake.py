"""One letter on its way from arrival to its outcome: whom it is from, what it answers, and what follows."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlmodel import Session, select

from config.errors import SlmError
from config.plain_text import plain
from mail import keys
from mail.arrivals import Arrival, body_of
from mail.authentication import Authentication, authentication_of
from mail.blotting import blot_out
from mail.classification import Classified, LetterKind, classify
from mail.links import find_link
from mail.reply_addresses import SecretAddress, is_to_us
from mail.reply_text import reply_in
from models.agreements import Agreement
from models.approvals import Answer, ApprovalRequest, LinkPurpose, SecretLink
from models.letters import InboxLetter, InboxOutcome, InboxState, OutboxLetter
from models.version_words import Assurance
from states import audit, confirmations
from states.decisions import BY_MAIL, Answered, decide
from states.move import SWEEP
from states.open_requests import DecisionRefusedError, lock_open_request
from states.returned_letters import take_back

_MOST_CHARACTERS = 100_000  # of a letter's text that are read
_ANSWERS = {LinkPurpose.YES: Answer.APPROVE, LinkPurpose.NO: Answer.DECLINE}


def link_at(session: Session, address: SecretAddress | None) -> SecretLink | None:
    """Return the link that a secret address belongs to, None where it is none of ours."""
    return find_link(session, address.purpose, address.token) if address else None


@dataclass
class Intake:
    """One letter on its way to its outcome."""

    session: Session
    arrival: Arrival
    letter: InboxLetter
    at: datetime
    vouched: bool

    def settle(self, address: SecretAddress | None) -> None:
        """Find out what the letter is and about what, and do what follows."""
        kind = classify(self.arrival, address.purpose if address else None)
        link = link_at(self.session, address)
        if kind.kind in (LetterKind.BOUNCE, LetterKind.COMPLAINT):
            take_back(self.session, self.arrival, self.letter, kind, link, self.at)
        elif address is None or link is None or link.purpose == LinkPurpose.BOUNCE:
            self._settle_without_question(kind, known=address is None or link is not None)
        else:
            self._settle_question(kind, link)

    def _settle_without_question(self, kind: Classified, *, known: bool) -> None:
        if kind.kind == LetterKind.AUTOMATIC or self._is_our_own():
            self._end(InboxOutcome.AUTOMATIC, kind.reason or "a letter of our own came back")
        elif not known:
            self._end(InboxOutcome.UNKNOWN, "it came to a secret address that is none of ours")
        elif self._is_for_us():
            self._hold("it came to no secret address, so it answers no question")
        else:
            self._end(InboxOutcome.UNKNOWN, "none of its recipients is an address of ours")

    def _settle_question(self, kind: Classified, link: SecretLink) -> None:
        request = self.session.get_one(ApprovalRequest, link.subject_id)
        # the lock that every move and decision takes first
        agreement = self.session.exec(
            select(Agreement).where(Agreement.id == request.agreement_id).with_for_update()
        ).one()
        self.session.refresh(request)
        self.letter.agreement_id, self.letter.request_id = agreement.id, request.id
        answer = _ANSWERS.get(link.purpose)
        self.letter.answer = answer.value if answer else ""
        if kind.kind == LetterKind.AUTOMATIC or self._is_our_own():
            self._end(InboxOutcome.AUTOMATIC, kind.reason or "a letter of our own came back")
        elif doubt := self._doubt(request):
            self._hold(doubt)
        elif answer is None:
            self._comment()
        else:
            self._answer(agreement, request, answer)
        self._record(agreement, request)

    def _doubt(self, request: ApprovalRequest) -> str:
        """Return why the letter cannot be taken for the person's own words, "" where it can."""
        if self.arrival.too_large:
            return f"it is too large ({self.arrival.size / 1e6:.0f} MB): only its head was read and kept"
        text = body_of(self.arrival)
        if text is None:
            return "its text cannot be read"
        # blotted out first: the reply is cut, and half a secret is not recognised
        self.letter.text = reply_in(blot_out(plain(text[:_MOST_CHARACTERS])))
        authentication = self._authentication()
        self.letter.authentication = authentication.told
        if self.arrival.sender != request.person.email.lower():
            sender = self.letter.sender or "nobody"
            return f"it comes from {sender}, not from {request.person.name}, who was asked"
        return "" if authentication.passed else authentication.told

    def _authentication(self) -> Authentication:
        found = authentication_of(self.arrival)
        if self.vouched and not found.passed and not found.asked:
            return Authentication(True, "handed in on this machine")
        return found

    def _comment(self) -> None:
        if self.letter.text:
            self._end(InboxOutcome.COMMENT, "a comment on the request")
        else:
            self._hold("there is nothing in it but what it quotes")

    def _answer(self, agreement: Agreement, request: ApprovalRequest, answer: Answer) -> None:
        self.session.flush()  # what is open is read anew
        try:
            lock_open_request(self.session, request, self.at)
        except DecisionRefusedError as closed:
            self._hold(str(closed))
            confirmations.tell_closed(self.session, agreement, request, closed.args[0], self.at)
            return
        if self._is_final(request, answer):
            self._decide(request, answer)
        else:
            key = keys.approval_confirm(request, self.at)
            sent = confirmations.ask_to_confirm(self.session, agreement, request, answer, key, self.at)
            told = (
                "the link to confirm it was sent" if sent else "the link to confirm it was sent today already"
            )
            self._end(InboxOutcome.INTENT, told)

    def _is_final(self, request: ApprovalRequest, answer: Answer) -> bool:
        reasoned = answer == Answer.APPROVE or bool(self.letter.text)
        return request.assurance == Assurance.L1 and reasoned

    def _decide(self, request: ApprovalRequest, answer: Answer) -> None:
        self._end(InboxOutcome.DECISION, "the sender is the person asked, and authenticated")
        self.session.flush()  # deciding reads everything anew
        answered = Answered(
            answer,
            typed=self.arrival.sender,
            reason=self.letter.text if answer == Answer.DECLINE else "",
            via=BY_MAIL,
            address=self.arrival.sender,
            assurance=f"secret reply address, {self.letter.authentication}",
        )
        try:
            with self.session.begin_nested():
                decide(self.session, request, answered, self.at)
        except SlmError as refusal:
            self._hold(str(refusal))

    def _record(self, agreement: Agreement, request: ApprovalRequest) -> None:
        letter, own = self.letter, (InboxOutcome.DECISION, InboxOutcome.INTENT, InboxOutcome.COMMENT)
        audit.append(
            self.session,
            agreement,
            f"mail {letter.outcome.value}",
            request.person.name if letter.outcome in own else SWEEP,
            self.at,
            request=request.id,
            letter=letter.id,
            reason=letter.reason,
            answer=letter.answer,
            sender=letter.sender,
            message_id=letter.message_id,
            authentication=letter.authentication,
            sha256=sha256(letter.raw).hexdigest(),
        )

    def _is_our_own(self) -> bool:
        if not self.arrival.message_id:
            return False
        ours = select(OutboxLetter.id).where(OutboxLetter.message_id == self.arrival.message_id)
        return self.session.exec(ours).first() is not None

    def _is_for_us(self) -> bool:
        return any(is_to_us(address) for address in self.arrival.recipients)

    def _hold(self, reason: str) -> None:
        self._end(InboxOutcome.HELD, reason)
        self.letter.state = InboxState.WAITING

    def _end(self, outcome: InboxOutcome, reason: str) -> None:
        self.letter.outcome, self.letter.reason = outcome, blot_out(reason)
