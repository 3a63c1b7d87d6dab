"""A sealed file is intact to the last byte, or is refused with one line that says what is wrong."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from config.errors import BadInputError
from config.settings import settings
from models.sealing import canonical_json, sha256_of
from states.pdf_seals import sealed
from states.seal_certificates import INSTALLATION, ORGANISATION, fingerprint_of, signer_at, whose
from states.seal_verification import RECORD, TEXT, NotIntactError, open_sealed
from templates.printing import to_pdf
from tests.states.certificates import write_pkcs12

pytestmark = pytest.mark.campaign

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
CONTENTS = {"agreement": "SLA-1", "version": 1, "title": "Ships, and “more”"}
RECORD_TOLD = {
    "signed_at": "2026-03-02T08:00:00+00:00",
    "simulated": False,
    "chain": {"length": 3, "hash": "0" * 64},
}
PAGE = "<!DOCTYPE html><html lang='en'><head><title>SLA-1</title></head><body><h1>SLA-1</h1></body></html>"


@cache
def printed(named: str | None = None) -> bytes:
    return printed_of(CONTENTS, RECORD_TOLD | {"sha256": named} if named else RECORD_TOLD)


def printed_of(contents: object, told: object) -> bytes:
    """A page with these attached, the record naming the text's SHA-256 unless it names another."""
    text = canonical_json(contents)
    record = canonical_json({"sha256": sha256_of(text)} | told if isinstance(told, dict) else told)
    return to_pdf(PAGE, {TEXT: ("the text", text), RECORD: ("the record", record)}, AT)


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of one installation, whose key is made once for all."""
    return tmp_path_factory.mktemp("installation")


@pytest.fixture
def here(installation: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let it be that installation."""
    monkeypatch.setenv("SLM_VAR", str(installation))
    settings.cache_clear()
    return installation


@pytest.fixture(scope="module")
def file(installation: Path) -> Iterator[bytes]:
    """A file that the installation sealed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLM_VAR", str(installation))
        settings.cache_clear()
        yield sealed(printed(), signer_at(AT), AT, "SLA-1, as it was signed")


def problem(pdf: bytes) -> str:
    with pytest.raises(NotIntactError) as refused:
        open_sealed(pdf)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_an_intact_file_says_what_was_sealed_when_and_by_which_certificate(
    file: bytes, installation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = open_sealed(file)
    assert (found.contents, found.sha256) == (CONTENTS, sha256_of(canonical_json(CONTENTS)))
    assert found.sealed_at == AT and "slmcycle at 127.0.0.1" in found.subject == found.issuer
    assert whose(found.fingerprint) == "", "another installation does not know it"
    monkeypatch.setenv("SLM_VAR", str(installation))
    settings.cache_clear()
    assert whose(found.fingerprint) == INSTALLATION


def test_the_same_is_sealed_to_the_same_bytes(here: Path) -> None:
    first, again, later = (
        sealed(printed(), signer_at(at), at, "signed") for at in (AT, AT, AT + timedelta(seconds=1))
    )
    assert first == again != later


@hypothesis_settings(max_examples=60)
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_bit_that_is_flipped_anywhere_is_found(file: bytes, place: float, bit: int) -> None:
    other = bytearray(file)
    other[int(place * len(file))] ^= 1 << bit
    assert problem(bytes(other)).startswith(
        ("changed: ", "damaged: ", "not sealed", "not a PDF", "signed, but")
    )


@hypothesis_settings(max_examples=60)
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_so_is_one_in_the_seal_itself(file: bytes, place: float, bit: int) -> None:
    start = file.rindex(b"/Contents <")
    other = bytearray(file)
    other[start + int(place * (file.index(b">", start) + 1 - start))] ^= 1 << bit
    problem(bytes(other))


def test_hexadecimal_digits_in_small_letters_are_not_the_same_bytes(file: bytes) -> None:
    start = file.rindex(b"/Contents <") + len(b"/Contents <")
    end = file.index(b">", start)
    assert problem(file[:start] + file[start:end].lower() + file[end:]) == (
        "changed: the seal itself was altered"
    )


@hypothesis_settings(max_examples=60)
@given(kept=st.floats(0, 1, exclude_max=True))
def test_a_file_that_is_cut_off_is_found(file: bytes, kept: float) -> None:
    problem(file[: int(kept * len(file))])


def test_what_is_appended_is_found(file: bytes) -> None:
    from pyhanko.pdf_utils.generic import pdf_name
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    assert problem(file + b"\n") == (
        f"changed: 1 bytes were added after it was sealed, from byte {len(file)}"
    )
    update = IncrementalPdfFileWriter(BytesIO(file))
    update.root[pdf_name("/Lang")] = pdf_name("/de")
    update.update_root()
    output = BytesIO()
    update.write(output)
    assert output.getvalue().startswith(file)
    assert "bytes were added after it was sealed" in problem(output.getvalue())


def test_a_seal_taken_off_is_not_sealed(file: bytes) -> None:
    assert problem(printed()) == "not sealed: it never was, or the seal was taken off"
    assert problem(file.replace(b"/FT /Sig", b"/FT /Txt")).startswith(("not sealed", "changed"))


def test_a_second_signature_is_a_change(file: bytes) -> None:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import SigFieldSpec, append_signature_field

    writer = IncrementalPdfFileWriter(BytesIO(file))
    append_signature_field(writer, SigFieldSpec("Second"))
    output = BytesIO()
    writer.write(output)
    assert problem(output.getvalue()).startswith("changed: ")


def test_a_signature_that_allows_changes_is_no_seal(here: Path) -> None:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.signers import PdfSignatureMetadata, sign_pdf

    signed = sign_pdf(
        IncrementalPdfFileWriter(BytesIO(printed())), PdfSignatureMetadata(field_name="Other"), signer_at(AT)
    )
    assert problem(signed.getvalue()) == (
        "signed, but not with the seal of an agreement: changes would be allowed"
    )


def test_a_sealed_pdf_of_something_else_is_no_agreement(here: Path) -> None:
    other = sealed(to_pdf(PAGE), signer_at(AT), AT, "something else")
    assert problem(other) == "sealed, but no signed agreement of slmcycle"
    lying = sealed(printed("0" * 64), signer_at(AT), AT, "signed")
    assert problem(lying) == "its text does not have the SHA-256 that its signing record names"


@pytest.mark.parametrize(
    ("contents", "told", "where"),
    [
        ([1, 2], {}, "of agreement.json, the whole"),
        ({"agreement": "SLA-1"}, {}, "of agreement.json, version"),
        (CONTENTS | {"version": "x"}, {}, "of agreement.json, version"),
        (CONTENTS | {"version": 10**30}, {}, "of agreement.json, version"),
        (CONTENTS | {"title": None}, {}, "of agreement.json, title"),
        (CONTENTS, [], "of signing-record.json, the whole"),
        (CONTENTS, {"signed_at": "yesterday"}, "of signing-record.json, signed_at"),
        (CONTENTS, {"simulated": "no"}, "of signing-record.json, simulated"),
        (CONTENTS, {"chain": {"length": 3}}, "of signing-record.json, chain.hash"),
        (CONTENTS, {"chain": {"length": -1, "hash": "0" * 64}}, "of signing-record.json, chain.length"),
    ],
)
def test_attachments_of_another_shape_are_refused_in_a_line(
    here: Path, contents: object, told: object, where: str
) -> None:
    record = RECORD_TOLD | told if isinstance(told, dict) else told
    line = problem(sealed(printed_of(contents, record), signer_at(AT), AT, "signed"))
    assert line == f"sealed, but no signed agreement of slmcycle: {where} is not what it must be"


def test_an_encrypted_file_is_refused(file: bytes) -> None:
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.pdf_utils.writer import copy_into_new_writer

    writer = copy_into_new_writer(PdfFileReader(BytesIO(file)))
    writer.encrypt(owner_pass="owner", user_pass="user")
    output = BytesIO()
    writer.write(output)
    assert problem(output.getvalue()) == "encrypted, as a signed agreement never is"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", "the file is empty"),
        (b"Dear reader", "not a PDF"),
        (b"%PDF-1.7\n", "damaged: it is no whole PDF, so it was cut off or overwritten"),
    ],
)
def test_what_is_no_pdf_is_said_in_a_line(content: bytes, line: str) -> None:
    assert problem(content) == line


def test_the_key_is_made_once_and_read_by_its_owner_alone(tmp_path: Path) -> None:
    first, again = fingerprint_of(signer_at(AT)), fingerprint_of(signer_at(AT + timedelta(days=400)))
    assert first == again
    (made,) = tmp_path.iterdir()
    assert made.name == "seal.p12" and made.stat().st_mode & 0o777 == 0o600


def test_the_organisation_s_own_certificate_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_pkcs12(tmp_path / "organisation.p12", "Northwind IT", AT, password="open sesame")
    monkeypatch.setenv("SLM_SEAL_PKCS12", str(path))
    monkeypatch.setenv("SLM_SEAL_PASSWORD", "open sesame")
    settings.cache_clear()
    signer = signer_at(AT)
    # signatures of elliptic curves differ in length
    files = [sealed(printed(), signer, AT + timedelta(seconds=number), "signed") for number in range(20)]
    found, *_others = [open_sealed(file) for file in files]
    assert "Northwind IT" in found.subject and "Authority of Northwind IT" in found.issuer
    assert whose(found.fingerprint) == ORGANISATION
    assert not (tmp_path / "seal.p12").exists()


@pytest.mark.parametrize("what", ["missing", "no PKCS#12", "password", "expired"])
def test_a_certificate_that_cannot_be_used_is_one_line(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "organisation.p12"
    if what == "no PKCS#12":
        path.write_bytes(os.urandom(200))
    elif what != "missing":
        write_pkcs12(path, "Northwind IT", AT, password="open sesame")
    monkeypatch.setenv("SLM_SEAL_PKCS12", str(path))
    monkeypatch.setenv("SLM_SEAL_PASSWORD", "wrong" if what == "password" else "open sesame")
    settings.cache_clear()
    with pytest.raises(BadInputError, match=r"^SLM_SEAL_PKCS12 .*organisation\.p12: ") as refused:
        signer_at(AT + timedelta(days=4000 if what == "expired" else 0))
    assert "\n" not in str(refused.value)
