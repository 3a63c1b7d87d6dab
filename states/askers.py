"""Who puts something to the customer, and the lock under which it is put and settled."""

from typing import Any, cast

from sqlmodel import Session, col, select

from config.errors import NotFoundError
from models.agreements import Agreement
from models.parties import Person


def asker_named(session: Session, agreement: Agreement, name: str | None) -> Person:
    """Return the person of either party who has this name or address; the agreement's owner for None.

    Raises:
        NotFoundError: if nobody has.
    """
    found = agreement.owner if name is None else find_asker(session, agreement, name)
    if found is None:
        raise NotFoundError(f"{agreement.reference}: nobody is named '{name}'")
    return found


def find_asker(session: Session, agreement: Agreement, name: str) -> Person | None:
    """Return the person of either party who has this name or address, None where nobody has."""
    people = select(Person).where(
        col(Person.party_id).in_((agreement.provider_id, agreement.customer_id)),
        (col(Person.name) == name) | (col(Person.email) == name.lower()),
    )
    return session.exec(people.order_by(col(Person.id))).first()


def lock_agreement(session: Session, agreement: Agreement) -> None:
    """Let nobody else ask or decide under this agreement until the transaction ends; its row is read anew."""
    row = select(Agreement).where(Agreement.id == agreement.id).with_for_update(of=cast(Any, Agreement))
    session.exec(row.execution_options(populate_existing=True)).one()
