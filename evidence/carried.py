"""What an import remembers of tickets that it has let go of: on disk, so that there may be any number."""

import json
import sqlite3
from collections.abc import Iterable

from evidence.timelines import Interval, TicketLog
from models.evidence import TicketState


class CarriedTickets:
    """Tickets with what has been told of them so far, in a passing database."""

    def __init__(self) -> None:
        # the empty name is SQLite's for a file of its own that vanishes with the connection
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute(
            "CREATE TABLE carried (id TEXT PRIMARY KEY, opened_at INTEGER, known_last INTEGER, "
            "timeline TEXT, opening_told INTEGER)"
        )
        self._empty = True
        self._encoded = json.JSONEncoder(check_circular=False).encode

    def __len__(self) -> int:
        """How many different tickets there have been."""
        return int(self._database.execute("SELECT count(*) FROM carried").fetchone()[0])

    def keep(self, logs: Iterable[TicketLog], *, last: bool = False) -> None:
        """Remember tickets that are let go of; after the last rows only that there have been such."""
        self._empty = False
        self._database.execute("BEGIN")
        self._database.executemany(
            "INSERT OR REPLACE INTO carried VALUES (?, ?, ?, ?, ?)",
            [
                (
                    log.external_id,
                    log.opened_at,
                    log.known_last,
                    "" if last else self._encoded(log.timeline or []),
                    log.opening_told,
                )
                for log in logs
            ],
        )
        self._database.execute("COMMIT")

    def find(self, external_id: str) -> TicketLog | None:
        """Return what follows of a ticket that there has been, without any update yet."""
        if self._empty:
            return None
        found = self._database.execute(
            "SELECT opened_at, known_last, timeline, opening_told FROM carried WHERE id = ?",
            (external_id,),
        ).fetchone()
        if found is None:
            return None
        opened_at, known_last, timeline, opening_told = found
        earlier = [
            Interval(started_at, known_at, TicketState(state), *rest)
            for started_at, known_at, state, *rest in json.loads(timeline)
        ]
        return TicketLog(
            external_id,
            opened_at,
            {},
            known_before=known_last,
            timeline=earlier,
            opening_told=bool(opening_told),
        )

    def close(self) -> None:
        """Let the file go."""
        self._database.close()
