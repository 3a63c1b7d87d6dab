"""Exclusions asked for: time that shall not count, with a reason, put to the customer's people."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session, col, select

from config.clock import as_utc
from config.errors import SlmError
from config.plain_text import plain, plain_line
from evidence.histories import ATTRIBUTES
from evidence.outages import concerns
from models.agreements import Agreement
from models.evidence import Ticket
from models.exclusions import Exclusion, ExclusionState
from models.parties import Person
from models.versions import AgreementVersion
from states import audit
from states.approval_requests import open_request
from states.askers import lock_agreement
from states.asking import ask
from states.drafts import version_in_force
from states.exclusion_texts import scope_of, sha256_of_exclusion
from states.own_proposals import deciders
from states.subjects import of_exclusion


class ExclusionRefusedError(SlmError):
    """The exclusion cannot be asked for; the message says why."""


def ask_exclusion(
    session: Session,
    agreement: Agreement,
    asked_by: Person,
    reason: str,
    starts_at: datetime,
    ends_at: datetime,
    at: datetime,
    *,
    ticket: str = "",
    population: Mapping[str, str] | None = None,
) -> Exclusion:
    """Ask the customer to agree that a stretch of time does not count.

    Every required signatory of the customer under the version in force gets a letter with a link of its own;
    the exclusion counts once all of them have approved.

    Args:
        session: the caller's; nothing is committed.
        agreement: whose targets it touches.
        asked_by: a person of the agreement, who is told how it ends.
        reason: why; printed in the report.
        starts_at: the first second that shall not count.
        ends_at: the first that counts again.
        at: when it is asked for.
        ticket: the number of the one ticket it is for; "" for all of the population.
        population: ticket attributes that must match, such as {"service": "E-mail"}; empty: everything.

    Raises:
        ExclusionRefusedError: no reason is given, the end is not after the start, the ticket or an attribute
            is unknown, both are named, no version is in force, or the same is asked for already.
    """
    version = version_in_force(agreement)
    if version is None:
        raise ExclusionRefusedError(f"{agreement.reference}: no version is in force")
    exclusion = Exclusion(
        agreement_id=agreement.id,
        reason=plain(reason),
        ticket=plain_line(ticket),
        population=dict(population or {}),
        starts_at=as_utc(starts_at).replace(microsecond=0),
        ends_at=as_utc(ends_at).replace(microsecond=0),
        asked_by_id=asked_by.id,
        asked_at=at,
        sha256="",
    )
    lock_agreement(session, agreement)
    _refuse(session, agreement, version, exclusion, asked_by, at)
    exclusion.sha256 = sha256_of_exclusion(agreement, exclusion)
    session.add(exclusion)
    session.flush()
    asked = [
        open_request(session, agreement, version, row, of_exclusion(agreement, exclusion), at)
        for row in deciders(version, asked_by)
    ]
    for request in asked:
        ask(session, agreement, request, at)
    audit.append(
        session,
        agreement,
        "exclusion asked",
        asked_by.name,
        at,
        exclusion=exclusion.id,
        reason=exclusion.reason,
        scope=scope_of(exclusion),
        starts_at=exclusion.starts_at.isoformat(),
        ends_at=exclusion.ends_at.isoformat(),
        sha256=exclusion.sha256,
        requests={str(request.id): request.person.name for request in asked},
    )
    return exclusion


def _refuse(
    session: Session,
    agreement: Agreement,
    version: AgreementVersion,
    exclusion: Exclusion,
    asked_by: Person,
    at: datetime,
) -> None:
    where = agreement.reference
    if not exclusion.reason:
        raise ExclusionRefusedError(f"{where}: give the reason of the exclusion: the report prints it")
    if exclusion.ends_at <= exclusion.starts_at:
        raise ExclusionRefusedError(
            f"{where}: the exclusion must end after {exclusion.starts_at:%Y-%m-%d %H:%M:%S} UTC, its start"
        )
    if exclusion.ticket and exclusion.population:
        raise ExclusionRefusedError(f"{where}: name one ticket or a population, not both")
    for name in exclusion.population:
        if name not in ATTRIBUTES:
            raise ExclusionRefusedError(
                f"{where}: tickets have no attribute '{name}'; a population may name {', '.join(ATTRIBUTES)}"
            )
    if exclusion.ticket and not _is_known(session, agreement, exclusion.ticket, at):
        raise ExclusionRefusedError(f"{where}: there is no ticket '{exclusion.ticket}' of this customer")
    if not deciders(version, asked_by):
        raise ExclusionRefusedError(f"{where}: nobody of the customer is there to approve an exclusion")
    if (same := _same(session, exclusion)) is not None:
        raise ExclusionRefusedError(f"{where}: exclusion {same.id} asks for the same; it is {same.state}")


def _is_known(session: Session, agreement: Agreement, ticket: str, at: datetime) -> bool:
    found = select(Ticket.id).where(
        Ticket.source == agreement.evidence_source,
        concerns(agreement.customer.name_in_evidence),
        Ticket.external_id == ticket,
        Ticket.known_at <= at,
    )
    return session.exec(found).first() is not None


def _same(session: Session, exclusion: Exclusion) -> Exclusion | None:
    alike = session.exec(
        select(Exclusion).where(
            Exclusion.agreement_id == exclusion.agreement_id,
            Exclusion.starts_at == exclusion.starts_at,
            Exclusion.ends_at == exclusion.ends_at,
            Exclusion.ticket == exclusion.ticket,
            col(Exclusion.state).in_((ExclusionState.ASKED, ExclusionState.APPROVED)),
        )
    )
    return next((row for row in alike if row.population == exclusion.population), None)
