"""What is deployed and when, as data."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from prefect.client.schemas.objects import ConcurrencyLimitStrategy
from prefect.server.schemas.schedules import IntervalSchedule

from config.errors import BadInputError
from config.settings import settings
from flows.serve import ANCHOR, SCHEDULES, deployments
from states.sweeps import SWEEPS

TODAY = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def test_every_sweep_is_scheduled_once() -> None:
    assert sorted(scheduled.flow.name for scheduled in SCHEDULES) == sorted(SWEEPS)


def test_every_sweep_is_deployed_unless_some_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sorted(deployment.name for deployment in deployments()) == sorted(SWEEPS.keys() - {"inbox"})
    monkeypatch.setenv("SLM_IMAP_HOST", "mail.provider.example")
    settings.cache_clear()
    assert sorted(deployment.name for deployment in deployments()) == sorted(SWEEPS)
    assert [deployment.name for deployment in deployments(names=["reviews", "mail"])] == ["mail", "reviews"]


def test_a_sweep_that_does_not_exist_is_not_served() -> None:
    with pytest.raises(BadInputError, match="there is no sweep 'letters', only mail, inbox, trials"):
        deployments(names=["mail", "letters"])


def test_deployments_start_as_modules_and_never_overlap() -> None:
    for deployment in deployments():
        assert deployment.entrypoint == f"flows.{deployment.flow_name}.{_function(deployment.flow_name)}"
        assert deployment.concurrency_limit == 1
        assert deployment.concurrency_options is not None
        assert deployment.concurrency_options.collision_strategy == ConcurrencyLimitStrategy.CANCEL_NEW


def test_every_interval_can_be_overridden() -> None:
    for deployment in deployments(timedelta(seconds=15)):
        (schedule,) = deployment.schedules or []
        assert getattr(schedule.schedule, "interval", None) == timedelta(seconds=15)


async def starts(interval: timedelta, offset: timedelta) -> list[datetime]:
    schedule = IntervalSchedule(interval=interval, anchor_date=ANCHOR + offset)
    return [date for date in await schedule.get_dates(n=60, start=TODAY) if date < TODAY + timedelta(hours=1)]


def test_no_two_sweeps_start_within_twenty_seconds() -> None:
    found = sorted(
        start for scheduled in SCHEDULES for start in asyncio.run(starts(scheduled.every, scheduled.offset))
    )

    assert len(found) == 60 + 60 + 5 * 6
    assert min(later - earlier for earlier, later in pairwise(found)) >= timedelta(seconds=20)


def _function(name: str | None) -> str:
    return next(scheduled.flow.fn.__name__ for scheduled in SCHEDULES if scheduled.flow.name == name)
