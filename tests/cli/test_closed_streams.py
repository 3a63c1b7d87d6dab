"""Standard streams that are closed, and ones that close early."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command_line import Slm
from tests.scenes.granite_works import REFERENCE, write_agreement


def _shell(typed: str) -> "subprocess.CompletedProcess[str]":
    slm = f"{sys.executable} -m cli.main"
    return subprocess.run(["sh", "-c", f"{slm} {typed}"], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("typed", "stream"),
    [
        ("import - --mapping feed <&-", "input"),
        ("import - --guess <&-", "input"),
        ("counter-offer - --objective 0.9 <&-", "input"),
        ("inbox ingest - <&-", "input"),
        ("apply - <&-", "input"),
        ("agreements >&-", "output"),
    ],
)
def test_a_closed_stream_is_said_in_one_line(database: Path, typed: str, stream: str) -> None:
    ran = _shell(typed)
    assert (ran.returncode, ran.stderr) == (1, f"slm: standard {stream} is closed\n")


def test_a_document_from_standard_input(database: Path, slm: Slm, tmp_path: Path) -> None:
    ran = _shell(f"apply - < {write_agreement(tmp_path / 'granite.yaml')}")
    assert ran.returncode == 0 and ran.stdout.startswith(f"{REFERENCE} is written"), ran.stderr
    assert slm.tells("agreements")[0]["reference"] == REFERENCE


def test_chosen_terms_are_written_though_nobody_reads_on(database: Path, slm: Slm, tmp_path: Path) -> None:
    slm.does("apply", write_agreement(tmp_path / "granite.yaml"))
    _shell(f"trial plan {REFERENCE} --days 42 --choose | true")
    assert slm.tells("export", REFERENCE)["trial_days"] == 42
