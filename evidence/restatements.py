"""Restatements: a ticket told anew as a whole, made into what that adds to what was known of it."""

from collections.abc import Sequence

from evidence.timelines import Interval, TicketLog, intervals_of


def restated(log: TicketLog, stored: Sequence[Interval]) -> list[Interval]:
    """Return the intervals that a new account of a ticket adds; what was known stays beside them.

    What happened after everything that is known is known since it happened. A change of what was known, such
    as a resolution that lies elsewhere now, is known since `log.told_at` and follows what it corrects within
    the same second, so a question as of an earlier instant is answered as before. A priority, group or line
    that is another one now is so since `log.told_at`: what the ticket was opened with stays.
    An account that is older than what is known corrects nothing.

    Args:
        log: the account.
        stored: what is known, in the order of time; none for a new ticket.
    """
    claimed = intervals_of(log)
    if not stored:
        return claimed
    told_at = log.told_at if log.told_at is not None else log.known_last
    newest = max(old.known_at for old in stored)
    timeline, added = list(stored), list[Interval]()
    outdated = told_at < newest
    starts = sorted({interval.started_at for interval in (*stored, *claimed)})
    for at in starts:
        want, have = _in_force(claimed, at), _in_force(timeline, at)
        if want is None or have is None or want.state == have.state:
            continue
        happened_since = want.started_at == at > newest
        if outdated and not happened_since:
            continue
        known_at = at if happened_since else max(told_at, have.known_at, at)
        _add(Interval(at, known_at, want.state, have.group, have.line, have.priority), timeline, added)
    now, then = claimed[-1], timeline[-1]
    details_differ = (now.group, now.line, now.priority) != (then.group, then.line, then.priority)
    if not outdated and details_differ and told_at > then.started_at:
        _add(Interval(told_at, told_at, then.state, now.group, now.line, now.priority), timeline, added)
    return added


def _in_force(timeline: Sequence[Interval], at: int) -> Interval | None:
    return next((interval for interval in reversed(timeline) if interval.started_at <= at), None)


def _add(interval: Interval, timeline: list[Interval], added: list[Interval]) -> None:
    """Add an interval that was never told before, after all that began no later."""
    if any(old.key == interval.key for old in timeline):
        # told before and taken back since: it is true again from the next second on
        interval = interval._replace(started_at=interval.started_at + 1)
        interval = interval._replace(known_at=max(interval.known_at, interval.started_at))
        if any(old.key == interval.key for old in timeline):
            return
    place = next((n for n, old in enumerate(timeline) if old.started_at > interval.started_at), len(timeline))
    timeline.insert(place, interval)
    added.append(interval)
