"""Bad input: one clear line on standard error, exit code 1, 2 for wrong usage, and nothing half-written."""

from datetime import date
from pathlib import Path

import pytest

from config.settings import settings
from tests.cli.command_line import Slm
from tests.scenes.granite_works import REFERENCE, Morning, write_agreement, write_tickets

_REPLAY = ("--mapping", "sample", "--from", "2026-03-02", "--to", "2026-03-31")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    first, last = date(2026, 3, 2), date(2026, 3, 6)
    return write_tickets(tmp_path / "log.csv", first, last, Morning("2", (1, 2)))


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """Files that are not what they should be, by what they are."""
    found = {name: tmp_path / name for name in ("missing.csv", "folder", "text.csv.gz", "empty.csv")}
    found["folder"].mkdir()
    found["text.csv.gz"].write_text("ticket,state\n", "utf-8")
    found["empty.csv"].touch()
    return found


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("missing.csv", "No such file or directory"),
        ("folder", "Is a directory"),
        ("text.csv.gz", "not packed with gzip, though its name ends in .gz"),
        ("empty.csv", "the file is empty"),
    ],
)
def test_a_log_that_cannot_be_read(
    slm: Slm, database: Path, files: dict[str, Path], name: str, said: str
) -> None:
    assert slm.refuses("import", files[name], "--mapping", "sample") == f"{files[name]}: {said}"
    assert slm.refuses("replay", files[name], *_REPLAY) == f"{files[name]}: {said}"
    assert slm.tells("agreements") == []


def test_a_mapping_that_does_not_exist(slm: Slm, database: Path, log: Path) -> None:
    said = slm.refuses("import", log, "--mapping", "remedy")
    assert said.startswith("there is no mapping 'remedy'; there are boston-311, feed, ")
    assert said.endswith("zammad-tickets, or a path to a .toml file")
    assert "No such file" in slm.refuses("import", log, "--mapping", "mine.toml")


def test_a_mapping_file_that_is_none(slm: Slm, database: Path, log: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text("name = [", "utf-8")
    assert slm.refuses("import", log, "--mapping", mine).startswith(f"mapping {mine}: ")
    mine.write_text('name = "mine"\n[columns]\nstate = "state"\n[states]\n', "utf-8")
    assert slm.refuses("import", log, "--mapping", mine).startswith(f"mapping {mine}: columns.")


def test_a_column_that_the_log_lacks(slm: Slm, database: Path, log: Path) -> None:
    said = slm.refuses("import", log, "--mapping", "sample", "--customer-by", "region")
    assert said.startswith(f"{log}: no column region (mapping sample); the columns are ticket, state,")
    assert "no column" in slm.refuses("import", log, "--mapping", "uci-incident")


def test_a_refused_import_writes_nothing(slm: Slm, database: Path, log: Path, tmp_path: Path) -> None:
    before = database.read_bytes()
    text = log.read_text("utf-8")
    log.write_bytes(text.encode() + b"\xff\xfe,\n")
    assert "not utf-8 text" in slm.refuses("import", log, "--mapping", "sample")
    assert database.read_bytes() == before
    log.write_text(text, "utf-8")
    assert slm.tells("import", log, "--mapping", "sample")["new_tickets"] == 10


def test_rows_that_are_rejected_are_named_and_do_not_stop_the_rest(
    slm: Slm, database: Path, log: Path
) -> None:
    with log.open("a", encoding="utf-8") as file:
        file.write("T-1,dancing,2026-03-02T09:00Z,2026-03-02T09:00Z,Granite Works,,2,,,,,\n")
    ran = slm("import", log, "--mapping", "sample")
    (kept,) = (settings().var / "rejected").glob("log.sample.*.rejected.csv")
    assert (ran.code, ran.err) == (0, f"1 rows rejected, see {kept}\n")
    assert "state 'dancing' is not in the mapping sample" in kept.read_text("utf-8")


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2026-13-01", "2026-04-01", "'2026-13-01' is no date: write it like 2026-03-01"),
        ("March", "2026-04-01", "'March' is no date: write it like 2026-03-01"),
        ("2026-03-02", "31.3.2026", "'31.3.2026' is no date: write it like 2026-03-01"),
        ("2026-03-02", "2026-03-01", "--to 2026-03-01 lies before --from 2026-03-02"),
        ("2026-03-02", "9999-12-31", "'9999-12-31' is too far away: a year from 1970 to 2199 is wanted"),
    ],
)
def test_days_of_a_replay_that_cannot_be(slm: Slm, log: Path, first: str, last: str, said: str) -> None:
    assert slm.refuses("replay", log, "--mapping", "sample", "--from", first, "--to", last) == said


def test_a_replay_without_enough_tickets(slm: Slm, log: Path) -> None:
    said = slm.refuses("replay", log, *_REPLAY)
    assert said == (
        "no customer has tickets enough from 2026-03-02 to 2026-03-31: "
        "Granite Works: 10 tickets, at least 30 are needed"
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("targets: [", "this is no YAML"),
        ("targets: [{id: P2, from: 2026-02-30}]", "'2026-02-30' is no date or time (line 1, column 26)"),
        ("targets: " + "[" * 20_000, "this is no YAML: more than 50 levels deep"),
        ("- P2", "a list `targets` is wanted, each with id, threshold and objective"),
        ("targets: []", "a list `targets` is wanted, each with id, threshold and objective"),
        ("targets: [P2]", "targets.0: "),
        ("targets: [{id: P2, threshold: 8 h}]", "targets.0: a target of resolution needs an objective"),
        ("targets: [{id: P2, threshold: soon, objective: 0.9}]", "targets.0.threshold: write a working time"),
        (
            "targets: [{id: P2, threshold: 8 h, objective: 0.9}]\nour: x",
            "our: Extra inputs are not permitted",
        ),
        (
            "targets: [{id: P2, threshold: 8 h, objective: 0.9}, {id: P2, threshold: 9 h, objective: 0.9}]",
            "target P2 is there twice",
        ),
        (
            "targets: [{id: P2, threshold: 8 h, objective: 0.9, calendar: night}]",
            "there is no calendar 'night'",
        ),
    ],
)
def test_stated_requirements_that_are_none(
    slm: Slm, log: Path, tmp_path: Path, content: str, said: str
) -> None:
    stated = tmp_path / "stated.yaml"
    stated.write_text(content, "utf-8")
    refused = slm.refuses("replay", log, *_REPLAY, "--requirements", stated)
    assert refused.startswith(f"{stated}: ") and said in refused


def test_things_that_do_not_exist(slm: Slm, database: Path, tmp_path: Path) -> None:
    unknown = "there is no agreement 'SLA-9': `slm agreements` lists them"
    assert slm.refuses("show", "SLA-9") == unknown
    assert slm.refuses("export", "SLA-9") == unknown
    assert slm.refuses("advance", "SLA-9", "offer") == unknown
    assert slm.refuses("targets", "adopt", "SLA-9", "P2") == unknown
    slm.does("apply", write_agreement(tmp_path / "granite.yaml"))
    assert slm.refuses("export", REFERENCE, "--version", "7") == f"{REFERENCE} has no version 7"
    said = slm.refuses("targets", "adopt", REFERENCE, "P7")
    assert said == f"{REFERENCE}: there is no target 'P7'; there are: P2, P3"
    said = slm.refuses("targets", "adopt", REFERENCE, "P2")
    assert said == f"{REFERENCE}: there is no counter-offer for target P2"


def test_a_number_that_no_database_holds(slm: Slm, database: Path) -> None:
    said = slm.refuses("exclusions", "withdraw", "9" * 30, "--reason", "mistaken")
    assert said == "a number is larger than the database can hold"


@pytest.mark.parametrize(
    "typed",
    [
        (),
        ("fly",),
        ("show",),
        ("show", "SLA-1", "--colour"),
        ("advance", "SLA-1"),
        ("advance", "SLA-1", "fly"),
        ("tick", "--only", "dusting"),
        ("advance", "SLA-1", "offer", "--expected-version", "one"),
        ("import", "log.csv"),
        ("replay", "log.csv", "--mapping", "sample"),
        ("targets",),
        ("targets", "accept-risk", "SLA-1", "P2"),
        ("sample", "--days", "7"),
        ("sample", "--seed", "-1"),
        ("up", "--port", "0"),
        ("up", "--port", "http"),
    ],
    ids=" ".join,
)
def test_wrong_usage(slm: Slm, typed: tuple[str, ...]) -> None:
    ran = slm(*typed)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Usage: slm") and "Traceback" not in ran.err


def test_a_sample_folder_that_is_a_file(slm: Slm, files: dict[str, Path]) -> None:
    said = slm.refuses("sample", files["empty.csv"], "--until", "2026-03-31", "--days", "30")
    assert said == f"sample folder {files['empty.csv']}: File exists"
