"""Reading a sealed agreement back: whether a file is as it was sealed, by which certificate, and of what.

It needs no database and trusts nobody: whether the certificate is the right one is another question.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from typing import Any

from config.clock import as_utc
from config.errors import SlmError
from models.sealing import canonical_json, sha256_of
from states.pdf_seals import WITH_STAMP
from states.seal_shapes import SealedRecord, SealedText, WrongShapeError, read_shaped
from states.seal_spelling import spelled
from states.time_stamps import BadStampError, TimeStamp, plain, read_stamp

TEXT, RECORD = "agreement.json", "signing-record.json"
_LARGEST = 64 * 1024 * 1024
_ANY_FAULT = Exception  # of a file from anywhere, whatever its structure makes the readers raise
_DAMAGED = "damaged: it is no whole PDF, so it was cut off or overwritten"
_NO_AGREEMENT = "sealed, but no signed agreement of slmcycle"
_SEAL_CHANGED = "changed: the seal itself was altered"


class NotIntactError(SlmError):
    """The file is not as it was sealed, or is no sealed agreement at all; the message says which."""


@dataclass(frozen=True)
class SealedAgreement:
    """What an intact file says, and who says so.

    Attributes:
        contents: the sealed text of the version, as plain data.
        record: the signing record, as plain data (`states.signing_record`).
        sha256: of the version's text, computed from it.
        file_sha256: of the whole file.
        sealed_at: the instant that the seal states, by the clock of who sealed.
        subject: the name in the certificate.
        fingerprint: SHA-256 of the certificate.
        issuer: who vouches for the certificate; the subject itself where nobody else does.
        time_stamp: an authority's word that the seal existed at an instant; None where it has none.
    """

    contents: dict[str, Any]
    record: dict[str, Any]
    sha256: str
    file_sha256: str
    sealed_at: datetime
    subject: str
    fingerprint: str
    issuer: str
    time_stamp: TimeStamp | None = None


def open_sealed(pdf: bytes) -> SealedAgreement:
    """Return what a file says, if every byte of it is as it was sealed.

    Raises:
        NotIntactError: otherwise.
    """
    if not pdf:
        raise NotIntactError("the file is empty")
    if not pdf.startswith(b"%PDF-"):
        raise NotIntactError("not a PDF")
    if len(pdf) > _LARGEST:
        raise NotIntactError("larger than any signed agreement")
    seal = _seal_of(pdf)
    _refuse_outside_bytes(pdf, seal)
    _refuse_other_digest(seal)
    time_stamp = _stamp_of(seal)
    _refuse_other_spelling(pdf, seal)
    try:
        texts = _attached(seal.reader)
        text, record_text = texts[TEXT], texts[RECORD]
    except _ANY_FAULT:
        raise NotIntactError(_NO_AGREEMENT) from None
    contents, record = _read(TEXT, text, SealedText), _read(RECORD, record_text, SealedRecord)
    digest = sha256_of(text)
    if digest != record["sha256"] or canonical_json(contents) != text:
        raise NotIntactError("its text does not have the SHA-256 that its signing record names")
    certificate = seal.signer_cert
    return SealedAgreement(
        contents,
        record,
        digest,
        sha256(pdf).hexdigest(),
        as_utc(seal.self_reported_timestamp),
        certificate.subject.human_friendly,
        certificate.sha256.hex(),
        certificate.issuer.human_friendly,
        time_stamp,
    )


def _read(name: str, text: str, shape: type[SealedText | SealedRecord]) -> dict[str, Any]:
    try:
        return read_shaped(text, shape)
    except WrongShapeError as error:
        raise NotIntactError(f"{_NO_AGREEMENT}: of {name}, {error}") from None


def _seal_of(pdf: bytes) -> Any:
    """The one certifying signature of a file."""
    # it takes a third of a second to import
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.fields import MDPPerm

    try:
        reader = PdfFileReader(BytesIO(pdf))
        encrypted = reader.encrypted
        seals = [] if encrypted else list(reader.embedded_signatures)
        certifies = len(seals) == 1 and seals[0].docmdp_level == MDPPerm.NO_CHANGES
    except _ANY_FAULT:
        raise NotIntactError(_DAMAGED) from None
    if encrypted:
        raise NotIntactError("encrypted, as a signed agreement never is")
    if not seals:
        raise NotIntactError("not sealed: it never was, or the seal was taken off")
    if len(seals) > 1:
        raise NotIntactError("changed: another signature was added after it was sealed")
    if not certifies:
        raise NotIntactError("signed, but not with the seal of an agreement: changes would be allowed")
    return seals[0]


def _refuse_outside_bytes(pdf: bytes, seal: Any) -> None:
    """The seal must be of every byte from the first to the last, itself alone left out."""
    try:
        start, before, after, length = (int(number) for number in seal.byte_range)
    except _ANY_FAULT:
        raise NotIntactError(_SEAL_CHANGED) from None
    if start != 0 or not 0 < before < after or length < 0:
        raise NotIntactError(_SEAL_CHANGED)
    if after + length < len(pdf):
        added = len(pdf) - after - length
        raise NotIntactError(
            f"changed: {added} bytes were added after it was sealed, from byte {after + length}"
        )
    if after + length > len(pdf):
        raise NotIntactError(f"damaged: {after + length - len(pdf)} bytes are missing at its end")


def _refuse_other_digest(seal: Any) -> None:
    """The sealed bytes must have the digest that is signed, and the signature be the certificate's."""
    from pyhanko.sign.validation.generic_cms import validate_sig_integrity

    try:
        digest = seal.compute_digest()
        same, valid = validate_sig_integrity(seal.signer_info, seal.signer_cert, "data", digest)
    except _ANY_FAULT:
        raise NotIntactError(_SEAL_CHANGED) from None
    if not valid:
        raise NotIntactError(_SEAL_CHANGED)
    if not same:
        raise NotIntactError("changed: bytes were altered after it was sealed")


def _stamp_of(seal: Any) -> TimeStamp | None:
    """What the seal's time stamp says; one that promises none has none, as its spelling shows."""
    if not _promises_stamp(seal):
        return None
    try:
        return read_stamp(_token_of(seal), seal.signer_info["signature"].native)
    except BadStampError as error:
        raise NotIntactError(f"changed: {error}") from None
    except _ANY_FAULT:
        raise NotIntactError("changed: the time stamp was altered or taken off") from None


def _promises_stamp(seal: Any) -> bool:
    return str(seal.sig_object.get("/Reason", "")).endswith(WITH_STAMP)


def _token_of(seal: Any) -> Any:
    (attribute,) = seal.signer_info["unsigned_attrs"]
    (token,) = attribute["values"]
    return token


def _refuse_other_spelling(pdf: bytes, seal: Any) -> None:
    """The seal leaves itself out, so it must be spelled as it is written, and hold nothing unsigned."""
    try:
        unsigned = None
        if _promises_stamp(seal):
            unsigned = [{"type": "signature_time_stamp_token", "values": [plain(_token_of(seal))]}]
        contents = spelled(seal.signer_info, seal.signer_cert, unsigned=unsigned).dump()
    except _ANY_FAULT:
        raise NotIntactError(_SEAL_CHANGED) from None
    _, before, after, _ = (int(number) for number in seal.byte_range)
    digits = contents.hex().upper().ljust(after - before - 2, "0")
    if pdf[before:after] != f"<{digits}>".encode():
        raise NotIntactError(_SEAL_CHANGED)


def _attached(reader: Any) -> dict[str, str]:
    """The texts of the attached files by name."""
    names = reader.root["/Names"]["/EmbeddedFiles"]["/Names"]
    files = [names[place] for place in range(1, len(names), 2)]
    return {str(file["/UF"]): file["/EF"]["/F"].data.decode() for file in files}
