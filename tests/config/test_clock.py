"""The clock: real by default, simulated within a block, never backwards, never naive."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from config import clock
from config.errors import BadInputError

SPRING = datetime(2026, 3, 1, 9, tzinfo=UTC)


def test_without_a_simulation_the_clock_tells_the_real_time_to_the_second():
    before = datetime.now(UTC) - timedelta(seconds=1)
    told = clock.now()
    assert before <= told <= datetime.now(UTC)
    assert told.microsecond == 0


def test_a_simulated_clock_stands_still_until_it_is_moved_and_ends_with_its_block():
    with clock.simulated(SPRING) as simulated:
        assert clock.now() == SPRING == clock.now()
        simulated.move_to(SPRING + timedelta(days=1))
        assert clock.now() == SPRING + timedelta(days=1)
    assert clock.now() > SPRING + timedelta(days=1)


def test_a_simulated_clock_cannot_go_back():
    with clock.simulated(SPRING) as simulated, pytest.raises(BadInputError, match="cannot go back"):
        simulated.move_to(SPRING - timedelta(seconds=1))


def test_an_instant_without_a_zone_is_refused_and_one_with_a_zone_is_put_into_utc():
    with pytest.raises(BadInputError, match="has no time zone"):
        clock.as_utc(datetime(2026, 3, 1))
    east = timezone(timedelta(hours=8))
    assert clock.as_utc(datetime(2026, 3, 1, 17, tzinfo=east)) == SPRING
