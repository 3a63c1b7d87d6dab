"""Sealing a PDF: a certifying signature of the whole file, after which no change is allowed."""

import asyncio
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyhanko.sign import SimpleSigner
    from pyhanko.sign.timestamps import TimeStamper

WITH_STAMP = ", with a time stamp"
_FIELD = "Seal"
_SPARE_DIGITS = 64  # signatures of elliptic curves differ in length by a few bytes
_SPARE_FOR_STAMP = 1024  # and an authority writes what it likes


def sealed(
    pdf: bytes, signer: "SimpleSigner", at: datetime, reason: str, stamper: "TimeStamper | None" = None
) -> bytes:
    """Return a PDF with an invisible signature that certifies it and allows no change (DocMDP 1).

    The same file, key, instant and reason give the same bytes wherever the key's signatures do, as RSA's do,
    and where there is no time stamp. A seal with a time stamp says so in its reason, which is sealed: else
    nobody would miss a time stamp that was taken off.

    Args:
        pdf: a file without a signature.
        signer: key and certificate.
        at: the instant that the signature states.
        reason: why it is signed, for whoever opens the file.
        stamper: fetches a time stamp for the signature; None for none.
    """
    # pyHanko takes a third of a second to import, and most commands seal nothing
    from pyhanko.pdf_utils.generic import ArrayObject, ByteStringObject
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import MDPPerm, SigFieldSpec
    from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
    from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes

    class Sealing(IncrementalPdfFileWriter):
        """Adds the signature and nothing else: neither the machine's clock nor chance enters the file."""

        @classmethod
        def _handle_id(cls, _prev: object) -> ArrayObject:
            former = sha256(pdf).digest()[:16]
            return ArrayObject([ByteStringObject(former), ByteStringObject(former[::-1])])

        def _update_meta(self) -> None:
            """Leave the metadata as they were printed."""

    if stamper is not None:
        reason += WITH_STAMP
    meta = PdfSignatureMetadata(
        field_name=_FIELD,
        md_algorithm="sha256",
        reason=reason,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
        tight_size_estimates=True,
    )
    signing = PdfSigner(
        meta, signer, timestamper=stamper, new_field_spec=SigFieldSpec(_FIELD, readable_field_name=reason)
    ).init_signing_session(Sealing(BytesIO(pdf)))
    signing.system_time = at

    async def signed() -> bytes:
        size = await signing.estimate_signature_container_size(None, tight=True)
        spare = _SPARE_DIGITS if stamper is None else _SPARE_FOR_STAMP
        prepared = signing.prepare_tbs_document(None, size + spare)
        output = BytesIO()
        digest, _ = prepared.digest_tbs_document(output=output)
        await prepared.perform_signature(
            digest.document_digest, pdf_cms_signed_attrs=PdfCMSSignedAttributes(signing_time=at)
        )
        return output.getvalue()

    return asyncio.run(signed())
