"""Writing agreements: a document becomes a draft and a document again, and errors say what and where."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as some
from sqlmodel import Session, select

from config.errors import BadInputError, NotFoundError, SlmError
from models.agreements import Agreement
from models.parties import Party, Person
from models.versions import ServiceLevelTarget
from states import audit
from states.agreement_document import AgreementDocument, parse_document, read_document
from states.agreement_export import export_document
from states.document_parts import TargetPart
from states.drafting import apply_document, find_agreement
from states.drafts import differences
from states.move import Trigger
from states.text_differences import text_differences
from tests.states.builders import (
    MANAGER,
    MONDAY,
    OFFICE,
    P2,
    contents,
    document,
    draft,
    in_renegotiation,
    monitored,
    move,
    offered,
    person,
    rewrite,
    written,
)

STEP = {"target": "P2", "step": "first line", "budget": "2 h", "objective": "95 %", "carried_by": "Desk"}
PROVIDER, CUSTOMER = contents()["provider"], contents()["customer"]


def exported(agreement: Agreement) -> dict[str, Any]:
    return export_document(agreement, draft(agreement))


def test_an_exported_draft_is_the_document_that_was_applied(session: Session) -> None:
    whole = document(
        kind="OLA",
        cost={"amount": 1200.5, "currency": "EUR", "per": "month"},
        review_period="quarter",
        trial_days=14,
        customer=CUSTOMER | {"evidence_name": "HARBOUR"},
        targets=[P2, P2 | {"id": "P1", "indicator": "response", "pause_states": [], "objective": 0.925}],
    )
    told = exported(apply_document(session, whole, MANAGER, MONDAY))
    again = parse_document(yaml.safe_dump(told, allow_unicode=True), "copy")
    assert again == AgreementDocument.model_validate(told)
    assert {part.id: part for part in again.targets} == {part.id: part for part in whole.targets}
    assert again.model_dump(exclude={"targets"}) == whole.model_dump(exclude={"targets"})


texts = some.text(some.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), min_size=1, max_size=30)
timed: dict[Any, Any] = {"threshold": some.integers(60, 10**6), "objective": some.floats(0.01, 0.999)}
on_days = timed | {"weekdays": some.lists(some.sampled_from(["mon", "sat", "sun"]), unique=True)}
ticket_states = some.lists(
    some.sampled_from(["in_progress", "awaiting_user", "awaiting_supplier"]), unique=True, min_size=1
)
about_a_service: dict[str, Any] = {"population": some.dictionaries(some.just("service"), texts)}
fields = [
    *({"indicator": some.just(name)} | on_days for name in ("response", "next update", "resolution")),
    {"indicator": some.just("step"), "line": texts} | timed,
    {"indicator": some.just("between states"), "from_states": ticket_states, "to_states": ticket_states}
    | timed,
    {"indicator": some.just("availability"), "objective": timed["objective"]},
    {"indicator": some.just("ratio"), "measure": texts, "objective": timed["objective"]} | about_a_service,
    about_a_service
    | {
        "indicator": some.just("value"),
        "measure": texts,
        "objective": timed["objective"],
        "bound": some.floats(-1e6, 1e6),
        "bound_side": some.sampled_from(["at most", "at least"]),
    },
    {"indicator": some.just("satisfaction"), "objective": timed["objective"]} | about_a_service,
    {"indicator": some.just("cost"), "bound": some.floats(0, 1e6)},
]
beside = {
    "id": some.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,8}", fullmatch=True),
    "population": some.dictionaries(some.sampled_from(["priority", "service", "category"]), texts),
    "calendar": some.just("office"),
    "pause_states": some.lists(some.sampled_from(["awaiting_user", "awaiting_supplier"]), unique=True),
    "reopening": some.sampled_from(["continue", "reset"]),
    "priority_change": some.sampled_from(["opening", "remaining"]),
}
targets = some.one_of([some.fixed_dictionaries(beside | own) for own in fields])
remarks = some.fixed_dictionaries(
    {
        "at": some.just("2026-03-02T08:00:00Z"),
        "by": texts,
        "act": some.sampled_from(["stated", "challenged", "accepted", "reduced", "dropped"]),
        "text": texts,
    }
)
requirements = some.fixed_dictionaries(
    {
        "text": texts,
        "origin": some.sampled_from(["customer", "provider", "senior management"]),
        "settlement": some.sampled_from(["open", "accepted", "reduced", "dropped"]),
        "reason": some.text(some.characters(codec="utf-8", categories=("L", "P")), max_size=10),
        "stated": some.fixed_dictionaries({}, optional=timed),
        "conversation": some.lists(remarks, max_size=2),
    }
)


@pytest.mark.campaign
@settings(max_examples=25)
@given(
    whole=some.fixed_dictionaries(
        {
            "title": texts,
            "services": some.lists(texts, max_size=3, unique=True),
            "targets": some.lists(targets, max_size=3, unique_by=lambda target: target["id"]),
            "requirements": some.lists(requirements, max_size=3),
            "trial_days": some.integers(1, 366),
            "notice_days": some.integers(0, 400),
            "valid_until": some.sampled_from([None, "2027-12-31T23:00:00Z"]),
        }
    )
)
def test_any_document_comes_back_as_it_was(kept_sqlite: Any, whole: dict[str, Any]) -> None:
    with Session(kept_sqlite) as session:
        before = document(**whole)
        told = exported(apply_document(session, before, MANAGER, MONDAY))
        after = parse_document(yaml.safe_dump(told, allow_unicode=True), "copy")
        assert sorted(after.services) == sorted(before.services)
        assert sorted(after.targets, key=_id) == sorted(before.targets, key=_id)
        assert (after.title, after.requirements) == (before.title, before.requirements)
        again = exported(apply_document(session, after, MANAGER, MONDAY))
        assert again == told


def _id(target: TargetPart) -> str:
    return target.id


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"reference": "SLA 1"}, "reference: String should match pattern"),
        ({"kind": "TLA"}, "kind: Input should be 'SLA', 'OLA' or 'UC'"),
        ({"owner": "nobody@x.example"}, "nobody@x.example is not among the people of the provider"),
        ({"review_period": "week"}, "review_period: Input should be 'month' or 'quarter'"),
        ({"trial_days": 0}, "trial_days: Input should be greater than or equal to 1"),
        ({"colour": "red"}, "colour: Extra inputs are not permitted"),
        ({"targets": [P2 | {"threshold": "soon"}]}, "targets.0.threshold: write a working time like 4 h"),
        (
            {"targets": [P2 | {"threshold": 8}]},
            "targets.0.threshold: 8 of what? Write a working time",
        ),
        ({"targets": [P2 | {"threshold": "0 h"}]}, "targets.0.threshold: Input should be greater than 0"),
        ({"targets": [P2 | {"threshold": "900000 h"}]}, "targets.0.threshold: Input should be less"),
        ({"targets": [P2 | {"objective": "x %"}]}, "targets.0.objective: write a share like 90 % or 0.9"),
        ({"targets": [P2 | {"objective": "100 %"}]}, "targets.0.objective: 100 % can never be shown"),
        ({"targets": [P2 | {"objective": 90}]}, "targets.0.objective: a share lies between 0 % and"),
        ({"targets": [P2, P2]}, "target P2 is there twice"),
        ({"targets": [P2 | {"calendar": "night"}]}, "target P2: there is no calendar 'night'"),
        (
            {"targets": [P2 | {"population": {"colour": "red"}}]},
            "targets.0.population: there is no ticket attribute 'colour'; there are: priority, service",
        ),
        (
            {"requirements": [{"text": "fast", "target": "P9"}]},
            "requirement 'fast': there is no target 'P9'",
        ),
        (
            {"calendars": {"office": OFFICE | {"zone": "Mars"}}},
            "calendars.office.zone: 'Mars' is not a known",
        ),
        (
            {"calendars": {"office": OFFICE | {"weekly": {}}}},
            "calendars: office has no working hours",
        ),
        ({"signatories": [{"email": "x@y.example", "side": "provider"}]}, "x@y.example is not among"),
        (
            {
                "customer": CUSTOMER
                | {"people": [{"name": "Zoe", "email": "z@h.example", "zone": "Mars/Base"}]}
            },
            "customer.people.0.zone: 'Mars/Base' is not a known IANA time zone",
        ),
        ({"cost": {"amount": float("nan")}}, "cost.amount"),
        ({"targets": [P2 | {"indicator": "step"}]}, "targets.0: a target of step needs the line"),
        (
            {"targets": [P2 | {"indicator": "availability"}]},
            "targets.0: a target of availability has no threshold",
        ),
        (
            {
                "targets": [
                    {name: part for name, part in P2.items() if name != "threshold"}
                    | {"indicator": "ratio", "measure": "requests"}
                ]
            },
            "targets.0: a target of ratio is about a service; its population says no more",
        ),
        ({"targets": [P2 | {"bound": 7}]}, "targets.0: a target of resolution has no bound"),
        (
            {"targets": [{name: part for name, part in P2.items() if name != "objective"}]},
            "targets.0: a target of resolution needs an objective, such as 90 %",
        ),
        (
            {"process_targets": [STEP | {"target": "P9"}]},
            "process target 'first line': there is no target 'P9'",
        ),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_bad_document_is_refused_with_what_and_where(changes: dict[str, Any], words: str) -> None:
    text = yaml.safe_dump(contents(**changes))
    with pytest.raises(BadInputError) as refusal:
        parse_document(text, "sla.yaml")
    said = str(refusal.value)
    assert said.startswith(f"sla.yaml: {words}") and "\n" not in said, said


def test_a_cost_that_cannot_be_sealed_is_refused() -> None:
    text = yaml.safe_dump(contents()).replace("cost", "") + "\ncost: {since: 2026-01-01}\n"
    with pytest.raises(BadInputError, match="sla.yaml: cost.since: "):
        parse_document(text, "sla.yaml")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "an agreement is a table of fields"),
        ("- 1", "an agreement is a table of fields"),
        ("a: [", "this is no YAML"),
        ("a: 1", "reference: Field required"),
        ("\x00", "this is no YAML"),
    ],
)
def test_what_is_no_document_is_refused(text: str, words: str) -> None:
    with pytest.raises(BadInputError, match=f"^x: .*{words}"):
        parse_document(text, "x")


def test_a_file_is_read_as_yaml_or_json_and_its_name_stands_in_errors(tmp_path: Path) -> None:
    for name, text in (("a.yaml", yaml.safe_dump(contents())), ("a.json", json.dumps(contents()))):
        (tmp_path / name).write_text(text)
        assert read_document(tmp_path / name) == document()
    with pytest.raises(BadInputError, match=r"none.yaml: No such file"):
        read_document(tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"title: \xe9")
    with pytest.raises(BadInputError, match=r"latin.yaml: this is no text in UTF-8"):
        read_document(tmp_path / "latin.yaml")


@pytest.mark.parametrize("objective", ["99.9 %", "92.3%", "1.1 %", "0.7 %", "57 %"])
def test_a_share_in_percent_is_the_share_that_it_says(objective: str) -> None:
    part = TargetPart.model_validate(P2 | {"objective": objective})
    assert part.objective == float(f"{float(objective.rstrip(' %')) / 100:.6g}")


def test_rewriting_replaces_the_whole_draft(session: Session) -> None:
    agreement = written(session)
    first = draft(agreement)
    rewrite(
        session,
        title="Another title",
        owner="operations@northwind.example",
        services=["Telephone"],
        targets=[P2 | {"id": "P7"}],
        requirements=[{"text": "Phones ring"}],
        signatories=[{"email": "managing@harbour.example", "side": "customer"}],
        trial_days=7,
    )
    told = exported(agreement)
    assert draft(agreement) is first and first.number == 1
    assert (agreement.title, agreement.owner.name) == ("Another title", "Head of delivery")
    assert [row["id"] for row in told["targets"]] == ["P7"]
    assert told["services"] == ["Telephone"] and told["trial_days"] == 7
    assert [row["text"] for row in told["requirements"]] == ["Phones ring"]
    assert [row["email"] for row in told["signatories"]] == ["managing@harbour.example"]
    assert session.exec(select(ServiceLevelTarget.key)).all() == ["P7"]
    kinds = [event.kind for event in audit.events_of(session, agreement)]
    assert kinds == ["agreement written", "draft rewritten"]


def test_rewriting_is_seen_by_whoever_decided_on_the_former_text(session: Session) -> None:
    agreement = written(session)
    before = agreement.row_version
    rewrite(session, targets=[P2 | {"threshold": "4 h"}])
    assert agreement.row_version > before


def test_an_agreement_stays_between_its_two_parties(session: Session) -> None:
    written(session)
    other = {"name": "Other IT", "people": [{"name": "Otto", "email": "otto@other.example"}]}
    otto: dict[str, Any] = {
        "owner": "otto@other.example",
        "signatories": [{"email": "otto@other.example", "side": "provider"}],
    }
    with pytest.raises(SlmError, match="SLA-1 is between Northwind IT and Harbour Logistics"):
        rewrite(session, provider=other, **otto)


def test_without_a_draft_nothing_is_rewritten(session: Session) -> None:
    agreement = offered(session)
    with pytest.raises(SlmError, match="SLA-1 has no draft in signing: rework or renegotiate it first"):
        rewrite(session)
    move(session, agreement, Trigger.END, MONDAY, reason="over")
    with pytest.raises(SlmError, match="SLA-1 has no draft in ended"):
        rewrite(session)


def test_a_monitored_agreement_is_renegotiated_before_it_is_rewritten(session: Session) -> None:
    monitored(session)
    with pytest.raises(SlmError, match="SLA-1 has no draft in monitoring"):
        rewrite(session)


def test_a_person_belongs_to_one_party(session: Session) -> None:
    with pytest.raises(BadInputError, match=r"operations@northwind.example belongs to Northwind IT already"):
        written(session, customer=CUSTOMER | {"people": [*CUSTOMER["people"], PROVIDER["people"][1]]})


def test_people_and_parties_are_shared_between_agreements(session: Session) -> None:
    written(session)
    changed = CUSTOMER["people"][0] | {"name": "Head of terminals", "email": "BUSINESS@harbour.example"}
    written(session, reference="SLA-2", customer=CUSTOMER | {"people": [changed]})
    assert len(session.exec(select(Party)).all()) == 2
    assert len(session.exec(select(Person)).all()) == 5
    assert person(session, "Head of terminals").email == "business@harbour.example"


def test_an_agreement_that_is_not_there_is_said_so(session: Session) -> None:
    with pytest.raises(NotFoundError, match="there is no agreement 'SLA-9': `slm agreements` lists them"):
        find_agreement(session, "SLA-9")


def test_a_copy_does_not_differ(session: Session) -> None:
    agreement = in_renegotiation(session)
    assert differences(agreement.versions[0], agreement.versions[1]) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"targets": [P2 | {"threshold": "12 h"}]},
            "P2: 90\u00a0% of priority 2 tickets resolved within 12 h",
        ),
        ({"targets": [P2 | {"objective": 0.90004}]}, "P2: "),
        ({"targets": [P2 | {"pause_states": []}]}, "P2: "),
        ({"targets": [P2 | {"indicator": "response"}]}, "P2: 90\u00a0% of priority 2 tickets answered"),
        (
            {"targets": [P2, P2 | {"id": "P1"}]},
            "P1: 90\u00a0% of priority 2 tickets resolved within 8 h (new)",
        ),
        ({"targets": [P2 | {"id": "P1"}], "requirements": [{"text": "x"}]}, "P1: "),
        ({"calendars": {"office": OFFICE | {"zone": "Europe/Zurich"}}}, "the service hours change"),
        (
            {"calendars": {"office": OFFICE, "night": OFFICE}, "targets": [P2 | {"calendar": "night"}]},
            "P2: ",
        ),
        ({"responsibilities": []}, "the responsibilities change"),
        ({"signatories": []}, "the signatories change"),
        ({"services": ["E-mail", "Telephone"]}, "the services change"),
        ({"cost": {"amount": 7}}, "the cost changes"),
        ({"review_period": "quarter"}, "the review period changes"),
        ({"targets": [P2 | {"reopening": "reset"}]}, "P2: a reopened ticket's clock will reset"),
        (
            {"targets": [P2 | {"priority_change": "remaining"}]},
            "P2: a ticket whose priority changes is judged as it ends",
        ),
        ({"process_targets": [STEP]}, "the steps, or who carries them, change"),
        ({"notice_days": 90}, "the notice period changes"),
        ({"valid_until": "2027-12-31T23:00:00Z"}, "the end of the agreement changes"),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else "",
)
def test_every_change_of_what_is_promised_is_a_difference(
    session: Session, changes: dict[str, Any], words: str
) -> None:
    agreement = in_renegotiation(session)
    rewrite(session, at=agreement.stage_since, **changes)
    found = differences(agreement.versions[0], agreement.versions[1])
    assert found and found[0].startswith(words), found


WEEKLY = document().calendars["office"].weekly


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"services": ["E-mail", "Telephone"]}, "the services change: new: Telephone"),
        (
            {"calendars": {"office": OFFICE | {"weekly": {**WEEKLY, "fri": ["08:00-12:00"]}}}},
            "the service hours change: office weekly fri: 08:00-12:00, instead of 08:00-18:00",
        ),
        ({"cost": {"amount": 7}}, "the cost changes: amount: 7, instead of nothing"),
        ({"review_period": "quarter"}, "the review period changes: quarter, instead of month"),
        (
            {"title": "Another desk"},
            "the title changes: Another desk, instead of Service desk for the harbour",
        ),
        ({"kind": "OLA"}, "the kind of agreement changes: OLA, instead of SLA"),
        ({"trial_days": 7}, "the days of a trial run change: 7, instead of 21"),
        (
            {"requirements": [{"text": "Mail comes back in a week", "settlement": "accepted"}]},
            "the requirements change: ",
        ),
        (
            {"responsibilities": [{"side": "provider", "text": "Nothing"}]},
            "the responsibilities change: new: Nothing (side provider); "
            "dropped: Record every ticket (side provider); dropped: Answer questions (side customer)",
        ),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else "",
)
def test_whoever_is_asked_reads_what_changes_from_what_to_what(
    session: Session, changes: dict[str, Any], sentence: str
) -> None:
    agreement = in_renegotiation(session)
    rewrite(session, at=agreement.stage_since, **changes)
    found = text_differences(agreement.versions[0], agreement.versions[1])
    assert any(line.startswith(sentence) for line in found), found
    assert not any(line.startswith("the text differs in") for line in found), found


def test_the_steps_of_a_target_are_numbered_as_they_are_written(session: Session) -> None:
    second = STEP | {"step": "back office", "budget": "5 h", "carried_by": "OLA-1", "supporting_target": "P2"}
    whole = document(process_targets=[STEP, second])
    agreement = apply_document(session, whole, MANAGER, MONDAY)
    rows = draft(agreement).process_targets
    assert [(row.position, row.line, row.budget_s, row.carried_by) for row in rows] == [
        (1, "first line", 7200, "Desk"),
        (2, "back office", 18_000, "OLA-1"),
    ]
    assert (
        parse_document(yaml.safe_dump(exported(agreement)), "copy").process_targets == whole.process_targets
    )


def test_what_is_only_background_is_no_difference(session: Session) -> None:
    agreement = in_renegotiation(session)
    rewrite(session, trial_days=7, requirements=[{"text": "Mail comes back", "settlement": "accepted"}])
    assert differences(agreement.versions[0], agreement.versions[1]) == []
