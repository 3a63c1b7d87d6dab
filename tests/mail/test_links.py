"""Secret links: only a letter's receiver knows them."""

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from config.settings import settings
from mail.links import find_link, issue_link, token_in
from models.approvals import LinkPurpose
from models.database import reading, transaction
from models.parties import Person
from tests.mail.post_office import MONDAY, Cast


def test_a_link_is_found_by_its_token_for_its_purpose_alone(engine: Engine, cast: Cast) -> None:
    with transaction(engine) as session:
        address = issue_link(session, LinkPurpose.DECISION, 5, cast.customer, MONDAY)
        other = issue_link(session, LinkPurpose.DECISION, 5, cast.customer, MONDAY)
    assert address != other
    token = token_in(f"Please open\n\n{address}\n\nby Friday", LinkPurpose.DECISION)
    assert token is not None and address == f"http://127.0.0.1:8000/d/{token}"

    with reading(engine) as session:
        link = find_link(session, LinkPurpose.DECISION, token)
        assert link is not None
        assert (link.subject_id, link.person_id, link.created_at) == (5, cast.customer.id, MONDAY)
        assert find_link(session, LinkPurpose.SURVEY, token) is None
        for wrong in ("", "x", token + "x", token.swapcase(), "\udcff"):
            assert find_link(session, LinkPurpose.DECISION, wrong) is None
        kept = session.execute(text("SELECT * FROM secret_links")).all()
        assert token not in str(kept)


def test_letters_link_to_the_public_address(
    engine: Engine, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLM_PUBLIC_URL", "https://slm.example/desk/")
    settings.cache_clear()
    with transaction(engine) as session:
        address = issue_link(session, LinkPurpose.REPORT, 1, cast.customer, MONDAY)
    assert address.startswith("https://slm.example/desk/r/")


def test_the_token_for_a_purpose_is_found_in_a_letter() -> None:
    secret, other = "A_b-" + "x" * 39, "Q" * 43
    letter = f'<a href="http://a.example/d/{secret}">open</a> or http://a/s/{other}. Bye'
    assert token_in(letter, LinkPurpose.DECISION) == secret
    assert token_in(letter, LinkPurpose.SURVEY) == other
    assert token_in(letter, LinkPurpose.REPORT) is None


def test_a_link_needs_a_person_of_the_database(engine: Engine) -> None:
    stranger = Person(party_id=1, name="Stranger", email="s@nowhere.example")
    with Session(engine) as session, pytest.raises(ValueError, match="Stranger is not in the session"):
        issue_link(session, LinkPurpose.DECISION, 1, stranger, MONDAY)
