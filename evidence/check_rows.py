"""Availability checks: a row a probe of an endpoint; its outages become tickets of the type `outage`."""

from datetime import UTC, datetime

from config.errors import BadInputError
from evidence.logs import LogRows
from evidence.outages import OUTAGE
from evidence.tables import Row
from evidence.timelines import TicketLog, Update
from evidence.told_rows import Reading
from models.evidence import TicketState

_MOST_ENDPOINTS = 100_000


class CheckRows(LogRows):
    """Probes in the order of their making; an outage lasts from a first failed one to the next good one."""

    def __init__(self, reading: Reading) -> None:
        super().__init__(reading)
        self._constants = {"request_type": OUTAGE} | self._constants
        self._down: dict[str, tuple[str, int] | None] = {}
        self._latest: dict[str, int] = {}
        self._late = 0

    def assumed(self) -> list[str]:
        """Return what was taken for granted, a sentence each."""
        told = [*super().assumed(), "an endpoint stays as its last check found it until the next check"]
        if self._late:
            told.append(f"checks older than one that stands before them say nothing new ({self._late})")
        return told

    def _add(self, row: Row) -> None:
        endpoint, at = self._required(row, "service"), self._instant(row, "updated_at")
        state = self._state(row)
        if endpoint not in self._down:
            if len(self._down) >= _MOST_ENDPOINTS:
                raise BadInputError(f"{self._reading.path}: over {_MOST_ENDPOINTS:,} endpoints")
            self._down[endpoint] = self._reading.open_outage(endpoint, at)
        if at < self._latest.get(endpoint, 0):
            self._late += 1
            return
        self._latest[endpoint] = at
        outage = self._down[endpoint]
        if outage is None and state is TicketState.NEW:
            outage = self._down[endpoint] = (
                f"{endpoint} {datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}",
                at,
            )
        if outage is not None:
            self._tell(row, outage, Update(at, state, "", "", self._priority(row)))
            self._down[endpoint] = outage if state is TicketState.NEW else None

    def _tell(self, row: Row, outage: tuple[str, int], update: Update) -> None:
        external_id, opened_at = outage
        ticket = self._known_ticket(external_id)
        if ticket is None:
            ticket = TicketLog(external_id, opened_at, self._ticket_attributes(row, update.priority))
        ticket.last_row, ticket.by_checks = self.rows, True
        self._tickets[external_id] = ticket
        if not ticket.updates or ticket.updates[-1].state is not update.state:
            ticket.updates.append(update)
