"""Secrets are blotted out however a mail program wrote them; what people write stays as it is."""

from base64 import b32encode, urlsafe_b64encode
from hashlib import sha256
from random import Random
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.blotting import blot_out

TOKENS = st.integers(0, 2**32).map(
    lambda seed: urlsafe_b64encode(Random(seed).randbytes(32)).decode().rstrip("=")
)
ADDRESS_TOKENS = st.integers(0, 2**32).map(
    lambda seed: b32encode(Random(seed).randbytes(16)).decode().rstrip("=").lower()
)
LINK = "https://slm.harbour.example/desk/d/"


def test_the_links_of_a_letter_are_blotted_out() -> None:
    secret, other = "A_b-" + "x" * 39, "Q" * 43
    letter = (
        f'<a href="http://a.example/d/{secret}">http://a.example/d/{secret}</a> or http://a/s/{other}. Bye'
    )
    assert blot_out(letter) == (
        '<a href="http://a.example/d/…">http://a.example/d/…</a> or http://a/s/…. Bye'
    )
    assert blot_out("http://a.example/agreements/SLA-001") == "http://a.example/agreements/SLA-001"


@given(TOKENS, st.integers(1, 42))
def test_a_link_is_blotted_out_however_it_is_written(token: str, place: int) -> None:
    one, two = token[:place], token[place:]
    for written in (
        f"{LINK}{token}",
        f"https://eur01.safelinks.protection.example/?url={quote(LINK, safe='')}{token}&data=05%7C01",
        f"https://links.example/?u={quote(quote(LINK, safe=''), safe='')}{token}%26more",
        f"https://urldefense.example/v2/url?u=https-3A__slm.example_d_{token}&d=DwM",
        f"https://urldefense.example/v3/__{LINK}{token}__;!!abc",
        f"I cannot open\n{LINK}{one}\n{two}\nplease help",
        f"> {LINK}{one}\r\n> {two}\r\n",
        f"{LINK}{one}=\r\n{two}",
        f"{LINK}\n{token}",
        f'<a href=3D"{LINK}{token}">open</a>',
        f"the end was {token}, I think",
        f"the end was {one}\n{two}.",
        f"token={token}",
        f"?t%3D{token}",
    ):
        shown = blot_out(written)
        assert token not in shown.replace("=\r\n", "").replace("\r\n> ", "").replace("\n", ""), written
        assert not (len(two) > 3 and two in shown) and not (len(one) > 3 and one in shown), written


@given(ADDRESS_TOKENS, st.integers(1, 25))
def test_a_secret_address_is_blotted_out_however_it_is_written(token: str, place: int) -> None:
    for written in (
        f"yes.{token}@answers.example",
        f"NO.{token.upper()}@ANSWERS.EXAMPLE",
        f"553 5.7.1 <b.{token}@answers.example>: Sender address rejected",
        f"SRS0=ab=cd=answers.example=b.{token}@forwarder.example",
        f"answers+re.{token}@northwind.example",
        f"mailto:yes.{token[:place]}=\r\n{token[place:]}@answers.example",
    ):
        shown = blot_out(written)
        assert token not in shown.lower().replace("=\r\n", ""), written
        assert ".…@" in shown


def test_the_bare_token_of_an_address_is_blotted_out() -> None:
    assert blot_out("it was k5mxqa2b3cmoh6sxjzq4m7tn3e or so") == "it was … or so"
    assert blot_out("it was\nk5mxqa2b3cmoh\n6sxjzq4m7tn3e") == "it was\n…"


WORDS = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=18)


@given(st.lists(st.one_of(WORDS, st.sampled_from(["yes.", "no.", "re.", "b.", "/d/"])), max_size=60))
def test_ordinary_text_is_left_alone(words: list[str]) -> None:
    for between in (" ", "  ", " \n> - "):
        text = between.join(words)
        assert blot_out(text) == text


@given(st.binary())
def test_a_hash_is_left_alone(content: bytes) -> None:
    digest = sha256(content).hexdigest()
    for text in (f"sealed as {digest}.", f"{digest[:32]}\n{digest[32:]}", f"/versions/{digest}", digest[:43]):
        assert blot_out(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "Service-Level-Agreement-for-the-Harbour-Log is attached",
        "https://wiki.harbour.example/d/the-service-desk-and-what-it-does-for-the-whole-harbour",
        "Donaudampfschifffahrtsgese is a word of 26 letters, unparteiischeneintragunge too",
        "I agree.\nyes.\nno.\nalpha\nbravo\ncharlie\ndelta\n",
        "3f2c1a9e-77b0-4d55-8c0e-0a1b2c3d4e5f and 01JQ8Z5M3T7Y2W9X4V6B1N0KCD",
        "250 2.0.0 OK 1772442001 a640c23a62f3a-ab7c1a2b3c4si123456566b.42 - gsmtp",
    ],
)
def test_names_and_numbers_are_left_alone(text: str) -> None:
    assert blot_out(text) == text


def test_a_long_text_takes_no_long_time() -> None:
    for piece in ("a", "/d/", "yes.", "a\n", "%2Fd%2F", "a \t", "b.a=\n> ", "-2D"):
        text = piece * (200_000 // len(piece))
        assert blot_out(text) == text
