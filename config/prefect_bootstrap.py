"""What Prefect must be told before it is imported: its own database, no telemetry, loopback."""

import os
from collections.abc import MutableMapping

from config.settings import settings


def prefect_environment() -> dict[str, str]:
    """Return the environment under which this product runs Prefect, server and flow runs alike."""
    current = settings()
    home = (current.var / "prefect").absolute()
    return {
        "PREFECT_HOME": str(home),
        "PREFECT_API_URL": f"http://127.0.0.1:{current.prefect_port}/api",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        # some two thousand runs a day are kept for three days, or the history would outgrow the product
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
        "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(3 * 24 * 3600),
        # kept in memory, the place of a run under way would stay taken for ever when the server stops
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "PREFECT_CLI_PROMPT": "false",
        # a flow run must import the product's rooms, never a folder of the place it starts in
        "PYTHONSAFEPATH": "1",
    }


def prepare(environment: MutableMapping[str, str] = os.environ) -> None:
    """Put the settings into `environment`, leaving what the user has set there already."""
    for name, value in prefect_environment().items():
        environment.setdefault(name, value)
