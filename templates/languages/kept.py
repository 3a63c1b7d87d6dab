"""Words and sentences of our own that the database keeps in English, and how they are known again."""

import re
from datetime import date
from functools import cache, partial
from itertools import chain, zip_longest

from templates.languages.catalogs import ENGLISH, catalog
from templates.languages.telling import Told, marked, told
from templates.numbers import percent
from templates.spans import calendar_months
from templates.times import MONTHS, day

WORDS = (
    *(marked("met"), marked("not met"), marked("not enough evidence"), marked("not measured")),
    *(marked("asked"), marked("approved"), marked("declined"), marked("withdrawn")),
    *(marked("draft"), marked("offered"), marked("in force"), marked("superseded"), marked("abandoned")),
    *(marked("renew"), marked("renegotiate"), marked("none")),
    *(marked("version"), marked("exclusion"), marked("proposal")),
    *(marked("requirements"), marked("trial run"), marked("signing"), marked("monitoring")),
    *(marked("review"), marked("renegotiation"), marked("ended"), marked("everything")),
    *(marked("priority"), marked("service"), marked("request type"), marked("category")),
    *(marked("speed"), marked("quality"), marked("information")),
    *(marked("typed initials"), marked("typed full name")),
    *(marked("typed full name and a mailed one-time code"), marked("simulated")),
    *(marked("the present service"), marked("the version is signed"), marked("asked anew")),
    *(marked("The provider and you review this period next."), marked("Every promise was kept.")),
    *(marked("evidence known later"), marked("other evidence than was assessed")),
    *(marked("open tickets have run on"), marked("lines that are no step")),
    *(marked("continue"), marked("reset"), marked("the trial goes on")),
    marked("No ticket was measured in this period: does the evidence still come in?"),
)
"""What is kept word by word; a catalog knows it by itself, and it is here so that the catalogs have it."""

SENTENCES = (
    marked("the service (%(period)s)"),
    marked("%(start)s to %(end)s"),
    marked("the service from %(start)s to %(end)s"),
    marked("the trial run of version %(number)s"),
    marked("The agreement is in the stage %(stage)s."),
    marked("Not kept: %(targets)s. The review decides on an improvement or a revision."),
    marked("handed over to %(name)s"),
    marked("%(name)s declined"),
    marked("exclusion %(number)s approved: %(reason)s"),
    marked("secret reply address, %(result)s"),
    marked("ticket %(name)s"),
    marked("priority %(number)s"),
    marked("%(name)s did not answer in time"),
    marked("%(share)s of %(known)s"),
    marked("%(hits)s of %(known)s"),
    marked("%(key)s: %(figure)s, promised: %(promise)s; the evidence proves that the promise is not kept"),
    marked("%(key)s: %(figure)s, promised: %(promise)s; too few tickets to prove more than this period"),
    marked("%(share)s of %(known)s people are satisfied, the standard is %(standard)s"),
    marked("All targets are green, but users are not: %(words)s"),
    marked("the agreement moved on, to %(stage)s"),
    marked("version %(number)s is %(status)s, and its text another by now"),
    marked("the review ended already: %(decision)s"),
    marked("there is no target %(key)s any more"),
    marked("the risk of target %(key)s was accepted as it stands"),
    marked("target %(key)s was changed meanwhile: %(promise)s"),
    marked("the evidence supports something else for target %(key)s by now"),
)
"""What is kept with values in it."""

# what is longer was typed by somebody, and no pattern is to take long over it
_LONGEST = 500
_DAY, _NUMBER = rf"[0-9]{{1,2}} (?:{'|'.join(MONTHS)}) [0-9]{{4}}", r"[0-9][0-9,]*"
_SHARE = r"[0-9]{1,3}(?:\.[0-9]+)?\u00a0%"
_NAMED = rf"(?:{'|'.join(MONTHS)}) [0-9]{{4}}|[1-4](?:st|nd|rd|th) quarter [0-9]{{4}}"
_PERIOD = rf"{_NAMED}|{_DAY} to {_DAY}"
_VALUES = {
    "period": _PERIOD,
    "start": _DAY,
    "end": _DAY,
    "share": _SHARE,
    "standard": _SHARE,
} | dict.fromkeys(("number", "hits", "known"), _NUMBER)


def stored(text: str | None) -> str:
    """Return a text of the database, told in the reader's language where it is the product's own.

    That is a word ("not met", "declined") or a sentence of this module; one of several, with "; " between
    them, each by itself. What is not known, such as what people typed, stays as it is.
    """
    return Told(partial(_stored, str(text))) if text else ""


def _stored(text: str, language: str) -> str:
    if language == ENGLISH:
        return text
    parts = [text] if _known(text, language) else text.split("; ")
    return "; ".join(_known(part, language) or part for part in parts)


def _known(text: str, language: str) -> str:
    """The text in the language, "" where it is none of ours."""
    said = catalog(language).gettext(text) if text else ""
    if said != text:
        return said
    for message, pattern in _patterns() if len(text) <= _LONGEST else ():
        if found := pattern.fullmatch(text):
            values = {name: _value(name, value) for name, value in found.groupdict().items()}
            return told(message, **values).telling(language)
    return ""


def _value(name: str, value: str) -> str:
    if name in ("start", "end"):
        return _day(value)
    if name in ("share", "standard"):
        return percent(float(value.removesuffix("\u00a0%")) / 100)
    if name == "period" and re.fullmatch(_NAMED, value):
        return _named(value)
    return stored(value)


def _named(text: str) -> str:
    """A month or a quarter, told in the reader's language."""
    name, year = text.split()[0], int(text.split()[-1])
    if name in MONTHS:
        return calendar_months(year, MONTHS.index(name) + 1, 1)
    return calendar_months(year, int(name[0]) * 3 - 2, 3)


def _day(text: str) -> str:
    number, month, year = text.split()
    try:
        return day(date(int(year), MONTHS.index(month) + 1, int(number)))
    except ValueError:  # such as 31 February, which is not of our making
        return text


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    return [(message, _pattern(message)) for message in SENTENCES]


def _pattern(message: str) -> re.Pattern[str]:
    """What the message matches once it is filled in; its values by name."""
    pieces = re.split(r"%\((\w+)\)s", message)
    between = (re.escape(piece) for piece in pieces[::2])
    values = (f"(?P<{name}>{_VALUES.get(name, '.+?')})" for name in pieces[1::2])
    return re.compile("".join(chain.from_iterable(zip_longest(between, values, fillvalue=""))))
