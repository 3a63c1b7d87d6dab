"""Certificates of an organisation, made for a test."""

from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import NameOID


def write_pkcs12(path: Path, name: str, at: datetime, password: str) -> Path:
    """Write a key, its certificate and the authority's that vouches for it, valid for a year from `at`."""
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    issuer = _name(f"Authority of {name}")
    authority = _certificate(issuer, issuer, authority_key.public_key(), at).sign(
        authority_key, hashes.SHA256()
    )
    own = _certificate(_name(name), issuer, key.public_key(), at).sign(authority_key, hashes.SHA256())
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(
            b"seal", key, own, [authority], BestAvailableEncryption(password.encode())
        )
    )
    return path


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, at: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + timedelta(days=365))
    )
