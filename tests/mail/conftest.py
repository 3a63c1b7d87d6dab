"""An agreement between two parties, and a real mail server on loopback."""

from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import Engine

from config.settings import settings
from models.agreements import Agreement
from models.database import transaction
from models.parties import Party, PartyKind, Person
from tests.mail.post_office import MONDAY, Cast, MailServer, free_port


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Most of these scenes are the same on any database; `test_at_once` plays on both."""
    return sqlite_url


@pytest.fixture
def smtp_port(monkeypatch: pytest.MonkeyPatch) -> int:
    """Return a free port that the settings name as the mail server's; nobody listens there yet."""
    port = free_port()
    monkeypatch.setenv("SLM_SMTP_PORT", str(port))
    settings.cache_clear()
    return port


@pytest.fixture
def server(smtp_port: int) -> Iterator[MailServer]:
    """Run a mail server on loopback that the settings name."""
    handler = MailServer(smtp_port)
    controller = Controller(handler, hostname="127.0.0.1", port=smtp_port, server_hostname="localhost")
    controller.start()
    yield handler
    controller.stop()


@pytest.fixture
def cast(engine: Engine) -> Cast:
    """Write two parties, their people and an agreement into the database."""
    with transaction(engine) as session:
        provider = Party(name="Northwind IT", kind=PartyKind.PROVIDER)
        customer = Party(name="Harbour Logistics", kind=PartyKind.CUSTOMER)
        session.add_all([provider, customer])
        session.flush()
        assert provider.id is not None and customer.id is not None
        owner = Person(party_id=provider.id, name="Service owner", email="service-owner@provider.example")
        reader = Person(
            party_id=customer.id, name="Business owner", email="owner@customer.example", zone="Europe/Berlin"
        )
        session.add_all([owner, reader])
        session.flush()
        assert owner.id is not None
        agreement = Agreement(
            reference="SLA-001",
            title="Service desk",
            provider_id=provider.id,
            customer_id=customer.id,
            owner_id=owner.id,
            stage_since=MONDAY,
            created_at=MONDAY,
        )
        session.add(agreement)
    return Cast(agreement, owner, reader)
