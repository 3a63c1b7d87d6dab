"""The import benchmark runs, small; what it measures is nobody's assertion."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from bench import imports
from evidence.importer import import_log
from evidence.mappings import load_mapping

pytestmark = pytest.mark.campaign


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


def test_it_tells_ratios_and_memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(imports, "SHARED_LOG", tmp_path / "not there")
    log, synthetic, peak = imports.figures(rows=500)
    assert log.ours is None and log.note == "not there is not there"
    assert synthetic.name == "import of 500 rows" and synthetic.ratio
    assert peak.unit == "MB" and peak.ours and peak.ours > 0


def test_its_synthetic_log_is_whole(engine: Engine, tmp_path: Path):
    log = imports.write_synthetic(tmp_path / "log.csv.gz", 13_000)
    summary = import_log(engine, log, load_mapping("sample"), batch_rows=3_000)
    assert (summary.rows, summary.rejected, summary.tickets) == (13_000, 0, 3_000)
    assert summary.new_intervals == 13_000
