"""Signed agreements as sealed PDF files, kept exactly as they were made."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from models.columns import refers_to


class SignedDocument(SQLModel, table=True):
    """The sealed PDF of a signed version: made once, and never again.

    Attributes:
        made_at: when it was sealed, as the seal itself says.
        sha256: of the whole file.
        fingerprint: SHA-256 of the certificate that it is sealed with.
    """

    __tablename__ = "signed_documents"

    id: int = Field(default=None, primary_key=True)
    version_id: int = refers_to("agreement_versions.id", unique=True)
    made_at: datetime
    sha256: str = Field(index=True)
    fingerprint: str
    pdf: bytes
