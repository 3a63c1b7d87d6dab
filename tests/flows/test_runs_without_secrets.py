"""What Prefect keeps of a run that went wrong: its log, its artifact and its state hold no secret."""

from datetime import UTC, datetime, timedelta

import pytest
from prefect import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from prefect.logging.handlers import APILogWorker
from sqlalchemy import Engine, text

from config.clock import simulated
from flows.approvals import approval_sweep
from flows.mail import mail_sweep
from models.database import transaction
from tests.mail.post_office import MailServer
from tests.states.builders import letters, offered
from tests.states.mailed import take_answers

pytestmark = pytest.mark.usefixtures("in_process")

WEDNESDAY = datetime(2026, 3, 11, 9, tzinfo=UTC)
"""Nobody is reminded at a weekend."""


def kept_by_prefect() -> str:
    """The logs and states of every flow and task run, and every artifact of the two sweeps."""
    APILogWorker.instance().drain()
    with get_client(sync_client=True) as client:
        wanted = ArtifactFilter(key=ArtifactFilterKey(any_=["approvals", "mail"]))
        told = [line.message for line in client.read_logs()]
        told += [str(artifact.data) for artifact in client.read_artifacts(artifact_filter=wanted)]
        told += [str(run.state) for run in client.read_flow_runs()]
        told += [str(run.state) for run in client.read_task_runs()]
    return "\n".join(told)


@pytest.mark.campaign
def test_prefect_is_told_what_failed_and_no_secret(
    product: Engine, post_office: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_answers(monkeypatch)
    with transaction(product) as session:
        offered(session, WEDNESDAY - timedelta(days=6))
        paths = [letter.return_path for letter in letters(session)]
        session.execute(
            text(
                "CREATE TRIGGER broken BEFORE INSERT ON outbox WHEN NEW.kind = 'approval_reminder' "
                "BEGIN SELECT RAISE(ABORT, 'broken'); END"
            )
        )
        session.execute(text("UPDATE approval_requests SET due_at = '2099-01-01 00:00:00'"))
    said: list[str] = []

    def repeat(verb: str, address: str) -> str:
        if verb == "MAIL":
            said[:] = [address]
        return f"553 5.7.1 <{said[0]}>: Sender address rejected" if verb == "MAIL" else "250 fine"

    post_office.answer = repeat
    with simulated(WEDNESDAY):
        for flow in (approval_sweep, mail_sweep):
            flow(return_state=True)

    told = kept_by_prefect()
    assert "broken" in told and "b.…@" in told, "what failed is told"
    assert said[0] in paths
    for secret in (*(path.partition("@")[0][2:] for path in paths), "/d/", "yes.", "Dear Business owner"):
        assert secret not in told, secret
