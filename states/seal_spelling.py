"""How a signature is spelled that says no more than it must, so that each of its bytes counts."""

from typing import Any


def spelled(signer: Any, certificate: Any, content: Any = None, unsigned: Any = None) -> Any:
    """Return a CMS signature of one signer with one certificate, written in the one way that is ours.

    Args:
        signer: its SignerInfo; signed attributes, algorithm and signature are taken from it.
        certificate: the signer's.
        content: the EncapsulatedContentInfo that it carries; None where it is of something outside.
        unsigned: the unsigned attributes; None for none.
    """
    from asn1crypto import cms  # type: ignore[import-untyped]

    digest = {"algorithm": signer["digest_algorithm"]["algorithm"].native}
    number = {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
    row = {
        "version": "v1",
        "sid": cms.SignerIdentifier({"issuer_and_serial_number": cms.IssuerAndSerialNumber(number)}),
        "digest_algorithm": digest,
        "signed_attrs": signer["signed_attrs"].untag(),
        "signature_algorithm": signer["signature_algorithm"],
        "signature": signer["signature"].native,
    }
    return cms.ContentInfo(
        {
            "content_type": "signed_data",
            "content": {
                "version": "v1" if content is None else "v3",
                "digest_algorithms": [digest],
                "encap_content_info": content or {"content_type": "data"},
                "certificates": [cms.CertificateChoices("certificate", certificate)],
                "signer_infos": [row if unsigned is None else row | {"unsigned_attrs": unsigned}],
            },
        }
    )
