"""A sealed version stays as it was read and signed: the product and the database refuse, the hash proves."""

import hashlib
import json
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session

from levels.working_hours import WorkingHours
from models.sealing import SealedVersionError, canonical_json, version_contents
from models.version_words import Side, VersionStatus
from models.versions import (
    AgreementVersion,
    Requirement,
    Responsibility,
    ServiceCalendar,
    ServiceLevelTarget,
    Signatory,
)
from states.agreement_export import export_document
from states.drafts import copy_as_draft, differences
from states.move import Trigger
from tests.states.builders import (
    BOARD,
    MONDAY,
    OFFICE,
    draft,
    in_renegotiation,
    move,
    offer,
    offered,
    person,
    rewrite,
    written,
)

PARTS = ("targets", "calendars", "requirements", "responsibilities", "signatories")
TABLES = ("service_level_targets", "service_calendars", "requirements", "responsibilities", "signatories")


@pytest.fixture
def sealed(either: Session) -> AgreementVersion:
    return offer(offered(either))


def set_threshold(version: AgreementVersion, session: Session) -> None:
    version.targets[0].threshold_s += 1


def set_hours(version: AgreementVersion, session: Session) -> None:
    version.calendars[0].hours = version.calendars[0].hours | {"zone": "Europe/Berlin"}


def set_requirement(version: AgreementVersion, session: Session) -> None:
    version.requirements[0].text = "Mail comes back within a week"


def set_duty(version: AgreementVersion, session: Session) -> None:
    version.responsibilities[0].text = "Record some tickets"


def set_signatory(version: AgreementVersion, session: Session) -> None:
    version.signatories[0].required = False


def set_trial_days(version: AgreementVersion, session: Session) -> None:
    version.trial_days = 1


def set_hash(version: AgreementVersion, session: Session) -> None:
    version.canonical, version.sha256 = "{}", hashlib.sha256(b"{}").hexdigest()


def unseal(version: AgreementVersion, session: Session) -> None:
    version.sealed_at = None


def add_target(version: AgreementVersion, session: Session) -> None:
    version.targets.append(
        ServiceLevelTarget(key="P1", population={}, threshold_s=60, objective=0.9, calendar="office")
    )


def add_calendar(version: AgreementVersion, session: Session) -> None:
    session.add(ServiceCalendar(version_id=version.id, name="night", hours={}))


def add_requirement(version: AgreementVersion, session: Session) -> None:
    session.add(Requirement(version=version, text="one more"))


def add_duty(version: AgreementVersion, session: Session) -> None:
    session.add(Responsibility(version=version, side=Side.CUSTOMER, text="one more"))


def add_signatory(version: AgreementVersion, session: Session) -> None:
    session.add(Signatory(version=version, person=person(session, BOARD), side=Side.CUSTOMER))


def delete_target(version: AgreementVersion, session: Session) -> None:
    session.delete(version.targets[0])


def take_target_out(version: AgreementVersion, session: Session) -> None:
    version.targets.clear()


def move_target_away(version: AgreementVersion, session: Session) -> None:
    version.targets[0].version = copy_as_draft(session, version, MONDAY)


def delete_version(version: AgreementVersion, session: Session) -> None:
    session.delete(version)


@pytest.mark.parametrize(
    "change",
    [
        set_threshold,
        set_hours,
        set_requirement,
        set_duty,
        set_signatory,
        set_trial_days,
        set_hash,
        unseal,
        add_target,
        add_calendar,
        add_requirement,
        add_duty,
        add_signatory,
        delete_target,
        take_target_out,
        move_target_away,
        delete_version,
    ],
    ids=lambda change: change.__name__,
)
def test_the_product_refuses_to_change_what_is_sealed(
    either: Session, sealed: AgreementVersion, change: Callable[[AgreementVersion, Session], None]
) -> None:
    with pytest.raises(SealedVersionError, match="version 1 is sealed"):  # noqa: PT012
        change(sealed, either)
        either.flush()


def refuse(session: Session, statement: str, words: str) -> None:
    with pytest.raises(DatabaseError, match=words), session.begin_nested():
        session.execute(text(statement))


@pytest.mark.parametrize("table", TABLES)
def test_the_database_refuses_to_change_the_contents(
    either: Session, sealed: AgreementVersion, table: str
) -> None:
    words = "the contents of a sealed version cannot be changed"
    draft = copy_as_draft(either, sealed, MONDAY)
    part = getattr(sealed, PARTS[TABLES.index(table)])[0]
    columns = {name: f":{name}" for name in type(part).model_fields if name != "id"}
    refuse(either, f"UPDATE {table} SET version_id = version_id WHERE version_id = {sealed.id}", words)
    refuse(either, f"UPDATE {table} SET version_id = {draft.id} WHERE version_id = {sealed.id}", words)
    refuse(either, f"UPDATE {table} SET version_id = {sealed.id} WHERE version_id = {draft.id}", words)
    refuse(either, f"DELETE FROM {table} WHERE version_id = {sealed.id}", words)
    names = ", ".join(f'"{name}"' for name in columns if name != "version_id")
    refuse(
        either,
        f"INSERT INTO {table} (version_id, {names}) SELECT {sealed.id}, {names} FROM {table} "
        f"WHERE version_id = {draft.id}",
        words,
    )
    either.execute(text(f"DELETE FROM {table} WHERE version_id = {draft.id}"))


@pytest.mark.parametrize(
    "change",
    [
        "agreement_id = agreement_id + 1",
        "number = 9",
        "trial_days = 1",
        "review_period = 'quarter'",
        "cost = '{\"amount\": 1}'",
        "waiver = ''",
        "canonical = '{}'",
        "sha256 = NULL",
        "sealed_at = NULL",
    ],
)
def test_the_database_refuses_to_change_the_version(
    either: Session, sealed: AgreementVersion, change: str
) -> None:
    statement = f"UPDATE agreement_versions SET {change} WHERE id = {sealed.id}"
    refuse(either, statement, "a sealed version cannot be changed")


def test_the_database_refuses_to_delete_the_version(either: Session, sealed: AgreementVersion) -> None:
    statement = f"DELETE FROM agreement_versions WHERE id = {sealed.id}"
    refuse(either, statement, "a sealed version cannot be deleted")


def test_where_a_version_stands_may_change(either: Session, sealed: AgreementVersion) -> None:
    sealed.status, sealed.in_force_from = VersionStatus.IN_FORCE, MONDAY
    either.flush()
    sealed.status, sealed.in_force_until = VersionStatus.SUPERSEDED, MONDAY + timedelta(days=1)
    either.flush()
    either.execute(text("UPDATE agreement_versions SET status = 'abandoned', in_force_until = NULL"))


def test_a_draft_may_change_and_its_copy_leaves_the_sealed_one_alone(
    either: Session, sealed: AgreementVersion
) -> None:
    before = sealed.canonical
    draft = copy_as_draft(either, sealed, MONDAY)
    set_threshold(draft, either)
    set_hours(draft, either)
    either.flush()
    either.expire_all()
    assert canonical_json(version_contents(sealed)) == before


def test_the_hash_can_be_made_again_from_the_rows(either: Session, sealed: AgreementVersion) -> None:
    either.flush()
    either.expunge_all()
    row = either.get_one(AgreementVersion, sealed.id)
    assert row is not sealed
    told = canonical_json(version_contents(row))
    assert told == row.canonical
    assert hashlib.sha256(told.encode("utf-8")).hexdigest() == row.sha256


def test_the_hash_is_of_what_people_read(either: Session, sealed: AgreementVersion) -> None:
    assert sealed.canonical is not None
    told = json.loads(sealed.canonical)
    assert told["targets"][0]["objective"] == 0.9 and told["targets"][0]["threshold_s"] == 8 * 3600
    assert [row["name"] for row in told["signatories"]] == ["Head of delivery", "Business owner"]
    assert told["waiver"] == "the service is well known (Service manager)"
    assert json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False) == sealed.canonical


def test_the_public_holidays_of_a_sealed_version_stay_what_they_were(session: Session) -> None:
    hours = OFFICE | {"country": "CH", "subdivision": "ZH"}
    agreement = written(session, calendars={"office": hours})
    version = draft(agreement)
    assert "pinned" not in version.calendars[0].hours
    move(session, agreement, Trigger.SKIP_TRIAL, MONDAY, reason="the service is well known")
    pinned = version.calendars[0].hours["pinned"]
    assert pinned["2026"]["2026-08-01"] == "National Day" and set(pinned) == {*map(str, range(2024, 2037))}

    # what the library knows now does not matter for the years that are written down
    other = WorkingHours.model_validate(hours | {"pinned": {"2026": {"2026-03-03": "Day of the founders"}}})
    assert other.holiday_on(date(2026, 8, 1)) is None
    assert other.holiday_on(date(2026, 3, 3)) == "Day of the founders"
    assert other.special_dates(date(2026, 1, 1), date(2026, 12, 31)) == [date(2026, 3, 3)]
    assert other.holiday_on(date(2040, 8, 1)) == "National Day"

    export = export_document(agreement, version)
    assert "pinned" not in export["calendars"]["office"]


def test_pinned_holidays_are_no_difference_between_a_sealed_text_and_the_draft_after_it(
    session: Session,
) -> None:
    hours = OFFICE | {"country": "CH"}
    agreement = in_renegotiation(session, calendars={"office": hours})
    rewrite(session, at=agreement.stage_since, calendars={"office": hours})
    assert differences(agreement.versions[0], agreement.versions[1]) == []
