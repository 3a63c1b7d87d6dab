"""Signed agreements as files: the sealed text with its signing record, printed and sealed once, then kept."""

import json
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from config.errors import NotFoundError, SlmError
from models.agreements import Agreement
from models.approvals import ApprovalRequest, Decision
from models.database import reading, transaction
from models.sealing import canonical_json
from models.signed_documents import SignedDocument
from models.versions import AgreementVersion
from states.pdf_seals import sealed
from states.seal_certificates import fingerprint_of, signer_at
from states.seal_verification import RECORD, TEXT, open_sealed
from states.signing_record import SIMULATED, signing_record
from states.time_stamps import time_stamper
from states.version_text import document
from templates.printing import to_pdf
from templates.render import render


def signed_version(agreement: Agreement, number: int | None = None) -> AgreementVersion:
    """Return a version by its number, by default the newest that was ever signed.

    Raises:
        NotFoundError: if there is none.
    """
    signed = [row for row in agreement.versions if row.in_force_from is not None]
    chosen = (
        [row for row in agreement.versions if row.number == number] if number is not None else signed[-1:]
    )
    if not chosen:
        what = "signed version yet" if number is None else f"version {number}"
        raise NotFoundError(f"{agreement.reference} has no {what}")
    return chosen[0]


def find(session: Session, version: AgreementVersion) -> SignedDocument | None:
    """Return the sealed file of a version, or None where it is not made yet.

    Raises:
        SlmError: if the stored file is not what it was when it was made.
    """
    kept = session.exec(select(SignedDocument).where(SignedDocument.version_id == version.id)).first()
    if kept is not None and sha256(kept.pdf).hexdigest() != kept.sha256:
        raise SlmError(
            f"{version.agreement.reference}: the stored file of version {version.number} was changed: "
            f"its SHA-256 is not {kept.sha256}"
        )
    return kept


def ensure(engine: Engine, version_id: int, at: datetime) -> SignedDocument:
    """Return the sealed file of a signed version; where there is none, print, seal and keep it.

    Printing takes seconds, so no transaction is open meanwhile; of two that do it at once the first one's
    file is kept.

    Args:
        engine: of the product's database.
        version_id: of a signed version.
        at: the instant that the seal states, to the second.

    Raises:
        NotSignedError: if the version is not signed.
        SlmError: if it cannot be printed, sealed or, where that is set, time-stamped now; says why.
    """
    with reading(engine) as session:
        version = session.get_one(AgreementVersion, version_id)
        kept = find(session, version)
        if kept is not None:
            return kept
        made = make(session, version, at)
    with transaction(engine) as session:
        return keep(session, made)


def make(session: Session, version: AgreementVersion, at: datetime) -> SignedDocument:
    """Print and seal a signed version, and return what is to be kept; nothing is added to the session.

    Raises:
        NotSignedError, SlmError: as `ensure`.
    """
    record = signing_record(session, version)
    assert version.canonical is not None, "a signed version is sealed"
    pdf = to_pdf(
        printed(version.canonical, record),
        {
            TEXT: ("The sealed text, whose SHA-256 was signed", version.canonical),
            RECORD: ("The signing record", canonical_json(record)),
        },
        version.in_force_from,
    )
    signer, at = signer_at(at), at.replace(microsecond=0)
    reason = f"{record['agreement']}, version {record['version']}, as it was signed"
    file = sealed(pdf, signer, at, reason, stamper := time_stamper())
    if stamper is not None:
        open_sealed(file)  # what an authority sent is believed only when it has been read back
    return SignedDocument(
        version_id=version.id,
        made_at=at,
        sha256=sha256(file).hexdigest(),
        fingerprint=fingerprint_of(signer),
        pdf=file,
    )


def keep(session: Session, made: SignedDocument) -> SignedDocument:
    """Add a sealed file, and return the one that is kept: where another was first, that one."""
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError:
        first = find(session, session.get_one(AgreementVersion, made.version_id))
        if first is None:
            raise
        return first
    return made


def printed(canonical: str, record: dict[str, Any]) -> str:
    """Return a version's sealed text and its signing record as HTML, as they are printed."""
    return render("documents/agreement.html.j2", shown=document(json.loads(canonical)), record=record)


def file_name(version: AgreementVersion) -> str:
    """Return what the file of a version is called."""
    return f"{version.agreement.reference}-version-{version.number}.pdf"


def make_unmade(engine: Engine, at: datetime) -> list[str]:
    """Print, seal and keep every signed version whose file is not made yet; return a line for each.

    What cannot be printed here, as where the Pango library is missing, is said in its line and tried again.
    """
    with reading(engine) as session:
        waiting = [
            (row.id, f"{row.agreement.reference}: version {row.number}") for row in session.exec(unmade())
        ]
    lines = []
    for version_id, words in waiting:
        try:
            ensure(engine, version_id, at)
            lines.append(f"{words} printed and sealed")
        except (SlmError, OSError) as error:
            lines.append(f"{words} not printed yet: {error}")
    return lines


def unmade() -> SelectOfScalar[AgreementVersion]:
    """Select the signed versions whose file is not made yet; those of a replay are made when asked for."""
    simulated = (
        select(ApprovalRequest.version_id)
        .join(Decision, col(Decision.request_id) == ApprovalRequest.id)
        .where(Decision.via == SIMULATED)
    )
    return (
        select(AgreementVersion)
        .where(
            col(AgreementVersion.in_force_from).is_not(None),
            col(AgreementVersion.id).not_in(select(SignedDocument.version_id)),
            col(AgreementVersion.id).not_in(simulated),
        )
        .order_by(col(AgreementVersion.id))
    )
