"""What Prefect must be told before it is imported: its own database, no telemetry, loopback."""

import os
from collections.abc import MutableMapping
from pathlib import Path

from config.settings import settings

_SQLITE = "sqlite:///"


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
        # a flow run must import the product's rooms, never a folder of the place it starts in: `move_home`
        "PYTHONSAFEPATH": "1",
    }


def prepare(environment: MutableMapping[str, str] = os.environ) -> None:
    """Put the settings into `environment`, leaving what the user has set there already."""
    for name, value in prefect_environment().items():
        environment.setdefault(name, value)
    Path(environment["PREFECT_HOME"]).mkdir(parents=True, exist_ok=True)  # Prefect makes no parents


def move_home() -> None:
    """Make Prefect's own folder this process's working directory, with every setting kept as it was read.

    Prefect puts the working directory of a flow run before everything else that Python searches, whatever
    PYTHONSAFEPATH says: started among a user's files, a run would take their `config/` for the product's.
    """
    os.environ.update(_settings_environment())
    home = Path(prefect_environment()["PREFECT_HOME"])
    home.mkdir(parents=True, exist_ok=True)
    os.chdir(home)
    settings.cache_clear()


def _settings_environment() -> dict[str, str]:
    """Return every setting as a variable that means the same in any working directory."""
    current = settings()
    told = {name: str(value) for name, value in current.model_dump(mode="json").items() if value is not None}
    told["var"] = str(current.var.absolute())
    if current.policy_file:
        told["policy_file"] = str(current.policy_file.absolute())
    database = current.database_url.removeprefix(_SQLITE)
    if database != current.database_url and database and database != ":memory:":
        told["database_url"] = _SQLITE + str(Path(database).absolute())
    return {f"SLM_{name.upper()}": value for name, value in told.items()}
