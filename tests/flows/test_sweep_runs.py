"""Each flow as a run of a real Prefect server, over a real database file."""

import logging
from importlib import import_module
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
from prefect import Flow, State, get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from prefect.client.schemas.objects import Artifact
from prefect.client.schemas.sorting import ArtifactSort
from sqlalchemy import Engine
from sqlmodel import select

from config.settings import settings
from flows.mail import mail_sweep
from flows.revisions import revision_sweep
from flows.serve import SCHEDULES
from flows.sweep import sweep
from models.database import reading
from models.letters import LetterState, OutboxLetter
from tests.mail.post_office import MailServer

pytestmark = pytest.mark.usefixtures("in_process")


def ended(flow: Flow[[], Any]) -> State[Any]:
    state = flow(return_state=True)
    assert isinstance(state, State)
    return state


def newest_artifact(key: str) -> Artifact:
    with get_client(sync_client=True) as client:
        found = client.read_artifacts(
            artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=[key])), sort=ArtifactSort.CREATED_DESC
        )
    return found[0]


def letters(engine: Engine) -> list[OutboxLetter]:
    with reading(engine) as session:
        return list(session.exec(select(OutboxLetter)))


@pytest.mark.campaign
@pytest.mark.parametrize("scheduled", SCHEDULES, ids=lambda scheduled: scheduled.flow.name)
def test_a_run_with_nothing_due_completes_and_says_so(product: Engine, scheduled: Any) -> None:
    state = ended(scheduled.flow)

    assert state.is_completed()
    assert state.message == "nothing was due"


def test_the_mail_run_sends_what_waits_and_publishes_it(
    product: Engine, letter: OutboxLetter, post_office: MailServer
) -> None:
    state = ended(mail_sweep)

    assert state.is_completed() and state.message == "1 done"
    assert [message["Subject"] for message in post_office.received] == ["The agreement has ended"]
    assert [row.state for row in letters(product)] == [LetterState.SENT]
    artifact = newest_artifact("mail")
    assert artifact.type == "table"
    assert "1 letters sent" in str(artifact.data)


def test_trouble_is_told_without_failing_the_run(
    product: Engine, letter: OutboxLetter, smtp_port: int, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        state = ended(mail_sweep)

    assert state.is_completed()
    assert f"mail server 127.0.0.1:{smtp_port}" in str(state.message)
    assert f"mail server 127.0.0.1:{smtp_port}" in caplog.text
    assert "set aside" in str(newest_artifact("mail").data)
    assert [row.state for row in letters(product)] == [LetterState.QUEUED]


def test_a_database_without_tables_fails_the_run_with_what_to_do() -> None:
    state = ended(revision_sweep)

    assert state.is_failed()
    assert state.message and "has no tables yet: run `slm db upgrade`" in state.message


@pytest.fixture
def away() -> Path:
    """Put a folder where the database file should be, which nothing can open."""
    path = settings().var / "slmcycle.db"
    path.mkdir()
    return path


@pytest.mark.campaign
def test_a_database_that_stays_away_fails_the_run_with_one_line(
    away: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "retries", 0)

    state = ended(revision_sweep)

    assert state.is_failed()
    assert state.message == f"database sqlite:///{away}: unable to open database file"


@pytest.mark.campaign
def test_a_database_that_comes_back_soon_is_waited_for(away: Path, upgraded_sqlite: Path) -> None:
    def come_back() -> None:
        away.rmdir()
        away.write_bytes(upgraded_sqlite.read_bytes())

    timer = Timer(2, come_back)
    timer.start()
    state = ended(revision_sweep)
    timer.join()

    assert state.is_completed() and state.message == "nothing was due"


def test_the_flows_are_found_as_modules(product: Engine) -> None:
    for scheduled in SCHEDULES:
        module = import_module(scheduled.flow.fn.__module__)
        assert getattr(module, scheduled.flow.fn.__name__) is scheduled.flow
