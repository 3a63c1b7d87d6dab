"""`slm baseline`: made by one command, told in sentences and tables, or as JSON."""

from datetime import date
from pathlib import Path

import pytest

from tests.cli.command_line import Slm
from tests.scenes.granite_works import REFERENCE, Morning, write_agreement, write_tickets

FIRST, LAST = date(2026, 1, 5), date(2026, 2, 27)
WEEKS = ("--weeks", "8", "--until", "2026-03-02")


@pytest.fixture
def written(slm: Slm, database: Path, tmp_path: Path) -> str:
    """An agreement with eight weeks of tickets."""
    slm.does("apply", write_agreement(tmp_path / "granite.yaml"))
    slm.does(
        *("import", write_tickets(tmp_path / "log.csv", FIRST, LAST, Morning("2", (1, 2, 3)))),
        *("--mapping", "sample"),
    )
    return REFERENCE


def test_a_baseline_is_told_in_sentences_and_tables(slm: Slm, written: str) -> None:
    shown = slm.does("baseline", written, *WEEKS)
    for words in (
        *(
            f"Baseline of {REFERENCE}, 5 January 2026 to 2 March 2026",
            "The evidence is fit",
            "tickets opened",
        ),
        *("Demand", "Mon", "outside service hours", "Who settles it", "median", "The targets of version 1"),
        *("these weeks: ", "What follows from it", "First targets", "SHA-256 of the inputs: "),
    ):
        assert words in shown
    tables = [line for line in shown.splitlines() if not line.startswith("- ")]
    assert max(map(len, tables)) <= 140


def test_json_is_the_figures_and_the_same_each_time(slm: Slm, written: str) -> None:
    told, again = (slm.tells("baseline", written, *WEEKS) for _ in range(2))
    assert told == again
    assert told.keys() == {"agreement", "inputs_sha256", "software", "figures"}
    figures = told["figures"]
    assert figures["tickets"]["opened"] == 120
    assert len(figures["demand"]["counts"]) == 7 and {len(row) for row in figures["demand"]["counts"]} == {24}
    assert "every chain is whole" in slm.does("audit", "verify")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--until", "2020-01-01"), "no ticket of Granite Works from "),
        (("--until", "2190-01-01"), "2190-01-01 00:00 UTC is still to come"),
        (("--until", "yesterday"), "'yesterday' is no instant"),
        (("--until", "2026-03-02", "--as-of", "2026-03-01"), "the weeks end 2026-03-02"),
    ],
)
def test_what_cannot_be_looked_at_is_refused_in_one_line(
    slm: Slm, written: str, options: tuple[str, ...], said: str
) -> None:
    assert said in slm.refuses("baseline", written, *options)


def test_an_agreement_that_is_not_there(slm: Slm, database: Path) -> None:
    assert "there is no agreement 'SLA-X'" in slm.refuses("baseline", "SLA-X")
    assert slm("baseline", "SLA-X", "--weeks", "0").code == 2
