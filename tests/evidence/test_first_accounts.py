"""What a later import says of a ticket's own facts: told, and taken where nothing was known."""

import json
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine, select
from sqlmodel import col

from config.clock import now, simulated
from evidence.importer import ImportSummary, import_log
from evidence.mappings import load_mapping, remade
from models.database import reading
from models.evidence import Ticket, TicketState
from tests.evidence.logbook import DESK, day, intervals, march, row, write_log

MONDAY, IMPORTED, LATER = day(2, "09:00"), day(20), day(25)
NAMELESS = [
    row("T1", "new", MONDAY, opened=MONDAY, customer=""),
    row("T1", "resolved", day(2, "15:00"), opened=MONDAY, customer=""),
]
NAMED = [tuple("Hospital" if place == 4 else cell for place, cell in enumerate(cells)) for cells in NAMELESS]
FEED = remade(load_mapping("feed"), {"source": "desk"})


def customers(engine: Engine) -> list[tuple[str, str]]:
    with reading(engine) as session:
        found = session.execute(
            select(col(Ticket.external_id), col(Ticket.customer)).order_by(col(Ticket.external_id))
        )
        return [(ticket, customer) for ticket, customer in found]


def said(summary: ImportSummary, words: str) -> list[str]:
    return [sentence for sentence in summary.assumed if words in sentence]


def brought(engine: Engine, path: Path, rows: list[tuple[str, ...]]) -> ImportSummary:
    return import_log(engine, write_log(path, rows), DESK)


def test_a_customer_that_was_missing_is_known_since_the_import_that_names_it(engine: Engine, tmp_path: Path):
    with simulated(IMPORTED):
        brought(engine, tmp_path / "a.csv", NAMELESS)
    before = intervals(engine)
    with simulated(LATER):
        summary = brought(engine, tmp_path / "b.csv", NAMED)
    assert customers(engine) == [("T1", "Hospital")] and intervals(engine) == before
    assert said(summary, "without a customer") == [
        "tickets that are stored without a customer have this file's, known since this import (1)"
    ]
    assert len(march(engine, LATER - timedelta(seconds=1))) == 0, (
        "what was frozen before is derived as it was"
    )
    assert march(engine, LATER).interval_state.tolist() == ["new", "resolved"]
    for rows in (NAMED, NAMELESS, NAMED[1:]):
        again = brought(engine, tmp_path / "c.csv", rows)
        assert (again.new_tickets, again.new_intervals) == (0, 0) and not said(again, "stored")
    assert customers(engine) == [("T1", "Hospital")] and intervals(engine) == before


def test_another_customer_or_opening_is_told_and_the_first_account_is_kept(engine: Engine, tmp_path: Path):
    others = [row(f"T{number}", "new", MONDAY, opened=MONDAY) for number in range(2, 5)]
    brought(engine, tmp_path / "a.csv", [*NAMED, *others])
    moved = [
        row("T1", "new", MONDAY, opened=MONDAY, customer="Works"),
        row("T2", "new", MONDAY, opened=day(1)),
        row("T3", "new", MONDAY, opened=MONDAY, customer=""),
        others[2],
    ]
    summary = brought(engine, tmp_path / "b.csv", moved)
    assert said(summary, "stored with another") == [
        "tickets that are stored with another customer or opening than this file says keep what was told "
        "first, such as T1 (2)"
    ]
    assert {customer for _, customer in customers(engine)} == {"Hospital"}


def test_a_row_a_ticket_tells_its_customer_later_too(engine: Engine, tmp_path: Path):
    mapping = remade(load_mapping("tickets"), {"source": "desk"})
    log = tmp_path / "tickets.csv"
    log.write_text("id,opened_at,site,customer\n1,2026-03-02T09:00Z,Hospital,\n2,2026-03-02T09:00Z,Works,\n")
    import_log(engine, log, mapping)
    assert customers(engine) == [("1", ""), ("2", "")]
    assert said(import_log(engine, log, mapping, customer_by="site"), "(2)")
    assert customers(engine) == [("1", "Hospital"), ("2", "Works")]


def test_two_accounts_in_one_file_are_compared_in_any_batches(engine: Engine, tmp_path: Path):
    mapping = remade(load_mapping("tickets"), {"source": "desk"})
    log = tmp_path / "tickets.csv"
    rows = ["1,2026-03-02T09:00Z,", "1,2026-03-02T09:00Z,Hospital", "1,2026-03-02T09:00Z,Works"]
    for batch_rows in (1, 100):
        log.write_text("\n".join(["id,opened_at,customer", *rows]) + "\n")
        summary = import_log(
            engine, log, remade(mapping, {"source": f"desk {batch_rows}"}), batch_rows=batch_rows
        )
        assert said(summary, "known since this import (1)") and said(summary, "such as 1 (1)")
    assert customers(engine) == [("1", "Hospital")] * 2


def test_an_outage_of_everybody_stays_everybodys(engine: Engine, tmp_path: Path):
    plain = {"id": "O1", "state": "new", "at": "2026-03-02T09:00Z", "request_type": "outage"}
    for record in (plain, plain | {"customer": "Hospital"}):
        (tmp_path / "outages.jsonl").write_text(json.dumps(record) + "\n")
        summary = import_log(engine, tmp_path / "outages.jsonl", FEED)
    assert customers(engine) == [("O1", "")] and said(summary, "such as O1 (1)")


def feed(engine: Engine, path: Path, *updates: tuple[str, str, str]) -> ImportSummary:
    lines = [
        {"id": ticket, "state": state, "at": f"2026-03-02T{clock}Z", "customer": "Hospital"}
        for ticket, state, clock in updates
    ]
    path.write_text("\n".join(map(json.dumps, lines)) + "\n")
    return import_log(engine, path, FEED, batch_rows=1)


def test_a_late_update_in_a_later_import_is_late_knowledge_as_in_the_same_one(engine: Engine, tmp_path: Path):
    first = ("V1", "new", "09:00"), ("V1", "in_progress", "14:00")
    second = ("V1", "in_progress", "15:00"), ("V1", "awaiting_user", "11:00")
    assert said(feed(engine, tmp_path / "a.jsonl", *first), "no row tells")
    summary = feed(engine, tmp_path / "b.jsonl", *second)
    assert summary.rejected == 0 and not said(summary, "opened with their first update")
    assert ("awaiting_user", day(2, "11:00"), day(2, "15:00")) in intervals(engine)
    for ticket in ("V1", "V2"):
        early = feed(engine, tmp_path / "c.jsonl", (ticket, "closed", "16:00"), (ticket, "new", "08:00"))
        assert early.rejected_first == [(2, "at", "at lies before the ticket was opened")]


def test_a_time_that_has_not_come_is_set_aside(engine: Engine, tmp_path: Path):
    soon, never = now() + timedelta(minutes=50), now() + timedelta(minutes=70)
    rows = [
        row("T1", "new", MONDAY, opened=MONDAY),
        row("T1", "in_progress", day(2, "09:30").replace(year=2062), opened=MONDAY),
        row("T1", "resolved", day(2, "10:00"), opened=MONDAY),
        row("T2", "new", never, opened=never),
        row("T3", "new", soon, opened=soon),
    ]
    summary = brought(engine, tmp_path / "log.csv", rows)
    assert summary.rejected_first == [
        (3, "updated", "updated '2062-03-02T09:30Z' lies in the future"),
        (5, "updated", f"updated '{never:%Y-%m-%dT%H:%MZ}' lies in the future"),
    ]
    assert march(engine, day(3)).interval_state.tolist() == ["new", "resolved"]
    with simulated(day(2, "09:00")):
        assert brought(engine, tmp_path / "log.csv", rows).rejected == 3, "10:00 is still an hour ahead"


def test_the_clock_goes_on_while_a_feed_runs(engine: Engine, tmp_path: Path):
    log = write_log(
        tmp_path / "log.csv", [row("T1", "new", day(2, hour), opened=MONDAY) for hour in ("09:00", "12:00")]
    )
    with simulated(MONDAY) as clock:

        def go_on(_done: int, _size: int) -> None:
            clock.move_to(day(2, "12:00"))

        assert import_log(engine, log, DESK, progress=go_on).rejected == 1


def test_a_value_of_the_future_is_set_aside(engine: Engine, tmp_path: Path):
    lines = [
        {"name": "cost", "value": 1, "starts_at": "2026-03-02T09:00Z"},
        {"name": "cost", "value": 1, "starts_at": "2062-03-02T09:00Z"},
        {"name": "cost", "value": 1, "starts_at": "2026-03-03T09:00Z", "known_at": "2062-03-02T09:00Z"},
        {"name": "cost", "value": 1, "period": "2062-03"},
        {"name": "cost", "value": 1, "period": f"{now():%Y}"},
    ]
    path = tmp_path / "values.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)) + "\n")
    summary = import_log(engine, path, load_mapping("values"))
    assert [(line, reason.partition(" lies ")[2]) for line, _, reason in summary.rejected_first] == [
        (number, "in the future") for number in (2, 3, 4)
    ]
    assert summary.new_values == 2, "a period under way has begun"


def test_a_check_of_the_future_is_set_aside(engine: Engine, tmp_path: Path):
    path = tmp_path / "checks.csv"
    mapping = load_mapping("upptime")
    at, state, service = (mapping.columns.named()[thing][0] for thing in ("updated_at", "state", "service"))
    words = {meant: word for word, meant in reversed(mapping.states.items())}
    path.write_text(
        f"{service},{state},{at}\nweb,{words[TicketState.NEW]},2062-03-02T09:00:00Z\nweb,{words[TicketState.NEW]},2026-03-02T09:00:00Z\n"
    )
    summary = import_log(
        engine, path, remade(mapping, {"date_format": "iso"}).model_copy(update={"format": "csv"})
    )
    assert (summary.rejected, summary.new_tickets) == (1, 1)
