"""Adding to the evidence store: a log's tickets and intervals, in sets of rows."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlmodel import Session

from evidence.restatements import restated
from evidence.row_sets import insert_rows, mark, one_of, wait_for_others
from evidence.timelines import Interval, Repeat, TicketLog, told_by
from models.evidence import TicketState

_ATTRIBUTES = ("customer", "requester", "service", "request_type", "category", "parent", "priority")
_TICKET_COLUMNS = ("source", "external_id", "opened_at", "known_at", *_ATTRIBUTES)
_INTERVAL_COLUMNS = ("ticket_id", "started_at", "known_at", "state", "group_name", "line", "priority")
_UPDATE_COLUMNS = ("ticket_id", "at", "known_at")
_STATES = {state.value: state for state in TicketState}
_WORDS = {state: state.value for state in TicketState}


def add_tickets(session: Session, source: str, logs: Collection[TicketLog]) -> tuple[int, int]:
    """Add tickets that are new, and new intervals and updates of all of them; what is there never changes.

    Two imports of one source at once wait for each other.

    Returns:
        The numbers of tickets and of intervals that the store did not have.
    """
    wait_for_others(session, f"evidence of {source}")
    before = _stored(session, source, [log.external_id for log in logs])
    new = [log for log in logs if log.external_id not in before]
    insert_rows(session, "tickets", _TICKET_COLUMNS, [_ticket_row(source, log) for log in new])
    after = before | _stored(session, source, [log.external_id for log in new])
    known = _intervals(session, [ticket_id for ticket_id, _ in before.values()])
    rows: list[tuple[Any, ...]] = []
    repeats: dict[int, Sequence[Repeat]] = {}
    for log in logs:
        ticket_id, known_at = after[log.external_id]
        added, repeated = _added(log, known.get(ticket_id, []), known_at)
        for began, recorded, state, group, line, priority in added:
            rows.append((ticket_id, began, recorded, _WORDS[state], group, line, priority))
        if repeated:
            repeats[ticket_id] = repeated
    insert_rows(session, "ticket_intervals", _INTERVAL_COLUMNS, rows)
    _add_updates(session, repeats, [ticket_id for ticket_id in repeats if ticket_id in known])
    return len(new), len(rows)


def _added(log: TicketLog, stored: list[Interval], known_at: int) -> tuple[list[Interval], Sequence[Repeat]]:
    """What a log adds to the intervals that are stored of its ticket, known since `known_at`; its repeats."""
    if log.told_at is not None:
        timeline, added = list(stored), list[Interval]()
        for account in (log, *log.later):
            added += restated(account, timeline)
            timeline = sorted([*stored, *added], key=lambda interval: interval[:2])
        return added, ()
    earlier = log.timeline or []
    if log.timeline is None and known_at < log.known_at:
        earlier = [old for old in stored if old.known_at < log.known_at]
    log.timeline, added, repeats = told_by(log, earlier)
    if log.by_checks:
        repeats = []
    if not stored:
        return added, repeats
    keys = {old.key for old in stored}
    return [interval for interval in added if interval.key not in keys], repeats


def _add_updates(session: Session, repeats: Mapping[int, Sequence[Repeat]], earlier: list[int]) -> None:
    """Add the repeats of tickets, by ticket id, once each; of the `earlier` tickets some may be there."""
    there: dict[int, set[int]] = defaultdict(set)
    if earlier:
        is_one_of, wanted = one_of(session, earlier)
        found = session.connection().exec_driver_sql(
            f"SELECT ticket_id, at FROM ticket_updates WHERE ticket_id {is_one_of}", (wanted,)
        )
        for ticket_id, at in found:
            there[ticket_id].add(at)
    rows: list[tuple[int, int, int]] = []
    for ticket_id, told in repeats.items():
        once = dict(reversed(told))  # of several at one instant the one recorded first stays
        rows += [(ticket_id, at, once[at]) for at in once.keys() - there.get(ticket_id, ())]
    insert_rows(session, "ticket_updates", _UPDATE_COLUMNS, rows)


def open_outage(session: Session, source: str, endpoint: str, at: int) -> tuple[str, int] | None:
    """Return the external id and opening of the endpoint's outage that is stored and not over before `at`."""
    placed = mark(session)
    found = session.connection().exec_driver_sql(
        f"SELECT id, external_id, opened_at FROM tickets WHERE source = {placed} AND service = {placed} "
        f"AND opened_at <= {placed} ORDER BY opened_at DESC LIMIT 1",
        (source, endpoint, at),
    )
    row = found.first()
    if row is None:
        return None
    over = any(
        interval.state == TicketState.RESOLVED and interval.started_at < at
        for interval in _intervals(session, [row[0]])[row[0]]
    )
    return None if over else (row[1], row[2])


def _stored(session: Session, source: str, external_ids: list[str]) -> dict[str, tuple[int, int]]:
    """The id and the instant of first knowledge of each ticket that is there, by external id."""
    if not external_ids:
        return {}
    is_one_of, wanted = one_of(session, external_ids)
    placed = mark(session)
    found = session.connection().exec_driver_sql(
        f"SELECT external_id, id, known_at FROM tickets WHERE source = {placed} AND external_id {is_one_of}",
        (source, wanted),
    )
    return {external_id: (ticket_id, known_at) for external_id, ticket_id, known_at in found}


def _intervals(session: Session, ticket_ids: list[int]) -> dict[int, list[Interval]]:
    """The intervals that are there, by ticket id, in the order of time."""
    intervals: dict[int, list[Interval]] = defaultdict(list)
    if not ticket_ids:
        return intervals
    is_one_of, wanted = one_of(session, ticket_ids)
    found = session.connection().exec_driver_sql(
        f"SELECT {', '.join(_INTERVAL_COLUMNS)} FROM ticket_intervals WHERE ticket_id {is_one_of} "
        "ORDER BY started_at, known_at, id",
        (wanted,),
    )
    for ticket_id, started_at, known_at, state, *rest in found:
        intervals[ticket_id].append(Interval(started_at, known_at, _STATES[state], *rest))
    return intervals


def _ticket_row(source: str, log: TicketLog) -> tuple[Any, ...]:
    told = [log.attributes.get(name, "") for name in _ATTRIBUTES]
    return source, log.external_id, log.opened_at, log.known_at, *told
