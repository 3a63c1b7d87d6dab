"""When a decision page was sent, told by the page itself: looking at one changes nothing in the database.

The form carries the instant, signed and bound to its request. What comes back is evidence and no condition:
a field that is missing, forged or of another request means that it is not known.
"""

from datetime import datetime

from itsdangerous import BadSignature, URLSafeSerializer

from config.settings import settings
from models.approvals import ApprovalRequest


def sent_page(request: ApprovalRequest, at: datetime) -> str:
    """Return the field that a page sent at `at` carries, to be read by `page_sent_at`."""
    return _signer().dumps([request.id, at.isoformat()])


def page_sent_at(field: str, request: ApprovalRequest, at: datetime) -> datetime | None:
    """Return when the page was sent that an answer given at `at` came from.

    Returns:
        None if the field is not one of ours, of another request, from before this one was asked, or from
        after `at`.
    """
    try:
        number, instant = _signer().loads(field)
    except BadSignature:
        return None
    sent = datetime.fromisoformat(instant)
    return sent if number == request.id and request.asked_at <= sent <= at else None


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(settings().secret_key(), salt="decision page sent")
