"""A seal with the time stamp of a real authority: what it says, what it withstands, and where it is away."""

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from http.server import BaseHTTPRequestHandler
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import select

from config.errors import UnreachableError
from config.settings import settings
from models.database import reading, transaction
from models.sealing import canonical_json, sha256_of
from models.signed_documents import SignedDocument
from states.pdf_seals import WITH_STAMP, sealed
from states.seal_certificates import signer_at
from states.seal_spelling import spelled
from states.seal_verification import RECORD, TEXT, NotIntactError, open_sealed
from states.signed_documents import make_unmade
from states.time_stamps import time_stamper
from templates.printing import to_pdf
from tests.states.builders import MONDAY, monitored
from tests.states.time_stamping import Authority, NotInstalledError, running_authority, serving

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CONTENTS = {"agreement": "SLA-1", "version": 1, "title": "Ships"}
PAGE = "<!DOCTYPE html><html lang='en'><head><title>SLA-1</title></head><body><h1>SLA-1</h1></body></html>"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    try:
        with running_authority(tmp_path_factory.mktemp("authority")) as running:
            yield running
    except NotInstalledError as error:
        pytest.skip(str(error))


@cache
def printed() -> bytes:
    text = canonical_json(CONTENTS)
    record = canonical_json(
        {
            "sha256": sha256_of(text),
            "signed_at": AT.isoformat(),
            "simulated": False,
            "chain": {"length": 1, "hash": "0" * 64},
        }
    )
    return to_pdf(PAGE, {TEXT: ("the text", text), RECORD: ("the record", record)}, AT)


def ask(url: str, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("SLM_TIMESTAMP_URL", url)
    patch.setenv("SLM_TIMESTAMP_TIMEOUT_S", "10")
    settings.cache_clear()


def stamped(reason: str = "SLA-1, as it was signed") -> bytes:
    return sealed(printed(), signer_at(AT), AT, reason, time_stamper())


@pytest.fixture(scope="module")
def file(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A file with a seal and a time stamp."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLM_VAR", str(tmp_path_factory.mktemp("installation")))
        ask(authority.url, patch)
        made = stamped()
    settings.cache_clear()
    return made


def problem(pdf: bytes) -> str:
    with pytest.raises(NotIntactError) as refused:
        open_sealed(pdf)
    return str(refused.value)


def seal_in(pdf: bytes) -> Any:
    from pyhanko.pdf_utils.reader import PdfFileReader

    return PdfFileReader(BytesIO(pdf)).embedded_signatures[0]


def with_seal(pdf: bytes, contents: bytes) -> bytes:
    """The file with another spelling of its seal, filled up to the room that there is."""
    start = pdf.rindex(b"/Contents <") + len(b"/Contents <")
    end = pdf.index(b">", start)
    return pdf[:start] + contents.hex().upper().ljust(end - start, "0").encode() + pdf[end:]


def test_a_time_stamp_says_when_the_seal_was_seen_and_by_whom(file: bytes, authority: Authority) -> None:
    found = open_sealed(file)
    assert found.sealed_at == AT, "by our own clock"
    assert found.time_stamp is not None
    assert abs(found.time_stamp.at - datetime.now(UTC)) < 10 * MINUTE, "by the authority's"
    assert "Time authority" in found.time_stamp.subject and "Root of time" in found.time_stamp.issuer
    shown = subprocess.run(
        ["openssl", "x509", "-in", authority.certificate, "-noout", "-fingerprint", "-sha256"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.strip().endswith(
        ":".join(found.time_stamp.fingerprint[place : place + 2].upper() for place in range(0, 64, 2))
    )


def test_another_program_finds_the_time_stamp_good(file: bytes, authority: Authority, tmp_path: Path) -> None:
    signer = seal_in(file).signer_info
    (token,) = signer["unsigned_attrs"][0]["values"]
    (tmp_path / "token").write_bytes(token.dump())
    digest = sha256(signer["signature"].native).hexdigest()
    checked = ["openssl", "ts", "-verify", "-token_in", "-in", str(tmp_path / "token"), "-digest", digest]
    chain = ["-CAfile", str(authority.root), "-untrusted", str(authority.certificate)]
    told = subprocess.run([*checked, *chain], capture_output=True, text=True, check=False)
    assert "Verification: OK" in told.stdout + told.stderr


@pytest.mark.campaign
def test_a_time_stamp_that_is_taken_off_or_of_another_file_is_found(
    file: bytes, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal = seal_in(file)
    bare = spelled(seal.signer_info, seal.signer_cert).dump()
    assert problem(with_seal(file, bare)) == "changed: the time stamp was altered or taken off"
    promising = sealed(printed(), signer_at(AT), AT, "signed" + WITH_STAMP)
    assert problem(promising) == "changed: the time stamp was altered or taken off"

    ask(authority.url, monkeypatch)
    other = stamped("another")
    theirs = seal_in(other)
    token = seal.signer_info["unsigned_attrs"]
    swapped = spelled(theirs.signer_info, theirs.signer_cert, unsigned=token).dump()
    assert problem(with_seal(other, swapped)) == "changed: the time stamp is of something else"


@pytest.mark.campaign
@hypothesis_settings(max_examples=200)
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_bit_that_is_flipped_in_the_seal_or_its_time_stamp_is_found(
    file: bytes, place: float, bit: int
) -> None:
    start = file.rindex(b"/Contents <")
    other = bytearray(file)
    other[start + int(place * (file.index(b">", start) + 1 - start))] ^= 1 << bit
    assert "\n" not in problem(bytes(other))


@pytest.mark.campaign
def test_while_the_authority_is_away_nothing_is_sealed_and_nothing_is_lost(
    engine: Engine, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction(engine) as session:
        monitored(session)
    with serving(BaseHTTPRequestHandler) as port:
        pass  # nobody answers there any more
    ask(f"http://user:secret@127.0.0.1:{port}/", monkeypatch)
    (line,) = make_unmade(engine, MONDAY)
    assert line.startswith(
        "SLA-1: version 1 not printed yet: the time-stamping server 127.0.0.1 (SLM_TIMESTAMP_URL): "
    )
    assert "secret" not in line and "\n" not in line
    with reading(engine) as session:
        assert session.exec(select(SignedDocument)).all() == []
    ask(authority.url, monkeypatch)
    assert make_unmade(engine, MONDAY + MINUTE) == ["SLA-1: version 1 printed and sealed"]
    with reading(engine) as session:
        assert open_sealed(session.exec(select(SignedDocument)).one().pdf).time_stamp is not None


@pytest.mark.campaign
@pytest.mark.parametrize(
    ("status", "kind", "body"),
    [
        (200, "text/html", b"<h1>Welcome</h1>"),
        (200, "application/timestamp-reply", b"no such thing"),
        (200, "application/timestamp-reply", bytes.fromhex("30053003020102")),  # "rejection"
        (503, "application/timestamp-reply", b""),
    ],
)
def test_an_answer_that_is_no_time_stamp_is_one_line(
    status: int, kind: str, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    with serving(Handler) as port:
        ask(f"http://127.0.0.1:{port}/", monkeypatch)
        with pytest.raises(
            UnreachableError, match=r"^the time-stamping server 127\.0\.0\.1 .*: ."
        ) as refused:
            stamped()
    assert "\n" not in str(refused.value)
