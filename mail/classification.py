"""What kind of letter arrived: from a person, a machine, or a mail server that gives a letter of ours back.

Told by header fields and addresses alone (RFC 3834 and its relatives), before any text is parsed, and never
by words of a subject, which differ by language.
"""

from dataclasses import dataclass
from enum import StrEnum

from mail.arrivals import Arrival
from mail.envelope import sender_address
from mail.reply_addresses import is_for_answers
from models.approvals import LinkPurpose

_MACHINES = {
    "mailer-daemon", "postmaster", "noreply", "no-reply", "no_reply", "donotreply", "do-not-reply",
    "bounce", "bounces",
}  # fmt: skip
_MAIL_SYSTEMS = {"mailer-daemon", "postmaster"}
_AUTOREPLY_FIELDS = ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Reply", "X-Autoreply-From")
_LIST_FIELDS = ("List-Id", "List-Post", "List-Help", "List-Unsubscribe", "List-Subscribe", "List-Archive")


class LetterKind(StrEnum):
    """Who wrote a letter that arrived."""

    PERSON = "person"
    AUTOMATIC = "automatic"
    BOUNCE = "bounce"
    COMPLAINT = "complaint"


@dataclass(frozen=True)
class Classified:
    """What a letter is, and by which of its features."""

    kind: LetterKind
    reason: str = ""


def classify(arrival: Arrival, purpose: LinkPurpose | None = None) -> Classified:
    """Return what kind of letter arrived.

    Args:
        arrival: the letter.
        purpose: of the secret address it came to, None where it came to none.
    """
    if loop := _loop(arrival):
        return Classified(LetterKind.AUTOMATIC, loop)
    if _content_type(arrival, "report-type") == "feedback-report" or arrival.values("Feedback-Type"):
        return Classified(LetterKind.COMPLAINT, "a complaint (RFC 5965)")
    if bounce := _bounce(arrival):
        return Classified(LetterKind.BOUNCE, bounce)
    machine = _machine(arrival)
    if purpose == LinkPurpose.BOUNCE and not _answers_by_itself(arrival):
        return Classified(LetterKind.BOUNCE, "it came to the address for bounces of a letter")
    return Classified(LetterKind.AUTOMATIC, machine) if machine else Classified(LetterKind.PERSON)


def _loop(arrival: Arrival) -> str:
    own = sender_address().addr_spec.lower()
    if arrival.sender == own or (arrival.sender and is_for_answers(arrival.sender)):
        return "it comes from an address of our own"
    looped = " ".join(arrival.values("X-Loop")).lower()
    return "it has been here before (X-Loop)" if own in looped else ""


def _bounce(arrival: Arrival) -> str:
    report = _content_type(arrival, "report-type")
    if arrival.head.get_content_type() == "multipart/report" and report in ("", "delivery-status"):
        return "a delivery report (RFC 3464)"
    if arrival.values("X-Failed-Recipients"):
        return "it names failed recipients"
    if _sender_name(arrival) in _MAIL_SYSTEMS and not _answers_by_itself(arrival):
        return "it comes from a mail system"
    if arrival.values("X-Amz-Sns-Message-Id"):
        return "a notice of a mail service"
    return ""


def _answers_by_itself(arrival: Arrival) -> bool:
    """Return whether a program answers for a person; mail systems say so of bounces, and name themselves."""
    submitted = _word(arrival, "Auto-Submitted")
    replied = submitted in ("auto-replied", "auto-notified") and _sender_name(arrival) not in _MAIL_SYSTEMS
    return replied or any(arrival.values(name) for name in _AUTOREPLY_FIELDS)


def _machine(arrival: Arrival) -> str:
    """Return what shows that no person wrote the letter, "" where nothing does."""
    submitted, precedence = _word(arrival, "Auto-Submitted"), _word(arrival, "Precedence")
    suppress = _word(arrival, "X-Auto-Response-Suppress")
    return_path = arrival.values("Return-Path")
    signs = {
        f"Auto-Submitted: {submitted}": submitted not in ("", "no"),
        "it has no return path": arrival.envelope_sender == ""
        or any(_is_nobody(path) for path in return_path),
        f"Precedence: {precedence}": precedence in ("bulk", "junk", "list", "auto_reply"),
        "X-Auto-Response-Suppress": suppress not in ("", "none"),
        "a report": arrival.head.get_content_type() == "multipart/report",
        "it comes from a machine": _sender_name(arrival) in _MACHINES,
    }
    signs |= {name: bool(arrival.values(name)) for name in (*_AUTOREPLY_FIELDS, *_LIST_FIELDS)}
    return next((sign for sign, shown in signs.items() if shown), "")


def _is_nobody(return_path: str) -> bool:
    address = return_path.strip().strip("<>").lower()
    return not address or address.split("@")[0] in _MAIL_SYSTEMS


def _sender_name(arrival: Arrival) -> str:
    if arrival.sender:
        return arrival.sender.split("@")[0]
    words = arrival.sender_shown.lower().replace("<", " ").split()
    return words[0].split("@")[0] if words else ""


def _word(arrival: Arrival, name: str) -> str:
    """Return the word of a header field, in lower case, up to a semicolon or bracket."""
    value = " ".join(arrival.values(name)[:1]).lower()
    for sign in ";(":
        value = value.split(sign)[0]
    return " ".join(value.split())[:40]


def _content_type(arrival: Arrival, parameter: str) -> str:
    try:
        value = arrival.head.get_param(parameter)
    except (ValueError, LookupError, TypeError):
        return ""
    return value.lower() if isinstance(value, str) else ""
