"""The command as a process of its own: its exit codes and its streams, as scripts see them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.scenes.granite_works import REFERENCE, write_agreement

pytestmark = pytest.mark.slow


def _slm(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SLM_")}
    command = [sys.executable, "-m", "cli.main", *arguments]
    return subprocess.run(
        command,
        cwd=Path(__file__).parents[2],
        env=environment | {"SLM_VAR": str(folder / "var")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_first_day_at_the_terminal(tmp_path: Path) -> None:
    refused = _slm(tmp_path, "agreements")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "has no tables yet: run `slm db upgrade`" in refused.stderr

    assert _slm(tmp_path, "db", "upgrade").returncode == 0
    document = write_agreement(tmp_path / "granite.yaml")
    applied = _slm(tmp_path, "apply", str(document), "--json")
    assert (applied.returncode, applied.stderr) == (0, "")
    assert json.loads(applied.stdout)["reference"] == REFERENCE


def test_wrong_usage_ends_with_two(tmp_path: Path) -> None:
    wrong = _slm(tmp_path, "advance", REFERENCE)
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "Missing argument" in wrong.stderr
