"""The certificate that agreements are sealed with: the organisation's own, or one made at first use."""

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from config.errors import BadInputError
from config.settings import settings

if TYPE_CHECKING:
    from pyhanko.sign import SimpleSigner

ORGANISATION, INSTALLATION = "the organisation's", "this installation's"
_OWN = "seal.p12"
_BITS = 3072
_YEARS = 30


def signer_at(at: datetime) -> "SimpleSigner":
    """Return the key and certificate to seal with; where there are none, make them in the folder `var`.

    Raises:
        BadInputError: if `SLM_SEAL_PKCS12` cannot be opened, or its certificate does not hold at `at`.
    """
    named = settings().seal_pkcs12
    if named is None:
        return _read(_own(at), "", "SLM_VAR")
    signer = _read(named, settings().seal_password, "SLM_SEAL_PKCS12")
    certificate = _certificate_of(signer)
    first, last = certificate.not_valid_before, certificate.not_valid_after
    if not first <= at <= last:
        raise BadInputError(
            f"SLM_SEAL_PKCS12 {named}: the certificate holds from {first:%Y-%m-%d} to {last:%Y-%m-%d}, "
            f"not on {at:%Y-%m-%d}"
        )
    return signer


def fingerprint_of(signer: "SimpleSigner") -> str:
    """Return the SHA-256 of a certificate, as 64 hexadecimal digits."""
    fingerprint: str = _certificate_of(signer).sha256.hex()
    return fingerprint


def whose(fingerprint: str) -> str:
    """Return whose certificate this is, as far as the files here tell: one of the constants above, or "".

    Nothing is made, and a file that cannot be opened is nobody's.
    """
    named, own = settings().seal_pkcs12, settings().var / _OWN
    for owner, path, password in ((ORGANISATION, named, settings().seal_password), (INSTALLATION, own, "")):
        if path is None or not path.is_file():
            continue
        try:
            if fingerprint_of(_read(path, password, "")) == fingerprint:
                return owner
        except BadInputError:
            continue
    return ""


def _read(path: Path, password: str, setting: str) -> "SimpleSigner":
    # they take a third of a second to import, and most commands seal nothing
    from pyhanko.sign import SimpleSigner
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    try:
        contents = path.read_bytes()
    except OSError as error:
        raise BadInputError(f"{setting} {path}: {error.strerror}") from None
    try:
        found = SimpleSigner.load_pkcs12_data(contents, [], password.encode() or None)
    except Exception:  # whatever a damaged file, a wrong password or a missing key makes its parser raise
        raise BadInputError(
            f"{setting} {path}: cannot be opened: not a PKCS#12 file with a key and its certificate, "
            "or another password"
        ) from None
    # what a seal carries beside its own certificate could be altered without anybody noticing
    return SimpleSigner(found.signing_cert, found.signing_key, SimpleCertificateStore())  # type: ignore[no-untyped-call]


def _certificate_of(signer: "SimpleSigner") -> Any:
    assert signer.signing_cert is not None, "it was read with a certificate"
    return signer.signing_cert


def _own(at: datetime) -> Path:
    path = settings().var / _OWN
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_first(path, lambda: _made(at))
    return path


def _write_first(path: Path, contents: Callable[[], bytes]) -> None:
    """Write a whole file that only its owner reads; of two that try at once the first one stays."""
    with NamedTemporaryFile(dir=path.parent, prefix=path.name) as file:  # made with mode 0600
        file.write(contents())
        file.flush()
        os.fsync(file.fileno())
        try:
            os.link(file.name, path)
        except FileExistsError:
            return


def _made(at: datetime) -> bytes:
    """Return a new key and its own certificate as PKCS#12 without a password."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12
    from cryptography.x509.oid import NameOID

    key = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
    host = urlsplit(settings().base_url).hostname or "localhost"
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"slmcycle at {host}"[:64])])
    usage = dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign"), False
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + timedelta(days=365 * _YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True,
                content_commitment=True,
                encipher_only=False,
                decipher_only=False,
                **usage,
            ),
            critical=True,
        )
        .sign(key, hashes.SHA256())
    )
    return pkcs12.serialize_key_and_certificates(b"seal", key, certificate, None, NoEncryption())
