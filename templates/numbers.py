"""Figures as people read them: lengths of time, shares, amounts."""

from decimal import ROUND_HALF_UP, Decimal
from functools import partial

from babel.numbers import format_decimal

from templates.languages.catalogs import ENGLISH, locale
from templates.languages.telling import Told

_MINUS = "\N{MINUS SIGN}"
_NO_BREAK_SPACE = "\u00a0"
_MOST_DECIMALS = 6
_NEARLY_ALL = 99


def duration(seconds: float) -> str:
    """Return a length of time, given in seconds, in hours, minutes and seconds: "8 h", "1 h 30 min".

    Hours are never folded into days, because a working day has no fixed length: "40 h". The units are those
    of the SI, alike in every language.
    """
    whole = round(abs(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    parts = [f"{count} {unit}" for count, unit in ((hours, "h"), (minutes, "min"), (left, "s")) if count]
    return (_MINUS if seconds < 0 and whole else "") + (" ".join(parts) or "0 min")


def percent(share: float) -> str:
    """Return a share between 0 and 1 in percent with at most one decimal, halves up: "90 %", "92.4 %".

    Two are given above 99 %, where they are what is argued about ("99.54 %"), and more only where fewer would
    say 0 % or 100 % of a share that is neither. A no-break space stands before the sign. It is told with the
    reader's decimal sign: "92,4 %".
    """
    exact = Decimal(str(share)) * 100
    shown = exact
    for decimals in range(2 if exact > _NEARLY_ALL else 1, _MOST_DECIMALS + 1):
        shown = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
        if shown not in (0, 100) or shown == exact:
            break
    text = f"{shown:f}".rstrip("0").rstrip(".")
    return Told(partial(_percent, "0" if text == "-0" else text))


def amount(value: float) -> str:
    """Return a figure without needless decimals, thousands set apart: "1,200", "0.35"; "1.200" in German."""
    return Told(partial(_amount, value))


def _percent(shown: str, language: str) -> str:
    return f"{_pointed(shown, language)}{_NO_BREAK_SPACE}%"


def _pointed(digits: str, language: str) -> str:
    if language == ENGLISH:
        return digits
    return str(format_decimal(Decimal(digits), "0.##########", locale(language)))


def _amount(value: float, language: str) -> str:
    if language == ENGLISH:
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    return str(format_decimal(Decimal(f"{value:.2f}"), "#,##0.##", locale(language)))
