"""Measured values: a row a value of a measure, such as good and total requests, a rating, a cost."""

import re
from datetime import UTC, datetime

from sqlmodel import Session

from config.errors import BadInputError
from evidence.instants import FutureTimeError
from evidence.measured_values import ToldValue, add_values
from evidence.stretches import stretch
from evidence.tables import Row
from evidence.told_rows import Added, Reading, RowError, ToldRows

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?", re.ASCII)
_MOST_EVENTS = 2**53  # up to here a count is exact as a floating-point number


class ValueRows(ToldRows[ToldValue]):
    """A row a value; one that comes again with other figures is a later account of the same value."""

    def __init__(self, reading: Reading) -> None:
        super().__init__(reading)
        self._values: list[ToldValue] = []
        self._unnamed = 0
        if not {"starts_at", "period"} & self._places.keys():
            raise BadInputError(
                f"{reading.path}: no column says when (starts_at or period, mapping {reading.mapping.name}); "
                f"the columns are {', '.join(reading.table.header)}"[:4_000]
            )

    def assumed(self) -> list[str]:
        """Return what was taken for granted, a sentence each."""
        told = super().assumed()
        if "known_at" not in self._places:
            told.append("a value was known when its stretch of time ended, a change of one since this import")
        if self._unnamed:
            told.append(
                "rows without an id are told apart by measure, customer, service and beginning "
                f"({self._unnamed})"
            )
        if "customer" not in self._places and not self._constants.get("customer"):
            told.append("values that name no customer count for every customer of the source")
        return told

    def cut(self, but_newest: int = 0) -> list[ToldValue]:
        """Return the values, and hold them no longer."""
        batch, self._values, self.held = self._values, [], 0
        return batch

    def store(self, session: Session, batch: list[ToldValue]) -> Added:
        """Add values to the evidence store."""
        new = add_values(session, self._mapping.evidence_source, batch, self._reading.now)
        return Added(values=new)

    def stored(self, batch: list[ToldValue], *, last: bool) -> None:
        """Nothing follows of a value that is stored."""

    def _add(self, row: Row) -> None:
        name = self._word(row, "name")
        if not name:
            raise RowError("no name of a measure", self._names.get("name", "name"))
        value, total = self._number(row, "value"), self._total(row)
        if total is not None:
            self._require_events(value, total)
        starts_at, ends_at = self._stretch(row)
        customer, service = self._word(row, "customer"), self._word(row, "service")
        self._values.append(
            ToldValue(
                self._said(row, "external_id") or self._identity(name, customer, service, starts_at),
                customer,
                name,
                service,
                starts_at,
                ends_at,
                value,
                total,
                self._word(row, "unit"),
                self._optional_instant(row, "known_at"),
            )
        )

    def _word(self, row: Row, thing: str) -> str:
        return self._said(row, thing) or self._constants.get(thing, "")

    def _identity(self, name: str, customer: str, service: str, starts_at: int) -> str:
        self._unnamed += 1
        begins = f"{datetime.fromtimestamp(starts_at, UTC):%Y-%m-%dT%H:%M:%SZ}"
        return "|".join((name, customer, service, begins))

    def _total(self, row: Row) -> float | None:
        return self._number(row, "total") if self._said(row, "total") else None

    def _number(self, row: Row, thing: str) -> float:
        text = self._required(row, thing)
        plain = text.replace(",", ".") if self._mapping.decimal == "," else text
        if not _NUMBER.fullmatch(plain):
            column = self._names[thing]
            raise RowError(f"{column} '{text}' is no number as the mapping writes it", column)
        return float(plain)

    def _require_events(self, value: float, total: float) -> None:
        column = self._names["value"]
        if value < 0 or total < 0:
            raise RowError("events are counted, and there are none below zero", column)
        if not (value.is_integer() and total.is_integer()) or total > _MOST_EVENTS:
            raise RowError("events are counted in whole numbers", column)
        if value > total:
            raise RowError(f"{value:.0f} good events among {total:.0f}", column)

    def _stretch(self, row: Row) -> tuple[int, int]:
        period = self._said(row, "period")
        if period and not self._said(row, "starts_at"):
            column = self._names["period"]
            try:
                told = stretch(period, self._mapping.zone)
                self.instants.require_come(told[0])
            except FutureTimeError:
                raise RowError(f"{column} '{period}' lies in the future", column) from None
            except ValueError:
                raise RowError(
                    f"{column} '{period}' is no year, quarter, month, week or day such as 2026-03", column
                ) from None
            return told
        starts_at = self._instant(row, "starts_at")
        ends_at = self._optional_instant(row, "ends_at")
        if ends_at is not None and ends_at < starts_at:
            column = self._names["ends_at"]
            raise RowError(f"{column} lies before {self._names['starts_at']}", column)
        return starts_at, starts_at if ends_at is None else ends_at
