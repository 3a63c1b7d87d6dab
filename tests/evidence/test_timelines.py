"""Timelines: what a log says up to an instant is what a log cut off at that instant says."""

from hypothesis import given
from hypothesis import strategies as st

from evidence.timelines import Interval, TicketLog, Update, intervals_of, told_by
from models.evidence import TicketState

STATES = (TicketState.NEW, TicketState.IN_PROGRESS, TicketState.AWAITING_USER, TicketState.RESOLVED)
UPDATES = st.lists(
    st.builds(
        Update,
        at=st.integers(100, 130),
        state=st.sampled_from(STATES),
        group=st.sampled_from(["desk", "office"]),
        line=st.sampled_from(["first line", "back office"]),
        priority=st.just("2"),
    ),
    min_size=1,
    max_size=15,
)


def log(updates: list[Update]) -> TicketLog:
    return TicketLog("T1", 100, {}, updates)


def recorded(updates: list[Update]) -> list[int]:
    return [max(update.at for update in updates[: place + 1]) for place in range(len(updates))]


@given(UPDATES, st.integers(100, 131))
def test_what_is_known_before_an_instant_needs_no_later_update(updates: list[Update], instant: int):
    earlier = [update for update, known in zip(updates, recorded(updates), strict=True) if known < instant]
    whole = [interval for interval in intervals_of(log(updates)) if interval.known_at < instant]
    assert whole == (intervals_of(log(earlier)) if earlier else [])


@given(UPDATES)
def test_no_interval_is_told_twice(updates: list[Update]):
    keys = [interval.key for interval in intervals_of(log(updates))]
    assert len(keys) == len(set(keys))


@given(st.lists(st.sampled_from(STATES), min_size=1, max_size=15), st.data())
def test_a_life_told_in_two_parts_is_the_life_told_at_once(states: list[TicketState], data: st.DataObject):
    updates = [Update(100 + place, state, "desk", "", "2") for place, state in enumerate(states)]
    cut = data.draw(st.integers(1, len(updates)))
    first = intervals_of(log(updates[:cut]))
    rest: list[Interval] = intervals_of(log(updates[cut:]), first) if updates[cut:] else []
    assert first + rest == intervals_of(log(updates))


@given(UPDATES)
def test_every_update_began_an_interval_or_is_a_repeat(updates: list[Update]):
    timeline, _, repeats = told_by(log(updates))
    told = {interval.started_at for interval in timeline} | {repeat.at for repeat in repeats}
    assert told == {100, *(update.at for update in updates)}


@given(UPDATES, st.integers(100, 131))
def test_no_repeat_that_is_known_before_an_instant_needs_a_later_update(updates: list[Update], instant: int):
    known = recorded(updates)
    earlier = [update for update, at in zip(updates, known, strict=True) if at < instant]
    _, _, repeats = told_by(log(updates))
    assert {repeat.known_at for repeat in repeats} <= set(known)
    before = [repeat for repeat in repeats if repeat.known_at < instant]
    assert before == (told_by(log(earlier))[2] if earlier else [])
