"""Writing agreements: a document becomes the draft of an agreement, new or at work."""

from datetime import datetime

from sqlalchemy.orm.attributes import flag_modified
from sqlmodel import Session, select

from config.clock import as_utc
from config.errors import BadInputError, NotFoundError, SlmError
from config.plain_text import printable
from models.agreements import Agreement, Stage
from models.approvals import ApprovalRequest
from models.parties import Party, PartyKind, Person, Service
from models.version_words import VersionStatus
from models.versions import AgreementVersion, Responsibility, ServiceCalendar, Signatory
from states import audit
from states.agreement_document import AgreementDocument
from states.document_parts import PartyPart
from states.document_rows import process_target_rows, requirement_row, target_row
from states.drafts import copy_as_draft, draft_of
from states.overtaken_proposals import withdraw_overtaken


def find_agreement(session: Session, reference: str) -> Agreement:
    """Return the agreement with this reference.

    Raises:
        NotFoundError: if there is none.
    """
    wanted = select(Agreement).where(Agreement.reference == printable(reference))
    agreement = session.exec(wanted).one_or_none()
    if agreement is None:
        raise NotFoundError(f"there is no agreement {reference!r}: `slm agreements` lists them")
    return agreement


def apply_document(session: Session, document: AgreementDocument, actor: str, at: datetime) -> Agreement:
    """Create the agreement that a document describes, or replace the contents of its draft.

    Raises:
        SlmError: if the agreement exists and has no draft that could be replaced, it is on trial,
            or between other parties.
        BadInputError: if a person belongs to another party already, the agreement is between others,
            or its end is over already.
    """
    if document.valid_until and as_utc(document.valid_until) <= at:
        raise BadInputError(
            f"{document.reference}: valid_until: {document.valid_until.isoformat()} is over already: "
            "write a later end, or none"
        )
    provider = _party(session, document.provider, PartyKind.PROVIDER)
    customer = _party(session, document.customer, PartyKind.CUSTOMER)
    agreement = session.exec(
        select(Agreement).where(Agreement.reference == document.reference).with_for_update()
    ).one_or_none()
    if agreement is None:
        agreement = _new_agreement(session, document, provider, customer, at)
        kind = "agreement written"
    else:
        _refuse_other_parties(agreement, provider, customer)
        kind = "draft rewritten"
    if agreement.stage == Stage.TRIAL_RUN:
        raise SlmError(f"{agreement.reference} is in trial run: rework it before its draft is rewritten")
    draft = draft_of(agreement)
    if draft is None:
        raise SlmError(
            f"{agreement.reference} has no draft in {agreement.stage.title.lower()}: "
            "rework or renegotiate it first"
        )
    agreement.title, agreement.kind = document.title, document.kind
    agreement.owner = _person(session, document.owner)
    agreement.evidence_source = document.evidence_source
    agreement.services = [_service(session, name, provider) for name in dict.fromkeys(document.services)]
    if session.exec(select(ApprovalRequest.id).where(ApprovalRequest.version_id == draft.id)).first():
        # people were asked about proposals for this draft: it is kept as they were asked about it
        draft.status, draft = VersionStatus.ABANDONED, copy_as_draft(session, draft, at)
    _fill(session, draft, document)
    flag_modified(agreement, "title")  # counts the row version up: nobody moves a text they did not see
    session.flush()
    withdraw_overtaken(session, agreement, at)
    audit.append(session, agreement, kind, actor, at, version=draft.number)
    return agreement


def _refuse_other_parties(agreement: Agreement, provider: Party, customer: Party) -> None:
    if (agreement.provider_id, agreement.customer_id) != (provider.id, customer.id):
        raise BadInputError(
            f"{agreement.reference} is between {agreement.provider.name} and {agreement.customer.name}: "
            "other parties want an agreement, and a reference, of their own"
        )


def _new_agreement(
    session: Session, document: AgreementDocument, provider: Party, customer: Party, at: datetime
) -> Agreement:
    agreement = Agreement(
        reference=document.reference,
        title=document.title,
        provider=provider,
        customer=customer,
        owner=_person(session, document.owner),
        stage_since=at,
        created_at=at,
    )
    agreement.versions = [
        AgreementVersion(
            number=1, created_at=at, trial_days=document.trial_days, review_period=document.review_period
        )
    ]
    session.add(agreement)
    session.flush()
    return agreement


def _fill(session: Session, draft: AgreementVersion, document: AgreementDocument) -> None:
    for part in (
        draft.targets,
        draft.process_targets,
        draft.calendars,
        draft.requirements,
        draft.responsibilities,
        draft.signatories,
    ):
        for row in list(part):
            session.delete(row)
    session.flush()
    session.expire(draft)
    draft.trial_days, draft.review_period = document.trial_days, document.review_period
    draft.trial_confidence, draft.trial_looks = document.trial_confidence, document.trial_looks
    draft.cost, draft.notice_days = document.cost, document.notice_days
    draft.quorum = {str(group): number for group, number in document.quorum.items()}
    draft.valid_until = as_utc(document.valid_until) if document.valid_until else None
    draft.targets = [target_row(part) for part in document.targets]
    draft.process_targets = process_target_rows(document.process_targets)
    draft.calendars = [
        ServiceCalendar(name=name, hours=hours.model_dump(mode="json"))
        for name, hours in document.calendars.items()
    ]
    draft.requirements = [requirement_row(part) for part in document.requirements]
    draft.responsibilities = [Responsibility(**row.model_dump()) for row in document.responsibilities]
    draft.signatories = [
        Signatory(person=_person(session, row.email), **row.model_dump(exclude={"email"}))
        for row in document.signatories
    ]


def _party(session: Session, part: PartyPart, kind: PartyKind) -> Party:
    party = session.exec(select(Party).where(Party.name == part.name)).one_or_none()
    if party is None:
        party = Party(name=part.name, kind=kind)
        session.add(party)
    if part.evidence_name is not None:
        party.evidence_name = part.evidence_name
    session.flush()
    for row in part.people:
        email = row.email.lower()
        person = session.exec(select(Person).where(Person.email == email)).one_or_none()
        if person is None:
            session.add(Person(party=party, **row.model_dump(exclude={"email"}), email=email))
        elif person.party_id != party.id:
            raise BadInputError(f"{email} belongs to {person.party.name} already")
        else:
            person.name, person.role, person.zone = row.name, row.role, row.zone
            if "language" in row.model_fields_set:  # else a file without it would take back what was chosen
                person.language = row.language
    session.flush()
    return party


def _person(session: Session, email: str) -> Person:
    return session.exec(select(Person).where(Person.email == email.lower())).one()


def _service(session: Session, name: str, provider: Party) -> Service:
    service = session.exec(select(Service).where(Service.name == name)).one_or_none()
    if service is None:
        service = Service(name=name, provider_id=provider.id)
        session.add(service)
    return service
