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
    [kept] = (settings().var / "rejected").iterdir()
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
        "1;Solved;31.03.2026 09:00;31.03.2026 15:00;Hospital;n/a\n"
    )
    proposed = slm.does("import", log, "--guess")
    for line in ('shape = "updates"', 'date_format = "%d.%m.%Y %H:%M"', 'external_id = "Ticket ID"',
                 '"Waiting for vendor" = "awaiting_supplier"', '"Offen" = "new"',
                 'missing = ["", "n/a"]'):  # fmt: skip
        assert line in proposed
    assert slm.tells("import", log, "--guess") == {"mapping": proposed}
    mine = tmp_path / "mine.toml"
    mine.write_text(proposed)
    told = slm.tells("import", log, "--mapping", mine)
    assert (told["source"], told["new_tickets"], told["new_intervals"], told["rejected"]) == ("desk", 1, 3, 0)
    log.write_text("a,b\n1,2\n")
    assert "no column looks like a ticket's number and a time" in slm.refuses("import", log, "--guess")
    assert "No such file" in slm.refuses("import", tmp_path / "none.csv", "--guess")


JIRA = {
    "issues": [
        {
            "key": "N-1",
            "fields": {
                "created": "2026-03-02T09:00:00.000+0000",
                "status": {"name": status},
                "project": {"name": "Hospital"},
            },
            "changelog": {"histories": []},
        }
        for status in ("Open", "Triage", "Wait for the vendor")
    ]
}


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("name", ["search.json", "-"])
def test_the_shipped_mapping_that_fits_nested_records_is_proposed(
    slm: Slm, database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, indent: int | None
) -> None:
    text = json.dumps(JIRA, indent=indent)
    log, mine = tmp_path / "search", tmp_path / "mine.toml"
    log.write_text(text)
    (tmp_path / "search.json").write_text(text)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    proposed = slm.does("import", "-" if name == "-" else tmp_path / name, "--guess")
    assert proposed.startswith("# The shipped mapping jira fits: import with --mapping jira;")
    assert proposed.splitlines()[-3:] == [
        '"Wait for the vendor" = "awaiting_supplier"',
        "# choose for each of these, or its rows are rejected: new, in_progress, awaiting_user, "
        "awaiting_supplier, awaiting_problem, awaiting_evidence, resolved, closed, cancelled",
        '# "Triage" = ""',
    ]
    mine.write_text(proposed)
    told = slm.tells("import", log, "--mapping", mine)
    assert (told["source"], told["new_tickets"], told["rejected"]) == ("jira", 1, 2)


def test_one_record_a_line_fits_by_its_history(slm: Slm, tmp_path: Path) -> None:
    log = tmp_path / "issues.jsonl"
    log.write_text("\n".join(map(json.dumps, JIRA["issues"])))
    assert slm.does("import", log, "--guess").startswith("# The shipped mapping jira fits")
    plain = {"number": "1", "state": "open", "created_at": "2026-03-02T09:00Z"}
    log.write_text(json.dumps(plain))
    assert 'external_id = "number"' in slm.does("import", log, "--guess"), "no history: a row a ticket"
    log.write_text(json.dumps(plain | {"history": []}))
    assert slm.does("import", log, "--guess").startswith("# The shipped mapping zammad fits")


def test_a_mapping_is_proposed_for_standard_input(slm: Slm, monkeypatch: pytest.MonkeyPatch) -> None:
    for content, said in ((TICKETS.encode(), ""), (b"", "standard input: the file is empty")):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        if said:
            assert slm.refuses("import", "-", "--guess") == said
        else:
            proposed = slm.does("import", "-", "--guess")
            assert 'name = "mine"' in proposed and 'resolved_at = "resolved_at"' in proposed


@pytest.mark.parametrize("date_format", ["%Q", "%H:%M", "%d.%m. %H:%M", "%", "%d %d", "soon", "", "%Y-%m"])
def test_a_format_that_names_no_date_is_refused_at_once(
    slm: Slm, database: Path, tmp_path: Path, date_format: str
) -> None:
    log = tmp_path / "tickets.csv"
    log.write_text(TICKETS)
    said = slm.refuses("import", log, "--mapping", "tickets", "--date-format", date_format)
    assert f"date_format: '{date_format}' names no day, month and year" in said


def test_an_import_of_which_nothing_is_left_fails(slm: Slm, database: Path, tmp_path: Path) -> None:
    log = tmp_path / "tickets.csv"
    log.write_text("id,opened_at\n1,never\n2,never\n")
    how = ("import", log, "--mapping", "tickets", "--date-format", "iso")
    ran = slm(*how)
    assert ran.code == 1 and ran.out.startswith("2 rows of 0 tickets read") and "2 rows rejected" in ran.err
    ran = slm(*how, "--json")
    assert ran.code == 1 and json.loads(ran.out)["rejected"] == 2
    log.write_text("id,opened_at\n1,never\n2,2026-03-02T09:00Z\n")
    assert slm.tells(*how)["rejected"] == 1
    log.write_text("id,opened_at\n")
    assert slm.tells(*how)["rows"] == 0


def test_a_column_that_counts_and_stands_there_twice_is_refused_until_somebody_says(
    slm: Slm, database: Path, tmp_path: Path
) -> None:
    log, mine = tmp_path / "desk.csv", tmp_path / "mine.toml"
    log.write_text(
        "id,opened_at,priority,note,customer,priority,note,id\n1,2026-03-02T09:00Z,1,a,Hospital,2,b,7\n"
    )
    said = slm.refuses("import", log, "--mapping", "tickets")
    assert said == (
        f"{log}: the column id, priority stands there more than once: name each another way, or set "
        'repeated_columns = "first" in the mapping'
    )
    mine.write_text(slm.does("import", log, "--guess"))
    assert 'repeated_columns = "first" # of id, priority, which stand there twice' in mine.read_text()
    assert slm.tells("import", log, "--mapping", mine)["new_tickets"] == 1


def test_the_stores_own_headers_are_guessed_and_a_priority_before_an_urgency(
    slm: Slm, tmp_path: Path
) -> None:
    log = tmp_path / "own.csv"
    log.write_text(
        "service,requester,urgency,priority,external_id,opened_at,resolved_at,group,line,request_type\n"
        "E-mail,desk,2,1,T-1,2026-03-02T09:00Z,2026-03-02T10:00Z,mail,first line,incident\n"
    )
    proposed = slm.does("import", log, "--guess")
    for thing in (
        "external_id",
        "opened_at",
        "resolved_at",
        "service",
        "requester",
        "priority",
        "group",
        "line",
    ):
        assert f'{thing} = "{thing}"' in proposed
    assert "urgency" not in proposed


def test_all_rows_are_read_for_their_states_and_what_is_not_known_is_left_to_a_person(
    slm: Slm, database: Path, tmp_path: Path
) -> None:
    words = [
        "New",
        "Re-opened",
        "Unresolved",
        "Not completed",
        "Zurückgestellt",
        "-100",
        "on_hold",
        "Resolved",
    ]
    rows = [f"{number},{words[0]},2026-03-02T09:00Z" for number in range(2_100)]
    rows += [f"{number},{word},2026-03-02T10:00Z" for number, word in enumerate(words[1:])]
    log = tmp_path / "desk.csv"
    log.write_text("\n".join(["id,state,updated_at", *rows]) + "\n")
    proposed = slm.does("import", log, "--guess").splitlines()
    assert proposed[-9:-1] == [
        '"New" = "new"',
        '"Re-opened" = "in_progress"',
        '"on_hold" = "awaiting_user"',
        '"Resolved" = "resolved"',
        "# choose for each of these, or its rows are rejected: new, in_progress, awaiting_user, "
        "awaiting_supplier, awaiting_problem, awaiting_evidence, resolved, closed, cancelled",
        '# "Unresolved" = ""',
        '# "Not completed" = ""',
        '# "Zurückgestellt" = ""',
    ]
    mine = tmp_path / "mine.toml"
    mine.write_text("\n".join(proposed))
    assert slm.tells("import", log, "--mapping", mine)["rejected"] == 4


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
    ("name", "value", "said"),
    [
        ("resolution", ".inf", "value is no number"),
        ("resolution", ".nan", "value is no number"),
        ("resolution", "9" * 400, "value is no number"),
        ("resolution", "1.0e+300", "over a century"),
        ("latency", "-.inf", "value is no number"),
    ],
)
def test_openslo_numbers_that_are_none_are_left_out(
    slm: Slm, tmp_path: Path, name: str, value: str, said: str
) -> None:
    document = tmp_path / "slo.yaml"
    metric = "indicator: {metadata: {name: x}, spec: {thresholdMetric: {}}}"
    document.write_text(
        f"kind: SLO\nmetadata: {{name: {name}}}\n"
        f"spec: {{{metric}, objectives: [{{op: lte, value: {value}, target: 0.9}}]}}\n"
    )
    assert said in slm.tells("import", document, "--mapping", "openslo")["left_out"][name]


RATIOS = """
apiVersion: openslo/v1
kind: SLI
metadata: {name: good requests}
spec: {ratioMetric: {counter: true, good: {}, total: {}}}
---
apiVersion: openslo/v1
kind: SLO
metadata: {name: requests}
spec: {service: web, indicatorRef: good requests, objectives: [{target: 0.999}]}
---
apiVersion: openslo/v1
kind: SLO
metadata: {name: speed}
spec:
  indicator: {metadata: {name: latency}, spec: {thresholdMetric: {}}}
  objectives: [{op: lt, value: 250.5, targetPercent: 95}]
---
apiVersion: openslo/v1
kind: SLO
metadata: {name: slices}
spec: {indicatorRef: good requests, objectives: [{target: 0.99, timeSliceTarget: 0.9}]}
"""


def test_openslo_metrics_become_targets_of_measured_values(slm: Slm, tmp_path: Path) -> None:
    document = tmp_path / "slo.yaml"
    document.write_text(RATIOS)
    told = slm.tells("import", document, "--mapping", "openslo")
    requests, speed = [TargetPart.model_validate(target) for target in told["targets"]]
    assert (requests.indicator, requests.measure, requests.objective) == ("ratio", "good-requests", 0.999)
    assert requests.population == {"service": "web"}
    assert (speed.indicator, speed.measure, speed.objective) == ("value", "latency", 0.95)
    assert (speed.bound, speed.bound_side) == (250.5, "at most")
    assert told["left_out"].keys() == {"slices"}
    assert any("under the names of the SLIs" in sentence for sentence in told["assumed"])


def test_measured_values_come_by_file_and_by_feed(
    slm: Slm, database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "values.csv"
    file.write_text("name,period,value,total\nrequests,2026-03,990,1000\nrequests,2026-04,7,5\n")
    told = slm.tells("import", file, "--mapping", "values", "--source", "desk")
    assert (told["source"], told["rows"], told["new_values"], told["new_tickets"]) == ("desk", 2, 1, 0)
    again = slm.does("import", file, "--mapping", "values", "--source", "desk")
    assert again.startswith("2 rows read") and "0 values are new" in again
    line = {"name": "csat", "at": "2026-03-02T09:00Z", "value": 5, "customer": "Hospital"}
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(line).encode() + b"\n")))
    assert slm.tells("import", "-", "--mapping", "values", "--source", "desk")["new_values"] == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a: [", "no YAML"),
        ("a: &x [1]\nb: *x\n", "no OpenSLO document of the kind SLO"),
        ("a: " + "[" * 50_000, "more than 50 levels deep (line 1, "),
        ("- " * 50_000, "more than 50 levels deep (line 1, "),
        ("kind: SLO\n---\nb: !!int x\n", "'x' is no whole number (line 3, "),
        ("a: !!timestamp noon", "no YAML"),
        ("a: !!bool noon", "no YAML"),
        ("kind: Service\n", "no OpenSLO document of the kind SLO"),
    ],
)
def test_openslo_that_is_none(slm: Slm, tmp_path: Path, content: str, said: str) -> None:
    document = tmp_path / "slo.yaml"
    document.write_text(content)
    assert said in slm.refuses("import", document, "--mapping", "openslo")
