"""`slm import`: files, live feeds, targets from OpenSLO, and mappings that are proposed."""

import io
import json
import os
import sys
from pathlib import Path
from threading import Thread

import pytest
import yaml
from sqlalchemy import text

from config.settings import settings
from evidence.importer import import_feed
from evidence.mappings import load_mapping
from models.database import open_engine, reading
from states.document_parts import TargetPart
from tests.cli.command_line import Slm

TICKETS = "id;opened_at;resolved_at\nT1;02/03/2026 09:00;02/03/2026 15:00\nT2;05/03/2026 09:00;\n"


def feed_line(ticket: str, state: str, clock: str) -> bytes:
    return json.dumps({"id": ticket, "state": state, "at": f"2026-03-02T{clock}Z"}).encode() + b"\n"


def test_what_cannot_be_told_is_asked_for_and_what_was_told_is_said(
    slm: Slm, database: Path, tmp_path: Path
) -> None:
    log = tmp_path / "tickets.csv"
    log.write_text(TICKETS)
    said = slm.refuses("import", log, "--mapping", "tickets")
    assert "nothing tells days from months; set date_format in the mapping, or --date-format" in said
    how = ("--date-format", "%d/%m/%Y %H:%M", "--zone", "Europe/Zurich", "--source", "desk")
    told = slm.tells("import", log, "--mapping", "tickets", *how)
    assert (told["source"], told["new_tickets"], told["new_intervals"]) == ("desk", 2, 3)
    assert "cells are separated by ';'" in told["assumed"]
    assert "times name no zone and are read in Europe/Zurich" in told["assumed"]
    assert "no IANA time zone" not in slm.refuses("import", log, "--mapping", "tickets", "--zone", "Mars")


def test_a_feed_on_standard_input(slm: Slm, database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = feed_line("T1", "new", "09:00") + b"{broken\n\xff\n" + feed_line("T1", "resolved", "11:00")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines)))
    told = slm.tells("import", "-", "--mapping", "feed")
    assert (told["file"], told["rows"], told["new_intervals"], told["rejected"]) == ("-", 4, 2, 2)
    kept = settings().var / "rejected" / "feed.rejected.csv"
    assert told["rejected_file"] == str(kept)
    assert [line.split(",")[2] for line in kept.read_text().splitlines()] == [
        "reason",
        "not JSON",
        "not UTF-8 text",
    ]


def test_a_feed_that_pauses_has_been_kept_so_far(database: Path) -> None:
    engine = open_engine(f"sqlite:///{database}")
    read, write = os.pipe()
    with open(read, "rb") as feed:  # noqa: PTH123 - a pipe has no path
        importing = Thread(target=import_feed, args=(engine, feed, load_mapping("feed")))
        importing.start()
        os.write(write, feed_line("T1", "new", "09:00"))
        for _ in range(50):
            with reading(engine) as session:
                tickets = session.execute(text("SELECT count(*) FROM tickets")).scalar_one()
            if tickets:
                break
            importing.join(0.1)
        assert tickets == 1 and importing.is_alive()
        os.write(write, feed_line("T1", "resolved", "11:00"))
        os.close(write)
        importing.join()
    with reading(engine) as session:
        assert session.execute(text("SELECT count(*) FROM ticket_intervals")).scalar_one() == 2
    engine.dispose()


def test_a_mapping_is_proposed_and_works(slm: Slm, database: Path, tmp_path: Path) -> None:
    log = tmp_path / "desk.csv"
    log.write_text(
        "Ticket ID;Status;Created;Updated;Company;Prio\n"
        "1;Offen;31.03.2026 09:00;31.03.2026 09:00;Hospital;2 - High\n"
        "1;Waiting for vendor;31.03.2026 09:00;31.03.2026 10:00;Hospital;2 - High\n"
        "1;Solved;31.03.2026 09:00;31.03.2026 15:00;Hospital;2 - High\n"
    )
    proposed = slm.does("import", log, "--guess")
    for line in ('shape = "updates"', 'date_format = "%d.%m.%Y %H:%M"', 'external_id = "Ticket ID"',
                 '"Waiting for vendor" = "awaiting_supplier"', '"Offen" = "new"'):  # fmt: skip
        assert line in proposed
    assert slm.tells("import", log, "--guess") == {"mapping": proposed}
    mine = tmp_path / "mine.toml"
    mine.write_text(proposed)
    told = slm.tells("import", log, "--mapping", mine)
    assert (told["source"], told["new_tickets"], told["new_intervals"], told["rejected"]) == ("desk", 1, 3, 0)
    log.write_text("a,b\n1,2\n")
    assert "no column looks like a ticket's number and a time" in slm.refuses("import", log, "--guess")
    assert "No such file" in slm.refuses("import", tmp_path / "none.csv", "--guess")


OPENSLO = """
apiVersion: openslo/v1
kind: SLO
metadata:
  name: resolution-urgent
  labels: {priority: "1", team: desk}
  annotations: {unit: h}
spec:
  service: E-mail
  indicator: {metadata: {name: working-time}, spec: {thresholdMetric: {metricSource: {type: desk}}}}
  timeWindow: [{duration: 28d, isRolling: true}]
  objectives: [{op: lte, value: 4, target: 0.9}, {op: lte, value: 8, targetPercent: 99}]
---
apiVersion: openslo/v1
kind: SLO
metadata: {name: web-availability}
spec: {service: web, indicatorRef: up, objectives: [{target: 0.999}]}
"""


def test_openslo_objectives_become_targets(slm: Slm, tmp_path: Path) -> None:
    document = tmp_path / "slo.yaml"
    document.write_text(OPENSLO)
    ran = slm("import", document, "--mapping", "openslo")
    targets = [TargetPart.model_validate(target) for target in yaml.safe_load(ran.out)["targets"]]
    assert [(target.id, target.threshold, target.objective) for target in targets] == [
        ("resolution-urgent-1", 4 * 3600, 0.9),
        ("resolution-urgent-2", 8 * 3600, 0.99),
    ]
    assert targets[0].population == {"priority": "1", "service": "E-mail"}
    assert "left out: web-availability: nothing names the indicator" in ran.err
    assert slm.tells("import", document, "--mapping", "openslo")["left_out"].keys() == {"web-availability"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a: [", "no YAML"),
        ("a: &x [1]\nb: *x\n", "YAML aliases are not read"),
        ("kind: Service\n", "no OpenSLO document of the kind SLO"),
    ],
)
def test_openslo_that_is_none(slm: Slm, tmp_path: Path, content: str, said: str) -> None:
    document = tmp_path / "slo.yaml"
    document.write_text(content)
    assert said in slm.refuses("import", document, "--mapping", "openslo")
