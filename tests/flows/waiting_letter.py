"""A letter that waits in the outbox."""

from sqlalchemy import Engine

from config.clock import now
from models.database import transaction
from models.letters import OutboxLetter
from models.parties import Party, PartyKind, Person


def put_letter(engine: Engine) -> OutboxLetter:
    """Put a letter into the outbox that is due now."""
    with transaction(engine) as session:
        party = Party(name="Harbour Logistics", kind=PartyKind.CUSTOMER)
        session.add(party)
        session.flush()
        person = Person(party=party, name="Business owner", email="owner@customer.example")
        session.add(person)
        session.flush()
        assert person.id is not None
        letter = OutboxLetter(
            deduplication_key="waiting:1",
            person_id=person.id,
            kind="ended",
            to_address=person.email,
            to_name=person.name,
            subject="The agreement has ended",
            text="It has ended.\n",
            html="<p>It has ended.</p>",
            message_id="<waiting-1@slmcycle.example>",
            created_at=now(),
            next_attempt_at=now(),
        )
        session.add(letter)
    return letter
