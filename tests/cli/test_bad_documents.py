"""Agreement documents that are none: what is wrong, and where; nothing of them is written."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.command_line import Slm
from tests.scenes.granite_works import OWNER_ADDRESS, REFERENCE, agreement, write_agreement


def _with_target(**changes: Any) -> dict[str, Any]:
    first, second = agreement()["targets"]
    return agreement(targets=[first | changes, second])


def _with_hours(**changes: Any) -> dict[str, Any]:
    return agreement(calendars={"office": {"zone": "UTC", "weekly": {"mon": ["08:00-18:00"]}} | changes})


_WRONG = {
    "unknown field": (agreement(colour="red"), "colour: Extra inputs are not permitted"),
    "missing field": (
        {name: part for name, part in agreement().items() if name != "title"},
        "title: Field required",
    ),
    "reference with a space": (agreement(reference="SLA 1"), "reference: "),
    "unknown kind": (agreement(kind="XLA"), "kind: Input should be 'SLA', 'OLA' or 'UC'"),
    "unknown owner": (
        agreement(owner="nobody@granite.example"),
        "nobody@granite.example is not among the people of the provider or the customer",
    ),
    "unknown signatory": (
        agreement(signatories=[{"email": "nobody@granite.example", "side": "customer"}]),
        "nobody@granite.example is not among the people of the provider or the customer",
    ),
    "unknown side": (
        agreement(signatories=[{"email": OWNER_ADDRESS, "side": "both"}]),
        "signatories.0.side: Input should be 'provider' or 'customer'",
    ),
    "address that is none": (
        agreement(customer={"name": "Granite Works", "people": [{"name": "Owner", "email": "owner"}]}),
        "customer.people.0.email: ",
    ),
    "requirement about nothing": (
        agreement(requirements=[{"text": "fast", "target": "P9"}]),
        "requirement 'fast': there is no target 'P9'",
    ),
    "trial of no day": (agreement(trial_days=0), "trial_days: "),
    "unknown period": (agreement(review_period="week"), "review_period: "),
    "target twice": (_with_target(id="P3"), "target P3 is there twice"),
    "threshold in words": (
        _with_target(threshold="a day"),
        "targets.0.threshold: write a working time like 4 h, 30 min or 90 s",
    ),
    "threshold in working days": (
        _with_target(threshold="3 working days"),
        "targets.0.threshold: state 3 working days in hours of the calendar, such as 30 h where a day has 10",
    ),
    "threshold of nothing": (_with_target(threshold=0), "targets.0.threshold: "),
    "objective in words": (
        _with_target(objective="most %"),
        "targets.0.objective: write a share like 90 % or 0.9",
    ),
    "objective above all": (_with_target(objective="110 %"), "targets.0.objective: "),
    "unknown calendar": (_with_target(calendar="night"), "target P2: there is no calendar 'night'"),
    "unknown attribute": (
        _with_target(population={"colour": "red"}),
        "targets.0.population: there is no ticket attribute 'colour'; "
        "there are: priority, service, category, request_type",
    ),
    "unknown indicator": (_with_target(indicator="charm"), "targets.0.indicator: "),
    "unknown state": (_with_target(pause_states=["asleep"]), "targets.0.pause_states.0: "),
    "unknown zone": (_with_hours(zone="Mars/Base"), "calendars.office.zone: 'Mars/Base' is not a known"),
    "unknown weekday": (
        _with_hours(weekly={"monday": ["08:00-18:00"]}),
        "calendars.office.weekly: 'monday' is not a weekday",
    ),
    "hours in words": (
        _with_hours(weekly={"mon": ["office hours"]}),
        "calendars.office.weekly: 'office hours' is not a window",
    ),
    "holiday that is no day": (_with_hours(holidays=["2026-13-01"]), "calendars.office.holidays.0: "),
}


@pytest.mark.parametrize("wrong", _WRONG)
def test_a_document_that_is_wrong_somewhere(slm: Slm, database: Path, tmp_path: Path, wrong: str) -> None:
    content, said = _WRONG[wrong]
    file = tmp_path / "wrong.yaml"
    file.write_text(yaml.safe_dump(content), "utf-8")
    before = database.read_bytes()
    assert slm.refuses("apply", file).startswith(f"{file}: {said}")
    assert database.read_bytes() == before


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"reference: [", "this is no YAML: "),
        (b"- reference: SLA-1", "an agreement is a table of fields, such as `reference: SLA-1`"),
        (b"", "an agreement is a table of fields, such as `reference: SLA-1`"),
        (b"title: \xff\xfe", "this is no text in UTF-8"),
        (b"\0", "this is no YAML: "),
        (b"title: 2026-02-30", "this is no YAML: '2026-02-30' is no date or time (line 1, column 8)"),
        (b"a: " + b"[" * 20_000, "this is no YAML: more than 50 levels deep (line 1, column 53)"),
        (b'title: !!python/object/apply:os.system ["true"]', "this is no YAML: "),
    ],
)
def test_a_file_that_is_no_document(
    slm: Slm, database: Path, tmp_path: Path, content: bytes, said: str
) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_bytes(content)
    assert slm.refuses("apply", file).startswith(f"{file}: {said}")


@pytest.mark.parametrize("end", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"])
def test_an_end_outside_all_years(slm: Slm, database: Path, tmp_path: Path, end: str) -> None:
    file = write_agreement(tmp_path / "granite.yaml", valid_until=end)
    assert slm.refuses("apply", file) == f"{end} lies in no year that UTC has"


def test_a_text_that_is_not_utf_8_on_the_command_line(slm: Slm, database: Path, tmp_path: Path) -> None:
    file = write_agreement(tmp_path / "granite.yaml")
    said = slm.refuses("apply", file, "--by", "\udcff")
    assert said == "'\\udcff' in a text cannot be written as UTF-8"
    assert slm.tells("agreements") == []


def test_a_file_that_cannot_be_read(slm: Slm, database: Path, tmp_path: Path) -> None:
    assert slm.refuses("apply", tmp_path) == f"{tmp_path}: Is a directory"
    missing = tmp_path / "missing.yaml"
    assert slm.refuses("apply", missing) == f"{missing}: No such file or directory"


def test_a_person_of_somebody_else(slm: Slm, database: Path, tmp_path: Path) -> None:
    slm.does("apply", write_agreement(tmp_path / "granite.yaml"))
    other = agreement(reference="SLA-Other", customer=agreement()["customer"] | {"name": "Slate Works"})
    file = tmp_path / "other.yaml"
    file.write_text(yaml.safe_dump(other), "utf-8")
    assert slm.refuses("apply", file) == f"{OWNER_ADDRESS} belongs to Granite Works already"
    assert [row["reference"] for row in slm.tells("agreements")] == [REFERENCE]


def test_an_agreement_without_a_draft_is_not_rewritten(slm: Slm, database: Path, tmp_path: Path) -> None:
    file = write_agreement(tmp_path / "granite.yaml")
    slm.does("apply", file)
    slm.does("advance", REFERENCE, "skip_trial", "--reason", "it was like this for years")
    before = slm.does("export", REFERENCE)
    said = slm.refuses("apply", file)
    assert said == f"{REFERENCE} has no draft in signing: rework or renegotiate it first"
    assert slm.does("export", REFERENCE) == before
