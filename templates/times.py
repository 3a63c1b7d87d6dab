"""Days and instants as people read them, in their zone and their language."""

from datetime import date, datetime
from functools import partial
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_date, get_timezone_name

from config.clock import as_utc
from config.errors import BadInputError
from templates.languages.catalogs import ENGLISH, locale
from templates.languages.telling import Told, told

# not calendar.month_name, which follows the locale of the process
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_NO_BREAK_SPACE = "\u00a0"
_FIRST_OF_MONTH = {"fr": ("1 ", "1er ")}
"""What CLDR's formats write, and what the language wants."""


def day(instant: datetime | date | str, zone: str = "UTC") -> str:
    """Return the day of an instant in an IANA time zone, or a date, or either in ISO 8601: "3 March 2026".

    It is told in the reader's language: "3. März 2026".

    Raises:
        BadInputError: if the instant is naive, the text is no date, or the zone is not known.
    """
    return Told(partial(_day, _date(instant, zone)))


def moment(instant: datetime | str, zone: str = "UTC") -> str:
    """Return an instant in an IANA time zone, to the minute: "3 March 2026, 14:05 UTC".

    A zone without an abbreviation is named: "3 March 2026, 11:05 America/Sao_Paulo".

    Raises:
        BadInputError: as `day`.
    """
    local = _local(_instant(instant), zone)
    return told(
        "%(day)s, %(time)s %(zone)s",
        day=day(local.date()),
        time=f"{local:%H:%M}",
        zone=Told(partial(_zone, local, zone)),
    )


def isodate(instant: datetime | date | str, zone: str = "UTC") -> str:
    """Return the day as `day` finds it, written "2026-03-03".

    Raises:
        BadInputError: as `day`.
    """
    return _date(instant, zone).isoformat()


def _day(found: date, language: str) -> str:
    if language == ENGLISH:
        return f"{found.day} {MONTHS[found.month - 1]} {found.year}"
    written = str(format_date(found, "long", locale(language)))
    if found.day == 1 and language in _FIRST_OF_MONTH:
        written = written.replace(*_FIRST_OF_MONTH[language], 1)
    return written.replace(" ", _NO_BREAK_SPACE, 1)  # a line does not end between the day and its month


def _zone(local: datetime, zone: str, language: str) -> str:
    """The zone's abbreviation in the language ("MEZ"), else the usual one ("CET"), else its name."""
    names = [local.tzname() or ""]
    if language != ENGLISH and names != ["UTC"]:
        names.insert(0, str(get_timezone_name(local, "short", locale=locale(language))))
    return next((name for name in names if name.isalpha()), zone)


def _date(instant: datetime | date | str, zone: str) -> date:
    if isinstance(instant, str):
        try:
            return date.fromisoformat(instant)
        except ValueError:
            return _local(_instant(instant), zone).date()
    return _local(instant, zone).date() if isinstance(instant, datetime) else instant


def _instant(instant: datetime | str) -> datetime:
    if isinstance(instant, datetime):
        return instant
    try:
        return datetime.fromisoformat(instant)
    except ValueError:
        raise BadInputError(f"'{instant}' is not a date or an instant in ISO 8601") from None


def _local(instant: datetime, zone: str) -> datetime:
    try:
        return as_utc(instant).astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadInputError(f"'{zone}' is not a time zone such as Europe/Berlin") from None
