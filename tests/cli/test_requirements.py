"""`slm requirements`: stated, challenged, settled and printed from the command line."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.clock import simulated
from tests.cli.command_line import Slm
from tests.scenes.granite_works import REFERENCE, Morning, write_agreement, write_tickets

START = datetime(2026, 3, 30, 8, tzinfo=UTC)


@pytest.fixture
def written(slm: Slm, database: Path, tmp_path: Path) -> None:
    """Half of ten weeks' urgent faults took longer than the eight hours that are asked for."""
    tickets = write_tickets(
        tmp_path / "tickets.csv",
        (START - timedelta(weeks=10)).date(),
        (START - timedelta(weeks=2)).date(),
        Morning("2", (2, 20)),
    )
    slm.does("apply", write_agreement(tmp_path / "granite.yaml", settled=False))
    slm.does("import", tickets, "--mapping", "sample")


@pytest.fixture(autouse=True)
def at_the_end_of_march() -> object:
    with simulated(START):
        yield


def test_a_requirement_lives_through_its_conversation(slm: Slm, written: None, tmp_path: Path) -> None:
    listed = slm.does("requirements", "list", REFERENCE)
    assert "1. Urgent faults are mended the same day (customer), open" in listed
    assert (
        "excessive: stated: 90\u00a0% of priority 2 tickets resolved within 8 h; last 12 weeks: 50" in listed
    )

    stated = slm.tells(
        *("requirements", "state", REFERENCE, "Nights are served", "--origin", "senior management"),
        *("--target", "P2", "--threshold", "4 h", "--objective", "95 %", "--by", "Managing board"),
    )
    assert (stated["number"], stated["settlement"], stated["conversation"][0]["act"]) == (3, "open", "stated")
    assert stated["demand"]["sentence"].startswith("stated: 95\u00a0% in 4 h; last 12 weeks: 50")

    assert slm.tells("requirements", "challenge", REFERENCE, 1)["conversation"][0]["act"] == "challenged"
    settled = slm.tells(
        *("requirements", "settle", REFERENCE, 1, "reduced", "--reason", "half of them take a day")
    )
    assert (settled["settlement"], settled["reason"]) == ("reduced", "half of them take a day")

    page = tmp_path / "requirements.html"
    told = slm.does("requirements", "document", REFERENCE, "--html", page)
    assert told.startswith(f"{REFERENCE}: requirements document 1, SHA-256 ")
    assert "More than the history bears out" in page.read_text("utf-8")
    assert slm.tells("requirements", "document", REFERENCE, "--number", 1)["number"] == 1


def test_what_cannot_be_is_one_line(slm: Slm, written: None) -> None:
    said = slm.refuses("requirements", "state", REFERENCE, "x", "--threshold", "soon")
    assert said == "--threshold 'soon': write a working time like 4 h, 30 min or 90 s"
    assert slm.refuses("requirements", "settle", REFERENCE, 9, "dropped", "--reason", "x").startswith(
        f"{REFERENCE} has no requirement 9"
    )
    assert slm.refuses("requirements", "document", REFERENCE, "--number", 4) == (
        f"{REFERENCE} has no requirements document 4 yet"
    )
    assert slm.refuses("requirements", "list", "SLA-None").startswith("there is no agreement 'SLA-None'")


def test_without_pango_the_page_is_there_and_the_line_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "weasyprint.py").write_text("raise OSError(\"cannot load library 'libpango-1.0-0'\")")
    program = "from templates.printing import to_pdf; to_pdf('<p>x</p>')"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(Path(__file__).parents[2])])},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stderr.strip().splitlines()[-1] == (
        "config.errors.SlmError: a PDF needs the Pango library, the HTML does not: "
        "apt install libpango-1.0-0 libpangoft2-1.0-0 (Debian, Ubuntu), brew install pango (macOS)"
    )
