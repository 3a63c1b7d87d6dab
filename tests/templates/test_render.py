"""Figures and times in people's words."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import TemplateNotFound, UndefinedError

from config.errors import BadInputError
from models.agreements import Stage
from templates.render import (
    day,
    duration,
    environment,
    isodate,
    moment,
    percent,
    render,
    render_block,
    stage_title,
)

_SECONDS = {"h": 3600, "min": 60, "s": 1}
INSTANTS = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (28_800, "8 h"),
        (2_700, "45 min"),
        (5_400, "1 h 30 min"),
        (144_000, "40 h"),
        (90, "1 min 30 s"),
        (3_605, "1 h 5 s"),
        (0, "0 min"),
        (59.6, "1 min"),
        (-600, "\N{MINUS SIGN}10 min"),
        (-0.2, "0 min"),
    ],
)
def test_a_duration_is_said_in_hours_and_minutes(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@given(st.integers(1, 10**8))
def test_a_duration_says_every_second(seconds: int) -> None:
    parts = re.findall(r"(\d+) (h|min|s)", duration(seconds))
    assert sum(int(count) * _SECONDS[unit] for count, unit in parts) == seconds
    assert all(int(count) for count, _ in parts)


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.9, "90"),
        (0.924, "92.4"),
        (0.9245, "92.5"),
        (27 / 30, "90"),
        (1, "100"),
        (1.0, "100"),
        (0, "0"),
        (0.9995, "99.95"),
        (0.99999, "99.999"),
        (0.0004, "0.04"),
        (55 / 60, "91.7"),
        (0.005, "0.5"),
        (-0.0, "0"),
    ],
)
def test_a_share_is_said_in_percent(share: float, words: str) -> None:
    assert percent(share) == f"{words}\u00a0%"


@given(st.floats(0, 1))
def test_only_none_and_all_are_said_as_0_and_100(share: float) -> None:
    shown = percent(share).removesuffix("\u00a0%")
    assert abs(Decimal(shown) - Decimal(str(share)) * 100) <= Decimal("0.05")
    assert not shown.endswith(".0") and "E" not in shown
    if 1e-7 < share < 1 - 1e-7:
        assert shown not in {"0", "100"}


def test_an_instant_is_told_in_a_zone() -> None:
    instant = datetime(2026, 3, 3, 14, 5, tzinfo=UTC)
    assert moment(instant) == "3 March 2026, 14:05 UTC"
    assert moment(instant, "Europe/Berlin") == "3 March 2026, 15:05 CET"
    assert moment(instant, "America/Sao_Paulo") == "3 March 2026, 11:05 America/Sao_Paulo"
    assert moment("2026-03-03T14:05:00+00:00", "Pacific/Auckland") == "4 March 2026, 03:05 NZDT"
    assert day(instant) == "3 March 2026"
    assert day(instant, "Pacific/Auckland") == "4 March 2026"
    assert day(date(2026, 12, 31)) == day("2026-12-31") == "31 December 2026"
    assert isodate(instant) == isodate("2026-03-03T23:00:00+00:00") == "2026-03-03"


@given(INSTANTS, st.sampled_from(["UTC", "Asia/Kolkata", "America/New_York"]))
def test_the_day_is_the_moments_day(instant: datetime, zone: str) -> None:
    assert moment(instant, zone).startswith(day(instant, zone) + ", ")
    assert abs(date.fromisoformat(isodate(instant, zone)) - instant.date()) <= timedelta(days=1)


@pytest.mark.parametrize(
    ("instant", "zone", "complaint"),
    [
        (datetime(2026, 3, 3), "UTC", "no time zone"),
        ("2026-03-03T14:05:00", "UTC", "no time zone"),
        ("yesterday", "UTC", "'yesterday' is not a date"),
        (datetime(2026, 3, 3, tzinfo=UTC), "Europe/Nowhere", "'Europe/Nowhere' is not a time zone"),
        (datetime(2026, 3, 3, tzinfo=UTC), "", "'' is not a time zone"),
        (datetime(2026, 3, 3, tzinfo=UTC), "../etc/passwd", "is not a time zone"),
    ],
)
def test_a_time_that_cannot_be_told_is_refused(instant: datetime | str, zone: str, complaint: str) -> None:
    with pytest.raises(BadInputError, match=complaint):
        moment(instant, zone)


def test_a_stage_has_a_title() -> None:
    assert stage_title(Stage.TRIAL_RUN) == stage_title("trial_run") == "Trial run"


def test_html_is_escaped_and_text_is_not() -> None:
    html: Any = environment().get_template("mail/parts.html.j2").module
    text: Any = environment().get_template("mail/parts.txt.j2").module
    assert "&lt;b&gt;" in html.bullets(["<b>"])
    assert text.bullets(["<b>"]) == "- <b>\n"


def test_a_name_that_nobody_gave_is_an_error() -> None:
    with pytest.raises(UndefinedError, match="'agreement' is undefined"):
        render_block("mail/ended.txt.j2", "subject")


def test_a_template_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(TemplateNotFound):
        render("mail/nothing.txt.j2")
