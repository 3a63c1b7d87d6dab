"""What somebody wrote in reply, told from what is quoted; and no text that takes minutes to read."""

from time import perf_counter

import pytest

from mail.reply_text import reply_in


@pytest.mark.parametrize(
    ("announced", "quoted"),
    [
        ("On Mon, 2 Mar 2026 at 10:00, Desk <desk@x.example> wrote:", "> Dear all"),
        ("Am Mo., 2. März 2026 um 10:00 Uhr schrieb Desk <desk@x.example>:", "> Guten Tag"),
        ("Em seg., 2 de mar. de 2026 às 10:00, Desk <desk@x.example> escreveu:", "> Bom dia"),
        (
            "Desk <desk@x.example>, 2 Mar 2026 Pzt, 10:00 tarihinde yazd\N{LATIN SMALL LETTER DOTLESS I}:",
            "> Merhaba",
        ),
        ("-----Ursprüngliche Nachricht-----", "Von: Desk\nGesendet: Montag"),
        ("-- ", "Business owner\nHarbour"),
    ],
)
def test_what_follows_the_reply_is_left_out(announced: str, quoted: str) -> None:
    assert reply_in(f"Yes, please.\r\n\r\n{announced}\r\n{quoted}\r\n") == "Yes, please."


def test_an_empty_reply_says_nothing() -> None:
    assert reply_in("") == ""
    assert reply_in("\n\n> APPROVE\n> please\n") == ""


@pytest.mark.parametrize(
    "hostile",
    ["On " * 20_000, " " * 200_000, "\n" * 200_000, ">" * 200_000, "a\n" * 100_000, "From: a\n" * 20_000,
     "On 1 2 3 " * 20_000, "This email is confidential " * 5_000, "_" * 100_000],
    ids=lambda text: repr(text[:8]),
)  # fmt: skip
def test_no_text_takes_long(hostile: str) -> None:
    started = perf_counter()
    assert len(reply_in(hostile)) <= 3000
    assert perf_counter() - started < 20
