"""The sweeps as they are served: scheduled by a real server, run in processes of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from prefect import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState, FlowRunFilterStateType
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.settings import PREFECT_API_URL, temporary_settings
from sqlalchemy import Engine

from config.settings import settings
from models.database import reading
from models.letters import LetterState, OutboxLetter
from tests.flows.prefect_server import ROOT, PrefectServer, running, wait_for
from tests.flows.what_happened import telling_why
from tests.mail.post_office import MailServer


def sent(engine: Engine, letter: OutboxLetter) -> bool:
    with reading(engine) as session:
        return session.get_one(OutboxLetter, letter.id).state == LetterState.SENT


def scheduled_runs(*states: StateType) -> list[FlowRun]:
    wanted = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(states))))
    with get_client(sync_client=True) as client:
        runs: list[FlowRun] = client.read_flow_runs(flow_run_filter=wanted)
    return [run for run in runs if run.auto_scheduled]


def places_taken() -> int:
    with get_client(sync_client=True) as client:
        limits = client.read_global_concurrency_limits(limit=50)
    return sum(limit.active_slots for limit in limits)


# the waits are bounds of failure, for a machine far slower than any we know; it takes well under a minute
@pytest.mark.slow
@pytest.mark.campaign
@pytest.mark.timeout(700)
def test_a_scheduled_run_is_created_completes_and_has_its_effect(
    prefect_server: PrefectServer,
    product: Engine,
    letter: OutboxLetter,
    post_office: MailServer,
    tmp_path: Path,
) -> None:
    environment = prefect_server.environment | {
        "SLM_VAR": str(settings().var),
        "SLM_SMTP_PORT": str(post_office.port),
    }
    # a folder of the user's must not stand in for one of the product's
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "__init__.py").write_text("raise RuntimeError('not the product')")
    log = tmp_path / "sweeps.log"

    with temporary_settings({PREFECT_API_URL: prefect_server.url}), telling_why(prefect_server, log):
        with running(["-m", "flows.serve", "mail", "--every", "20"], environment, log):
            wait_for(lambda: sent(product, letter), 300, "the letter to be sent")
            completed = wait_for(lambda: scheduled_runs(StateType.COMPLETED), 100, "a completed run")
            wait_for(lambda: scheduled_runs(StateType.PENDING, StateType.RUNNING), 100, "the next run")
            assert log.read_text() == ""

        # stopping cancels what was under way, so that nothing seems to run for ever or keeps its place
        assert scheduled_runs(StateType.PENDING, StateType.RUNNING) == []
        assert places_taken() == 0

    assert [message["Subject"] for message in post_office.received] == ["The agreement has ended"]
    assert all(run.deployment_id for run in completed)
    assert not prefect_server.calls.exists() or prefect_server.calls.read_text() == ""


@pytest.mark.campaign
def test_a_server_that_is_not_there_is_one_clear_line(prefect_server: PrefectServer) -> None:
    environment = prefect_server.environment | {"PREFECT_API_URL": "http://127.0.0.1:9/api"}

    done = subprocess.run(
        [sys.executable, "-m", "flows.serve"], env=environment, capture_output=True, text=True, timeout=60
    )

    assert done.returncode == 1
    assert done.stderr.startswith("Prefect server http://127.0.0.1:9/api/: ")
    assert len(done.stderr.splitlines()) == 1


def test_a_sweep_that_does_not_exist_is_one_clear_line() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "flows.serve", "mail", "mial"], capture_output=True, text=True, timeout=60
    )

    assert done.returncode == 2
    assert done.stderr == (
        "there is no sweep 'mial', only mail, inbox, trials, approvals, surveys, reviews, revisions\n"
    )


@pytest.mark.campaign
def test_prefect_is_silent_without_being_told_from_outside() -> None:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PREFECT_") and name not in ("DO_NOT_TRACK", "PYTHONSAFEPATH")
    }
    inherited["PYTHONPATH"] = str(ROOT)
    program = """
import json, os
import flows.mail
from prefect.settings import get_current_settings
from prefect._internal.analytics.enabled import is_telemetry_enabled
current = get_current_settings()
print(json.dumps({
    "analytics": current.server.analytics_enabled,
    "promotion": current.server.ui.show_promotional_content,
    "home": str(current.home),
    "lease_storage": current.server.concurrency.lease_storage,
    "sdk": is_telemetry_enabled(),
    "safe_path": os.environ["PYTHONSAFEPATH"],
    "do_not_track": os.environ["DO_NOT_TRACK"],
}))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], env=inherited, capture_output=True, text=True, timeout=60, check=True
    )

    assert json.loads(done.stdout) == {
        "analytics": False,
        "promotion": False,
        "home": str(settings().var / "prefect"),
        "lease_storage": "prefect.server.concurrency.lease_storage.filesystem",
        "sdk": False,
        "safe_path": "1",
        "do_not_track": "1",
    }
