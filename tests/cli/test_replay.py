"""`slm replay`: the whole cycle over a history: a small sample, and a real log where that is at hand."""

import csv
import gzip
import json
import os
import re
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, Self

import pytest
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlmodel import select

from evidence.instants import wall_time_reader
from evidence.mappings import load_mapping
from evidence.sample import generate_sample
from mail.links import PATHS
from models.database import open_engine, reading
from models.letters import OutboxLetter
from tests.cli.command_line import Slm
from tests.scenes.granite_works import Morning, write_tickets

Verdict = Literal["met", "not met", "not enough evidence"]
Stage = Literal["requirements", "trial_run", "signing", "monitoring", "review", "renegotiation", "ended"]


class _Told(BaseModel):
    """What a program may rely on; there may be more."""

    model_config = ConfigDict(extra="allow", strict=True)


class Tickets(_Told):
    rows: int
    tickets: int
    rejected: int


class Happened(_Told):
    at: AwareDatetime
    trigger: str
    origin: Stage = Field(alias="from")
    to: Stage


class Target(_Told):
    id: str
    indicator: str
    population: dict[str, str]
    threshold_s: int
    objective: float


class Version(_Told):
    number: int
    status: Literal["draft", "offered", "in force", "superseded", "abandoned"]
    sha256: str | None
    targets: list[Target]


class CounterOffer(_Told):
    threshold_s: int
    objective: float


class Tried(_Told):
    target: str
    known: int
    hits: int
    undecided: int
    lower: float
    upper: float
    verdict: Verdict
    counter_offer: CounterOffer | None


class Planned(_Told):
    """A target of a trial that still runs has no figures yet."""

    target: str
    needed: int
    expected: float


class Trial(_Told):
    version: int
    start: AwareDatetime = Field(alias="from")
    to: AwareDatetime
    state: Literal["running", "concluded", "abandoned"]
    targets: list[Tried | Planned]


class Assessment(_Told):
    version: int
    target: str
    start: AwareDatetime = Field(alias="from")
    to: AwareDatetime
    known: int
    hits: int
    undecided: int
    verdict: Verdict


class Review(_Told):
    at: AwareDatetime
    recommendation: Literal["renew", "renegotiate"]
    decision: Literal["", "renew", "renegotiate"]
    findings: list[str]


class Agreement(_Told):
    reference: str
    customer: str
    stage: Stage
    history: list[Happened]
    versions: list[Version]
    trials: list[Trial]
    assessments: list[Assessment]
    reviews: list[Review]


class LeftOut(_Told):
    customer: str
    reason: str


class Replayed(_Told):
    tickets: Tickets
    agreements: list[Agreement]
    left_out: list[LeftOut]
    letters: int
    seconds: float

    @classmethod
    def read(cls, told: Any) -> Self:
        """Read what `--json` printed, without mending anything."""
        return cls.model_validate_json(json.dumps(told))

    def tried(self) -> list[Tried]:
        """Return the results of every trial that was concluded."""
        trials = [trial for row in self.agreements for trial in row.trials if trial.state == "concluded"]
        return [result for trial in trials for result in trial.targets if isinstance(result, Tried)]


def _as_program(folder: Path, *arguments: object) -> Any:
    ran = subprocess.run(
        [sys.executable, "-m", "cli.main", "replay", *map(str, arguments), "--json"],
        cwd=Path(__file__).parents[2],
        env=os.environ | {"SLM_VAR": str(folder)},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    return json.loads(ran.stdout)


_LAST_KNOWN = datetime(2016, 5, 20, 15)
"""When people read their letters on the last day of the shorter replay."""


@pytest.fixture(scope="module")
def real_log(shared: Path) -> Path:
    return shared / "data" / "uci_incident" / "incident_event_log_4_locations.csv.gz"


@pytest.fixture(scope="module")
def real(real_log: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What the replay of the real log tells, over its four busy months."""
    where = ("--mapping", "uci-incident", "--customer-by", "location")
    days = ("--from", "2016-03-01", "--to", "2016-06-30")
    return _as_program(tmp_path_factory.mktemp("real"), real_log, *where, *days)


@pytest.mark.campaign
class TestRealLog:
    def test_it_is_told_in_the_agreed_form(self, real: Any) -> None:
        told = Replayed.read(real)
        assert (told.tickets.rows, told.tickets.tickets) == (40_936, 7_348)
        assert told.letters > 0
        assert told.seconds > 0

    def test_the_whole_cycle_happens(self, real: Any) -> None:
        told = Replayed.read(real)
        moves = [move for row in told.agreements for move in row.history]
        visited = {move.origin for move in moves} | {move.to for move in moves}
        assert visited == {
            *("requirements", "trial_run", "signing", "monitoring", "review", "renegotiation"),
        }
        assert any(row.verdict == "not met" and row.counter_offer for row in told.tried())
        assert any(move.trigger == "renegotiate" for move in moves)
        versions = [version for row in told.agreements for version in row.versions]
        assert any(version.number == 2 and version.status == "in force" for version in versions)
        assert any(row.reviews and row.reviews[0].findings for row in told.agreements)

    def test_moves_follow_on_each_other(self, real: Any) -> None:
        for row in Replayed.read(real).agreements:
            assert row.history[0].origin == "requirements" and row.history[-1].to == row.stage
            steps = zip(row.history, row.history[1:], strict=False)
            assert all(before.to == after.origin for before, after in steps)
            assert [move.at for move in row.history] == sorted(move.at for move in row.history)

    def test_sealed_versions_have_a_hash_of_their_own(self, real: Any) -> None:
        versions = [version for row in Replayed.read(real).agreements for version in row.versions]
        sealed = [version.sha256 for version in versions if version.status in ("in force", "superseded")]
        assert all(hash_ and re.fullmatch("[0-9a-f]{64}", hash_) for hash_ in sealed)
        assert len(set(sealed)) == len(sealed)

    def test_what_is_signed_is_the_counter_offer_or_an_accepted_risk(self, real: Any) -> None:
        for row in real["agreements"]:
            first = {target["id"]: target for target in row["versions"][0]["targets"]}
            for tried in row["trials"][0]["targets"]:
                target, offer = first[tried["target"]], tried["counter_offer"]
                signed = {"threshold_s": target["threshold_s"], "objective": target["objective"]}
                assert tried["verdict"] == "met" or signed == offer or target["accepted_risk"]

    def test_customers_without_enough_tickets_are_named_with_the_reason(self, real: Any) -> None:
        left_out = {row["customer"]: row["reason"] for row in real["left_out"]}
        assert left_out["Location 136"] == "2 tickets, at least 30 are needed"
        assert left_out["(no customer)"] == "7 tickets without a customer"
        assert not left_out.keys() & {row["customer"] for row in real["agreements"]}

    def test_nothing_is_seen_before_it_was_known(self, real: Any, real_log: Path, tmp_path: Path) -> None:
        """A log that ends on the last day gives, up to that day, what the log of the whole year gives."""
        where = ("--mapping", "uci-incident", "--customer-by", "location")
        days = ("--from", "2016-03-01", "--to", _LAST_KNOWN.date())
        cut = _as_program(tmp_path, _cut(real_log, tmp_path / "cut.csv.gz"), *where, *days)
        assert cut["tickets"]["rows"] < real["tickets"]["rows"]
        until = f"{_LAST_KNOWN:%Y-%m-%dT%H:%M}"
        for shorter, longer in zip(cut["agreements"], real["agreements"], strict=True):
            assert shorter["reference"] == longer["reference"]
            assert shorter["history"] == [move for move in longer["history"] if move["at"][:16] <= until]
            for part in ("assessments", "reviews"):
                assert shorter[part] == longer[part][: len(shorter[part])]
            concluded = [trial for trial in shorter["trials"] if trial["state"] == "concluded"]
            assert concluded and concluded == longer["trials"][: len(concluded)]
            for before, after in zip(shorter["versions"], longer["versions"], strict=False):
                assert before["status"] == "draft" or before["sha256"] == after["sha256"]
        assert any(row["reviews"] for row in cut["agreements"])


def _cut(log: Path, path: Path) -> Path:
    """Write the rows of a log that were written until `_LAST_KNOWN`."""
    mapping = load_mapping("uci-incident")
    wall_time = wall_time_reader(mapping.date_format)
    with (
        gzip.open(log, "rt", encoding=mapping.encoding, newline="") as whole,
        gzip.open(path, "wt", encoding="utf-8", newline="") as start,
    ):
        reader = csv.DictReader(whole)
        writer = csv.DictWriter(start, list(reader.fieldnames or []))
        writer.writeheader()
        for row in reader:
            if wall_time(row[mapping.columns.updated_at]) <= _LAST_KNOWN:
                writer.writerow(row)
    return path


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The log of five months of the sample's three customers."""
    return generate_sample(tmp_path_factory.mktemp("sample"), until=date(2026, 5, 30), days=150).log


_SAMPLE = ("--mapping", "sample", "--from", "2026-01-01", "--to", "2026-05-30", "--provider", "Harbour IT")
_FOUR_WEEKS = ("--mapping", "sample", "--from", "2026-01-01", "--to", "2026-01-28")
_WEEKS = ("--mapping", "sample", "--from", "2026-01-01", "--to", "2026-03-12")


@pytest.mark.campaign
def test_a_sample_goes_through_the_cycle(slm: Slm, sample: Path) -> None:
    told = Replayed.read(slm.tells("replay", sample, *_SAMPLE))
    customers = [row.customer for row in told.agreements]
    assert customers == ["City Hospital", "Granite Works", "Riverside Schools"]
    assert told.left_out == [] and told.letters > 0
    assert all(row.versions[0].sha256 for row in told.agreements)
    assert any(row.verdict == "not met" and row.counter_offer for row in told.tried())
    assert any(row.reviews for row in told.agreements)


@pytest.mark.campaign
def test_the_same_input_is_told_the_same_way(slm: Slm, sample: Path) -> None:
    told, again = (slm.tells("replay", sample, *_WEEKS) for _ in range(2))
    assert told.pop("seconds") > 0 and again.pop("seconds") > 0
    assert told == again


@pytest.mark.campaign
def test_the_story_on_the_terminal(slm: Slm, sample: Path) -> None:
    ran = slm("replay", sample, *_WEEKS)
    assert (ran.code, ran.err) == (0, "")
    for words in (
        *("SLA-Granite-Works, Granite Works: ", "start_trial      requirements -> trial_run"),
        *("Trial run of version 1, 2026-01-15 to 2026-02-05", "counter-offer", "not met"),
        *("Version 1: ", "Delivered", "Review of ", "Survey on ", "letters written"),
    ):
        assert words in ran.out
    assert max(len(line) for line in ran.out.splitlines()) <= 140


def test_requirements_of_ones_own(slm: Slm, sample: Path, tmp_path: Path) -> None:
    stated = tmp_path / "stated.yaml"
    stated.write_text(
        "hours: {zone: Europe/Zurich, weekly: {mon: [07:00-19:00], tue: [07:00-19:00], wed: [07:00-19:00]}}\n"
        "targets:\n"
        "- {id: answer, indicator: response, threshold: 30 min, objective: 80 %}\n"
        "- {id: urgent, population: {priority: '2'}, threshold: 90 h, objective: 0.75}\n",
        "utf-8",
    )
    told = Replayed.read(slm.tells("replay", sample, *_FOUR_WEEKS, "--requirements", stated))
    for row in told.agreements:
        answer, urgent = row.versions[0].targets
        assert (answer.id, answer.indicator, answer.population) == ("answer", "response", {})
        assert (urgent.id, urgent.population) == ("urgent", {"priority": "2"})
        assert (urgent.threshold_s, urgent.objective) == (90 * 3600, 0.75)
        assert [result.target for result in row.trials[0].targets] == ["answer", "urgent"]


@pytest.mark.campaign
def test_nothing_is_kept_unless_asked_for(slm: Slm, sample: Path, database: Path) -> None:
    before = database.read_bytes()
    slm.does("replay", sample, *_FOUR_WEEKS)
    assert database.read_bytes() == before


@pytest.mark.campaign
def test_a_replay_that_is_kept_is_real_from_then_on(slm: Slm, sample: Path, database: Path) -> None:
    told = slm.tells("replay", sample, *_WEEKS, "--keep")
    listed = slm.tells("agreements")
    assert [(row["reference"], row["stage"]) for row in listed] == [
        (row["reference"], row["stage"]) for row in told["agreements"]
    ]
    shown = slm.tells("show", "SLA-Granite-Works")
    assert shown["history"] == next(
        row["history"] for row in told["agreements"] if row["reference"] == "SLA-Granite-Works"
    )
    assert "every chain is whole" in slm.does("audit", "verify")
    assert "simulated" in json.dumps(shown["history"])
    said = slm.refuses("replay", sample, *_WEEKS, "--keep")
    assert said == "--keep wants a database without agreements, and this one has some"
    _no_letter_holds_a_secret(database)


def _no_letter_holds_a_secret(database: Path) -> None:
    engine = open_engine(f"sqlite:///{database}")
    secret = re.compile(f"({'|'.join(PATHS.values())})[A-Za-z0-9_-]{{20}}")
    with reading(engine) as session:
        letters = session.exec(select(OutboxLetter)).all()
        assert letters and not any(secret.search(row.text) or secret.search(row.html) for row in letters)
    engine.dispose()


@pytest.mark.campaign
def test_customers_are_named_in_any_script(slm: Slm, tmp_path: Path) -> None:
    first, last = date(2026, 3, 2), date(2026, 3, 20)
    text = write_tickets(tmp_path / "log.csv", first, last, Morning("2", (2, 3, 4))).read_text("utf-8")
    header, rows = text.split("\n", 1)
    log = tmp_path / "all.csv"
    names = ("Zürich Süd", "苏州", "昆山", "A B", "A-B")
    log.write_text(header + "\n" + "".join(_of(rows, name) for name in names), "utf-8")
    days = ("--from", first, "--to", last)
    told = Replayed.read(slm.tells("replay", log, "--mapping", "sample", *days))
    assert {row.customer for row in told.agreements} == set(names)
    references = {row.reference for row in told.agreements}
    assert len(references) == len(names) and all(reference.isascii() for reference in references)
    assert told.left_out == []


def _of(rows: str, customer: str) -> str:
    """Return rows of a log as those of another customer, with tickets of its own."""
    lines = rows.replace("Granite Works", customer).splitlines()
    return "".join(f"{customer}-{line}\n" for line in lines)


def test_a_replay_of_one_day_says_why_it_has_no_agreement(slm: Slm, tmp_path: Path) -> None:
    monday = date(2026, 3, 2)
    log = write_tickets(tmp_path / "log.csv", monday, monday, Morning("2", (1,) * 40))
    said = slm.refuses("replay", log, "--mapping", "sample", "--from", monday, "--to", monday)
    assert said.endswith("Granite Works: 40 tickets, at least 30 are needed before the last day begins")


def test_a_kept_replay_needs_tables(slm: Slm, sample: Path) -> None:
    said = slm.refuses("replay", sample, *_WEEKS, "--keep")
    assert "has no tables yet: run `slm db upgrade`" in said
