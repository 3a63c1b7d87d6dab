"""Adding to the evidence store: a log's tickets and intervals, in sets of rows."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlmodel import Session

from evidence.first_accounts import FirstAccount, compared, name_tickets
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


class AddedTickets(NamedTuple):
    """What a log added to the store.

    Attributes:
        tickets, intervals: how many the store did not have.
        unopened: new tickets whose opening no row tells.
        named: tickets that were stored without a customer, and have one now.
        otherwise: tickets that are stored with another customer or opening than the log tells.
        example: the external id of one of them; "" where there is none.
    """

    tickets: int = 0
    intervals: int = 0
    unopened: int = 0
    named: int = 0
    otherwise: int = 0
    example: str = ""

    def and_then(self, more: "AddedTickets") -> "AddedTickets":
        """Return what this and a later part of the log added."""
        tickets, intervals, unopened, named, otherwise = (
            was + new for was, new in zip(self[:-1], more[:-1], strict=True)
        )
        example = self.example or more.example
        return AddedTickets(tickets, intervals, unopened, named, otherwise, example)


def add_tickets(session: Session, source: str, logs: Collection[TicketLog], now: int) -> AddedTickets:
    """Add tickets that are new, and new intervals and updates of all of them.

    What is there never changes, but for a ticket that names no customer: where a log names it, the ticket is
    that customer's, known since `now`. Nobody's ticket could be in any figure before.
    Two imports of one source at once wait for each other.
    """
    wait_for_others(session, f"evidence of {source}")
    before = _stored(session, source, [log.external_id for log in logs])
    new = [log for log in logs if log.external_id not in before]
    insert_rows(session, "tickets", _TICKET_COLUMNS, [_ticket_row(source, log) for log in new])
    after = before | _stored(session, source, [log.external_id for log in new])
    named, otherwise = compared(logs, after)
    name_tickets(session, named, now)
    known = _intervals(session, [ticket.id for ticket in before.values()])
    rows: list[tuple[Any, ...]] = []
    repeats: dict[int, Sequence[Repeat]] = {}
    for log in logs:
        ticket_id = after[log.external_id].id
        added, repeated = _added(log, known.get(ticket_id, []))
        for began, recorded, state, group, line, priority in added:
            rows.append((ticket_id, began, recorded, _WORDS[state], group, line, priority))
        if repeated:
            repeats[ticket_id] = repeated
    insert_rows(session, "ticket_intervals", _INTERVAL_COLUMNS, rows)
    _add_updates(session, repeats, [ticket_id for ticket_id in repeats if ticket_id in known])
    unopened = sum(not log.opening_told for log in new)
    return AddedTickets(len(new), len(rows), unopened, len(named), len(otherwise), *otherwise[:1])


def _added(log: TicketLog, stored: list[Interval]) -> tuple[list[Interval], Sequence[Repeat]]:
    """What a log adds to the intervals that are stored of its ticket, and its repeats."""
    if log.told_at is not None:
        timeline, added = list(stored), list[Interval]()
        for account in (log, *log.later):
            added += restated(account, timeline)
            timeline = sorted([*stored, *added], key=lambda interval: interval[:2])
        return added, ()
    earlier = log.timeline or []
    if log.timeline is None and stored and min(old.known_at for old in stored) < log.known_at:
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


def stored_opening(session: Session, source: str, external_id: str) -> int | None:
    """Return when a ticket that is stored was opened; None if there is none of that name."""
    ticket = _stored(session, source, [external_id]).get(external_id)
    return ticket.opened_at if ticket else None


def _stored(session: Session, source: str, external_ids: list[str]) -> dict[str, FirstAccount]:
    """The tickets that are there, by external id."""
    if not external_ids:
        return {}
    is_one_of, wanted = one_of(session, external_ids)
    placed = mark(session)
    found = session.connection().exec_driver_sql(
        "SELECT external_id, id, opened_at, customer, request_type FROM tickets "
        f"WHERE source = {placed} AND external_id {is_one_of}",
        (source, wanted),
    )
    return {external_id: FirstAccount(*ticket) for external_id, *ticket in found}


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
