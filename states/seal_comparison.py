"""Holding a sealed agreement against this installation: its texts, its files, its audit chains."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from config.errors import SlmError
from models.agreements import Agreement
from models.audit import AuditEvent
from models.signed_documents import SignedDocument
from models.versions import AgreementVersion
from states.seal_certificates import whose
from states.seal_verification import SealedAgreement
from states.signing_record import signing_record

_SOFTWARE = "software"  # a record that is made again after an update names the newer one


@dataclass(frozen=True)
class Comparison:
    """What this installation knows of a sealed agreement.

    Attributes:
        known: a version with this very text is here.
        same_file: the file kept of it is this one, byte for byte; None where none is kept.
        same_chain: the audit chain here has the record's head where the record says; None where unknown.
        certificate_used: files that are kept here were sealed with the same certificate.
        contradictions: what cannot be if the file is of this installation, a line each. Where no file is
            kept, the certificate must be known here, and the record the one that is made here.
    """

    known: bool
    same_file: bool | None
    same_chain: bool | None
    certificate_used: bool
    contradictions: list[str]


def compare(session: Session, found: SealedAgreement) -> Comparison:
    """Return how an intact file stands to what is kept here."""
    reference, number = str(found.contents["agreement"]), int(found.contents["version"])
    agreement = session.exec(select(Agreement).where(Agreement.reference == reference)).first()
    version = _version(session, agreement, number)
    used = select(SignedDocument.id).where(SignedDocument.fingerprint == found.fingerprint)
    certificate_used = session.exec(used).first() is not None
    if agreement is None or version is None:
        return Comparison(False, None, None, certificate_used, [])
    if version.sha256 != found.sha256:
        other = f"version {number} of {reference} has another text here"
        return Comparison(False, None, None, certificate_used, [other])
    kept = session.exec(select(SignedDocument.sha256).where(SignedDocument.version_id == version.id)).first()
    same_file = None if kept is None else kept == found.file_sha256
    same_chain = _same_chain(session, agreement, found)
    contradictions = []
    if same_file is False:
        contradictions.append(f"another file of version {number} of {reference} was sealed here")
    if not same_chain:
        contradictions.append(f"the audit chain of {reference} here does not have the head that it names")
    if kept is None:
        contradictions += _contradictions_unkept(session, version, found, certificate_used)
    return Comparison(True, same_file, same_chain, certificate_used, contradictions)


def _contradictions_unkept(
    session: Session, version: AgreementVersion, found: SealedAgreement, certificate_used: bool
) -> list[str]:
    """What speaks against a file that none is kept to be held against: its certificate, its record."""
    named, contradictions = f"version {version.number} of {found.contents['agreement']}", []
    if not certificate_used and not whose(found.fingerprint):
        contradictions.append(f"{named} is here, but nothing here was sealed with its certificate")
    try:
        record = signing_record(session, version)
    except SlmError as error:
        return [*contradictions, str(error)]
    differing = [part for part in record if part != _SOFTWARE and record[part] != found.record.get(part)]
    if differing:
        parts = ", ".join(f"'{part}'" for part in differing)
        contradictions.append(f"its signing record is not the one of {named} here: {parts} differ")
    return contradictions


def _version(session: Session, agreement: Agreement | None, number: int) -> AgreementVersion | None:
    if agreement is None:
        return None
    wanted = select(AgreementVersion).where(
        AgreementVersion.agreement_id == agreement.id, AgreementVersion.number == number
    )
    return session.exec(wanted).first()


def _same_chain(session: Session, agreement: Agreement, found: SealedAgreement) -> bool:
    head = found.record["chain"]
    wanted = select(AuditEvent.hash).where(
        AuditEvent.agreement_id == agreement.id, col(AuditEvent.sequence) == int(head["length"])
    )
    return session.exec(wanted).first() == str(head["hash"])
