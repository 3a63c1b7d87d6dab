"""First accounts: a ticket's own facts stay as they were told first, but for a customer that was missing."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from sqlmodel import Session

from evidence.outages import OUTAGE
from evidence.row_sets import mark, numbered_words
from evidence.timelines import TicketLog


class FirstAccount(NamedTuple):
    """A ticket as it is stored.

    Attributes:
        opened_at: epoch seconds.
        customer: "" where nobody has named it; an outage without one is everybody's.
    """

    id: int
    opened_at: int
    customer: str
    request_type: str


def compared(
    logs: Collection[TicketLog], stored: Mapping[str, FirstAccount]
) -> tuple[dict[int, str], list[str]]:
    """Compare what logs tell of tickets' own facts with what is stored of them.

    Returns:
        The customers of tickets that had none, by ticket id, and the external ids of those of which another
        customer or opening is told.
    """
    named, otherwise = dict[int, str](), list[str]()
    for log in logs:
        first = stored[log.external_id]
        for account in (log, *log.later):
            customer = account.attributes.get("customer", "")
            if customer and not first.customer and first.request_type != OUTAGE:
                named[first.id] = customer
                first = first._replace(customer=customer)
            if _differs(account, customer, first):
                otherwise.append(log.external_id)
                break
    return named, otherwise


def _differs(account: TicketLog, customer: str, first: FirstAccount) -> bool:
    if customer and customer != first.customer:
        return True
    tells_opening = account.opening_told and account.timeline is None
    return tells_opening and account.opened_at != first.opened_at


def name_tickets(session: Session, customers: Mapping[int, str], now: int) -> None:
    """Give tickets their customers, by ticket id; they are known since `now`."""
    if not customers:
        return
    told, words = numbered_words(session, customers)
    session.connection().exec_driver_sql(
        f"UPDATE tickets SET customer = told.word, known_at = {mark(session)} FROM {told} "
        "WHERE tickets.id = told.id",
        (now, *words),
    )
