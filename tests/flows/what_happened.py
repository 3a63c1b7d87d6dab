"""What a failure between processes is told with: their logs, and the history of every run."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from httpx import HTTPError
from prefect import get_client
from prefect.exceptions import PrefectHTTPStatusError

from tests.flows.prefect_server import PrefectServer

# a traceback of Prefect's server is a hundred lines long; the first line tells when and what
ENTRIES, LINES = 30, 15


@contextmanager
def telling_why(server: PrefectServer, sweeps_log: Path) -> Iterator[None]:
    """Add to an error what the processes wrote and what became of every run."""
    try:
        yield
    except Exception as error:
        error.add_note(_part("the sweeps' log", sweeps_log.read_text()))
        error.add_note(_part("the Prefect server's log", _end_of(server.log.read_text().splitlines())))
        error.add_note(_part("the flow runs", _histories()))
        raise


def _part(title: str, text: str) -> str:
    return f"--- {title}:\n{text.strip() or 'nothing'}"


def _end_of(lines: list[str]) -> str:
    entries = [line for line in lines if line[:1].isdigit()]
    return "\n".join([*entries[-ENTRIES:], "...", *lines[-LINES:]])


def _histories() -> str:
    """Return a line for each run that is not merely scheduled: its flow, and its states with their times."""
    try:
        with get_client(sync_client=True) as client:
            started = [run for run in client.read_flow_runs() if run.state_name != "Scheduled"]
            told = []
            for run in sorted(started, key=lambda run: str(run.expected_start_time)):
                states = [
                    f"{state.timestamp:%H:%M:%S} {state.name} {state.message or ''}".strip()
                    for state in client.read_flow_run_states(run.id)
                ]
                told.append(f"{run.name}, due {run.expected_start_time:%H:%M:%S}: {'; '.join(states)}")
    except (HTTPError, PrefectHTTPStatusError) as error:
        return f"not known: {error!r}"
    return "\n".join(told)
