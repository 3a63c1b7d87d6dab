"""The one Jinja2 environment of letters, pages and documents, and its filters for figures and times."""

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from config.clock import as_utc
from config.errors import BadInputError
from models.agreements import Stage
from templates.figures_in_words import counted, figure
from templates.numbers import amount, duration, percent

__all__ = [
    "FILTERS",
    "amount",
    "day",
    "duration",
    "environment",
    "isodate",
    "moment",
    "percent",
    "render",
    "render_block",
    "stage_title",
]

# not calendar.month_name, which follows the locale of the process
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def day(instant: datetime | date | str, zone: str = "UTC") -> str:
    """Return the day of an instant in an IANA time zone, or a date, or either in ISO 8601: "3 March 2026".

    Raises:
        BadInputError: if the instant is naive, the text is no date, or the zone is not known.
    """
    found = _date(instant, zone)
    return f"{found.day} {_MONTHS[found.month - 1]} {found.year}"


def moment(instant: datetime | str, zone: str = "UTC") -> str:
    """Return an instant in an IANA time zone, to the minute: "3 March 2026, 14:05 UTC".

    A zone without an abbreviation is named: "3 March 2026, 11:05 America/Sao_Paulo".

    Raises:
        BadInputError: as `day`.
    """
    local = _local(_instant(instant), zone)
    abbreviation = local.tzname() or ""
    return f"{day(local.date())}, {local:%H:%M} {abbreviation if abbreviation.isalpha() else zone}"


def isodate(instant: datetime | date | str, zone: str = "UTC") -> str:
    """Return the day as `day` finds it, written "2026-03-03".

    Raises:
        BadInputError: as `day`.
    """
    return _date(instant, zone).isoformat()


def stage_title(stage: Stage | str) -> str:
    """Return a stage, or its stored word, as people write it: "Trial run"."""
    return Stage(stage).title


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


FILTERS: dict[str, Callable[..., str]] = {
    "duration": duration,
    "percent": percent,
    "amount": amount,
    "figure": figure,
    "counted": counted,
    "day": day,
    "moment": moment,
    "isodate": isodate,
    "stage_title": stage_title,
}


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Return the environment: templates of this package, HTML escaped, an undefined name an error."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=select_autoescape(enabled_extensions=("html.j2",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(FILTERS)
    return made


def render(name: str, **context: Any) -> str:
    """Return the template `name`, such as "mail/signed.txt.j2", filled in.

    Raises:
        jinja2.TemplateNotFound: if there is no such template.
        jinja2.UndefinedError: if the template uses a name that `context` does not have.
    """
    return environment().get_template(name).render(context)


def render_block(name: str, block: str, **context: Any) -> str:
    """Return one block of the template `name`, filled in; the rest of it is not rendered.

    Raises:
        jinja2.TemplateNotFound, jinja2.UndefinedError: as `render`.
        KeyError: if the template has no such block.
    """
    template = environment().get_template(name)
    return "".join(template.blocks[block](template.new_context(context)))
