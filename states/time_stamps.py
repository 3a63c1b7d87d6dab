"""Trusted time stamps (RFC 3161): an authority's word that a seal existed at an instant.

Off unless `SLM_TIMESTAMP_URL` names a server. Whether its authority is to be trusted is another question.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from config.clock import as_utc
from config.errors import SlmError, UnreachableError
from config.settings import settings
from states.seal_spelling import spelled

if TYPE_CHECKING:
    from pyhanko.sign.timestamps import TimeStamper

_DIGESTS = ("sha256", "sha384", "sha512")


class BadStampError(SlmError):
    """A time stamp that proves nothing; the message says why."""


@dataclass(frozen=True)
class TimeStamp:
    """What a time stamp says, and who says so.

    Attributes:
        at: the instant at which the authority saw the seal, by its own clock.
        subject: the name in the authority's certificate.
        issuer: who vouches for that certificate.
        fingerprint: SHA-256 of that certificate.
    """

    at: datetime
    subject: str
    issuer: str
    fingerprint: str


def time_stamper() -> "TimeStamper | None":
    """Return what fetches time stamps from the settings' server; None where none is named.

    It raises `UnreachableError` where the server does not answer, or not with a time stamp.
    """
    url = settings().timestamp_url
    if not url:
        return None
    # they take a third of a second to import, and most commands seal nothing
    from pyhanko.sign.timestamps.aiohttp_client import HTTPTimeStamper

    class Stamping(HTTPTimeStamper):
        """Fetches time stamps, and leaves out of them what nobody signed."""

        async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> Any:
            try:
                return plain(await super().async_timestamp(message_digest, md_algorithm))
            except Exception as error:  # whatever an answer that is none makes its reader raise
                why = error.__cause__ or error
                said = " ".join(str(why).split()) or type(why).__name__
                raise UnreachableError(
                    f"the time-stamping server {urlsplit(url).hostname} (SLM_TIMESTAMP_URL): {said}"
                ) from None

    return Stamping(url, timeout=settings().timestamp_timeout_s)


def plain(token: Any) -> Any:
    """Return a time stamp with the authority's own certificate alone, in the one way that is ours.

    What it carries beside that could be altered without anybody noticing.
    """
    from asn1crypto import cms  # type: ignore[import-untyped]
    from pyhanko.sign.general import extract_certificate_info, extract_signer_info

    signed = token["content"]
    content = {
        "content_type": "tst_info",
        "content": cms.ParsableOctetString(bytes(signed["encap_content_info"]["content"])),
    }
    certificate = extract_certificate_info(signed).signer_cert
    return spelled(extract_signer_info(signed), certificate, cms.EncapsulatedContentInfo(content))


def read_stamp(token: Any, signature: bytes) -> TimeStamp:
    """Return what a time stamp says of a signature.

    Raises:
        BadStampError: if it is of another signature, or not the certificate's, or that is not for time
            stamps.
    """
    from pyhanko.sign.general import check_ess_certid, extract_certificate_info, extract_signer_info
    from pyhanko.sign.validation.generic_cms import get_signing_cert_attr, validate_sig_integrity

    signed = token["content"]
    signer, certificate = extract_signer_info(signed), extract_certificate_info(signed).signer_cert
    content = signed["encap_content_info"]["content"]
    said, imprint = content.parsed, content.parsed["message_imprint"]
    if _digest(imprint["hash_algorithm"], signature) != imprint["hashed_message"].native:
        raise BadStampError("the time stamp is of something else")
    digest = _digest(signer["digest_algorithm"], bytes(content))
    same, valid = validate_sig_integrity(signer, certificate, "tst_info", digest)
    named = get_signing_cert_attr(signer["signed_attrs"])
    if not (same and valid and named and check_ess_certid(certificate, named["certs"][0])):
        raise BadStampError("the time stamp was altered")
    at = as_utc(said["gen_time"].native)
    purposes = certificate.extended_key_usage_value
    if purposes is None or purposes.native != ["time_stamping"]:
        raise BadStampError("the time stamp's certificate is not one for time stamps")
    if not certificate.not_valid_before <= at <= certificate.not_valid_after:
        raise BadStampError("the time stamp's certificate did not hold at its instant")
    return TimeStamp(
        at, certificate.subject.human_friendly, certificate.issuer.human_friendly, certificate.sha256.hex()
    )


def _digest(algorithm: Any, content: bytes) -> bytes:
    name = algorithm["algorithm"].native
    if name not in _DIGESTS:
        raise BadStampError(f"the time stamp uses {name}")
    return hashlib.new(name, content).digest()
