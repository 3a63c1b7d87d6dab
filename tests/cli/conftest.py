"""What the command line's tests share: the command itself, and a database with tables."""

from pathlib import Path

import pytest

from config.settings import settings
from tests.cli.command_line import Slm


@pytest.fixture
def slm(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Slm:
    return Slm(monkeypatch, capsys)


@pytest.fixture
def database(upgraded_sqlite: Path) -> Path:
    """Return the SQLite file that the settings name, with tables and no rows."""
    path = settings().var / "slmcycle.db"
    path.write_bytes(upgraded_sqlite.read_bytes())
    return path
