"""What fails is told without the secrets that the database was given, on both databases."""

import logging

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from mail.error_lines import in_one_line
from models.database import reading, transaction
from states.move import BlockedMoveError
from states.sweeps import sweep_approvals
from tests.states.builders import MONDAY, letters, offered, token_to
from tests.states.mailed import DAY, OWNER, take_answers


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


def refuse_letters(engine: Engine, kind: str) -> None:
    """Let the database refuse every letter of a kind; PostgreSQL then says which row it would not have."""
    with transaction(engine) as session:
        if engine.dialect.name == "postgresql":
            session.execute(text(f"ALTER TABLE outbox ADD CONSTRAINT broken CHECK (kind <> '{kind}')"))
        else:
            session.execute(
                text(
                    f"CREATE TRIGGER broken BEFORE INSERT ON outbox WHEN NEW.kind = '{kind}' "
                    "BEGIN SELECT RAISE(ABORT, 'broken'); END"
                )
            )


def secrets_in(letter: str) -> list[str]:
    return [piece for piece in ("/d/", "yes.", "no.", "re.", "Dear", OWNER) if piece in letter]


def test_a_reminder_that_cannot_be_written_is_told_without_its_links(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    take_answers(monkeypatch)
    with transaction(engine) as session:
        offered(session, MONDAY)
        assert len(secrets_in(letters(session)[0].text)) > 3
    refuse_letters(engine, "approval_reminder")
    with caplog.at_level(logging.WARNING):
        report = sweep_approvals(engine, MONDAY + 4 * DAY)
    assert report.done == [] and len(report.problems) == 2
    assert all("broken" in problem and "\n" not in problem for problem in report.problems)
    assert secrets_in(caplog.text + str(report)) == []
    assert "in remind" in caplog.text, "the log says where it failed all the same"


def test_no_error_of_the_database_holds_what_it_was_given(engine: Engine) -> None:
    refuse_letters(engine, "approval_request")
    with pytest.raises(DBAPIError, match="broken") as raised, transaction(engine) as session:
        offered(session, MONDAY)
    error: BaseException | None = raised.value
    while error is not None:
        assert secrets_in(str(error)) == [] and "parameters: " not in str(error)
        error = error.__cause__


def test_what_an_error_says_is_one_line_without_tokens(engine: Engine) -> None:
    with transaction(engine) as session:
        offered(session, MONDAY)
        token = token_to(session, letters(session)[0].to_name)
    with reading(engine) as session, pytest.raises(DBAPIError) as raised:
        session.execute(text(f'SELECT 1 FROM "{token}"'))
    told = in_one_line(raised.value)
    assert token not in told and "…" in told and "\n" not in told
    assert in_one_line(ValueError()) == "ValueError"
    blocked = BlockedMoveError("sign", ["a decision is missing", f"open http://a.example/d/{token}"])
    assert in_one_line(blocked).endswith("a decision is missing; open http://a.example/d/…")
