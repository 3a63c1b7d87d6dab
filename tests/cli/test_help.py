"""Every command explains itself, and tells what it prints as JSON too."""

import shlex
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import typer

from cli.main import app
from evidence.sample_truth import CUSTOMERS
from states.stated_targets import plain_word
from tests.cli.command_line import Slm
from tests.scenes.granite_works import REFERENCE, Morning, write_agreement, write_tickets

_SILENT = {"up"}
"""Commands that run until they are stopped and tell nothing."""


def _commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, found in getattr(command, "commands", {}).items():
        if hasattr(found, "commands"):
            yield from _commands(found, (*path, name))
        else:
            yield (*path, name), found


COMMANDS = dict(_commands(typer.main.get_command(app)))


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_an_example(slm: Slm, words: tuple[str, ...]) -> None:
    shown = slm.does(*words, "--help")
    assert shown.startswith("Usage: slm " + " ".join(words))
    example = " ".join(shown.split("Example:")[1].split())
    assert f"slm {' '.join(words)}" in example


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_that_prints_has_json(words: tuple[str, ...]) -> None:
    options = {option for part in COMMANDS[words].params for option in part.opts}
    assert ("--json" in options) == (words[0] not in _SILENT)


def test_the_commands_are_those_that_people_are_told_about() -> None:
    assert {" ".join(words) for words in COMMANDS} >= {
        *("up", "replay", "sample", "import", "tick", "agreements", "show", "advance", "approvals list"),
        *("apply", "export", "targets adopt", "targets accept-risk", "audit verify", "db upgrade"),
    }


def test_json_of_every_command_on_an_agreement(slm: Slm, database: Path, tmp_path: Path) -> None:
    assert slm.tells("db", "upgrade")["database"] == f"sqlite:///{database}"
    assert slm.tells("agreements") == []
    assert slm.tells("approvals") == []

    written = slm.tells("apply", write_agreement(tmp_path / "granite.yaml"))
    assert (written["reference"], written["stage"]) == (REFERENCE, "requirements")
    assert len(written.pop("notes")) == 1, "there is no ticket yet"
    assert slm.tells("agreements") == [written]
    assert slm.tells("export", REFERENCE)["targets"][0]["threshold"] == "8 h"

    log = write_tickets(tmp_path / "log.csv", date(2026, 3, 2), date(2026, 3, 3), Morning("2", (1, 2)))
    imported = slm.tells("import", log, "--mapping", "sample")
    assert (imported["rows"], imported["tickets"], imported["rejected_file"]) == (16, 4, None)
    assert slm.tells("import", log, "--mapping", "sample")["new_intervals"] == 0

    risky = ("targets", "accept-risk", REFERENCE, "P2", "--by", "Head of delivery", "--reason", "more staff")
    assert slm.tells(*risky)["accepted_risk"] == "more staff (Head of delivery)"

    preview = slm.tells("advance", REFERENCE, "start_trial", "--dry-run")
    assert (preview["from"], preview["to"], preview["blocked_by"]) == ("requirements", "trial_run", [])
    assert slm.tells("advance", REFERENCE, "start_trial")["stage"] == "trial_run"
    shown = slm.tells("show", REFERENCE)
    assert [way["trigger"] for way in shown["ways_on"]] == ["extend_trial", "offer", "rework", "end"]

    assert [row["sweep"] for row in slm.tells("tick", "--only", "trials", "--only", "surveys")] == [
        *("trials", "surveys"),
    ]
    verified = slm.tells("audit", "verify")
    assert (verified["agreements"], verified["faults"]) == (1, [])


def test_what_a_person_reads_instead(slm: Slm, database: Path, tmp_path: Path) -> None:
    assert "slm apply FILE" in slm.does("agreements")
    assert slm.does("approvals") == "Nobody is being asked to sign.\n"
    slm.does("apply", write_agreement(tmp_path / "granite.yaml"))
    listed = slm.does("agreements")
    assert REFERENCE in listed and "Granite Works" in listed and "none yet" in listed
    shown = slm.does("show", REFERENCE)
    assert f"{REFERENCE}, Granite Works: requirements" in shown
    assert "Version 1: draft" in shown and "Ways on" in shown
    blocked = slm.does("advance", REFERENCE, "start_trial", "--dry-run")
    assert blocked.startswith(f"{REFERENCE}: start_trial: requirements -> trial_run\n")


def test_an_exported_agreement_is_applied_again(slm: Slm, database: Path, tmp_path: Path) -> None:
    slm.does("apply", write_agreement(tmp_path / "granite.yaml"))
    exported = slm.does("export", REFERENCE)
    again = tmp_path / "again.yaml"
    again.write_text(exported, "utf-8")
    slm.does("apply", again)
    assert slm.does("export", REFERENCE, "--version", "1") == exported


def test_a_sample_is_the_same_for_the_same_seed(slm: Slm, tmp_path: Path) -> None:
    wanted = ("--seed", "5", "--until", "2026-03-31", "--days", "30")
    first = slm.tells("sample", tmp_path / "one", *wanted)
    slm.does("sample", tmp_path / "two", *wanted)
    assert (first["from"], first["to"]) == ("2026-03-02", "2026-03-31")
    for name in ("tickets.csv.gz", "satisfaction.csv"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


_SAMPLE = {"SLA-City-Hospital", "SLA-Granite-Works", "SLA-Riverside-Schools"}


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_each_example_can_be_typed_as_it_stands(words: tuple[str, ...]) -> None:
    command = COMMANDS[words]
    typed = shlex.split(" ".join((command.help or "").split("Example:")[1].split()))
    rest = typed[typed.index("slm") + 1 + len(words) :]
    if ">" in rest:
        rest = rest[: rest.index(">")]
    command.make_context("slm", rest, resilient_parsing=False)
    assert {word for word in rest if word.startswith("SLA-")} <= _SAMPLE


def test_the_agreements_of_the_examples_are_the_samples() -> None:
    assert {f"SLA-{plain_word(customer.name)}" for customer in CUSTOMERS} == _SAMPLE
