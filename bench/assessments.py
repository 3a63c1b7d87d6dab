"""How fast agreements are assessed: beside just reading the needed columns, and as the history grows.

An agreement has three targets. What is measured is what the sweep does with the periods that it closes
together: it reads the evidence of some agreements and measures the targets of each. Beside it stand the same
SELECTs of tickets and intervals, sent to the same database through the same connection, with `fetchall` and
nothing else.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlmodel import Session, col, select

from bench.figures import Figure, side_by_side
from bench.ticket_history import SOURCE, History, customer_name, december, first_day
from models.agreements import Agreement, Stage
from models.database import open_engine, reading, transaction, upgrade
from models.parties import Party, PartyKind, Person
from models.version_words import Indicator, VersionStatus
from models.versions import AgreementVersion, ServiceCalendar, ServiceLevelTarget
from states.closing import PERIODS_AT_A_TIME
from states.measures import measure_together
from states.ticket_evidence import wanted_by
from tests.postgresql import NotInstalledError, running_cluster

TICKETS = 400_000
TICKETS_AN_AGREEMENT = 10_000
YEARS = (1, 2, 4, 8)
ROUNDS, ROUNDS_OF_A_MONTH = 1, 5
_CONFIDENCE = 0.95
_WORKDAYS = ("mon", "tue", "wed", "thu", "fri")
_OPENINGS = 10
_STANDARD, _OWN = "STANDARD-", "OWN-"
_TARGETS: tuple[tuple[str, Indicator, dict[str, str], int], ...] = (
    ("P1", Indicator.RESOLUTION, {"priority": "1"}, 4 * 3_600),
    ("P2", Indicator.RESOLUTION, {"priority": "2"}, 8 * 3_600),
    ("answer", Indicator.RESPONSE, {}, 3_600),
)

Statement = tuple[str, Any]


def figures(tickets: int = TICKETS) -> Iterator[Figure]:
    """Measure on SQLite and, where it is installed, on PostgreSQL, with so many tickets in eight years."""
    with TemporaryDirectory() as folder:
        yield from _on("SQLite", open_engine(f"sqlite:///{Path(folder) / 'bench.db'}"), tickets)
    try:
        with running_cluster() as url:
            yield from _on("PostgreSQL", open_engine(url), tickets)
    except NotInstalledError as error:
        yield Figure("assessments, PostgreSQL", None, None, "s", str(error))


def _on(database: str, engine: Engine, tickets: int) -> Iterator[Figure]:
    agreements = max(tickets // TICKETS_AN_AGREEMENT, 1)
    history = History(agreements, tickets // YEARS[-1])
    upgrade(engine)
    _sign(engine, agreements)
    for year in range(YEARS[-1]):
        history.add_year(engine, year)
        if year + 1 in YEARS:
            past = "1 year" if year == 0 else f"{year + 1} years"
            yield _figure(
                engine, f"{database}: a month after {past} of history", ROUNDS_OF_A_MONTH, *december(year)
            )
    end, as_of = december(YEARS[-1] - 1)[1:]
    last_month = december(YEARS[-1] - 1)
    yield _figure(engine, f"{database}: the same month, own terms", ROUNDS_OF_A_MONTH, *last_month, _OWN)
    for name, year in (("the last year", YEARS[-1] - 1), (f"all {YEARS[-1]} years", 0)):
        yield _figure(engine, f"{database}: {name} as one period", ROUNDS, first_day(year), end, as_of)
    engine.dispose()


def _figure(
    engine: Engine,
    name: str,
    rounds: int,
    start: datetime,
    end: datetime,
    as_of: datetime,
    which: str = _STANDARD,
) -> Figure:
    times = []
    with reading(engine) as session:
        theirs = col(Agreement.reference).startswith(which)
        signed = session.exec(select(Agreement).where(theirs).order_by(col(Agreement.id))).all()
        for first in range(0, len(signed), PERIODS_AT_A_TIME):
            together = signed[first : first + PERIODS_AT_A_TIME]
            times.append(_together(session, together, rounds, start, end, as_of))
    ours, bare, tickets = map(sum, zip(*times, strict=True))
    note = f"{len(signed):,} agreements, {tickets:,.0f} tickets; beside the same SELECTs with fetchall alone"
    return Figure(name, ours, bare, "s", note)


def _together(
    session: Session,
    agreements: Sequence[Agreement],
    rounds: int,
    start: datetime,
    end: datetime,
    as_of: datetime,
) -> tuple[float, float, int]:
    """Seconds to assess agreements, seconds to read as much, and the tickets judged."""
    targets = [agreement.versions[0].targets for agreement in agreements]
    judged = 0

    def assess() -> None:
        nonlocal judged
        judged = 0
        asked = zip(agreements, targets, strict=True)
        wanted = {agreement.id: wanted_by(agreement, theirs, start, end) for agreement, theirs in asked}
        timed = {number: each for number, each in wanted.items() if each}
        for _, told in measure_together(session, timed, as_of, _CONFIDENCE):
            judged += told[-1].known + told[-1].undecided

    statements: list[Statement] = []
    with _recorded(session.get_bind(), statements):
        assess()
    ours, bare = side_by_side(rounds, assess, lambda: _read(session, statements))
    return ours, bare, judged


@contextmanager
def _recorded(engine: Engine | Connection, statements: list[Statement]) -> Iterator[None]:
    """Keep the statements that read evidence within the block, as the driver gets them."""

    def record(_connection: Connection, _cursor: Any, text: str, values: Any, *_further: Any) -> None:
        if "FROM ticket" in text and "count(" not in text:
            statements.append((text, values))

    event.listen(engine, "before_cursor_execute", record)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", record)


def _read(session: Session, statements: Sequence[Statement]) -> None:
    cursor: Any = session.connection().connection.cursor()
    for text, values in statements:
        cursor.execute(text, values)
        cursor.fetchall()
    cursor.close()


def _sign(engine: Engine, agreements: int) -> None:
    """Two agreements for each customer, in force since the history began.

    The one has the terms of all others. In the other every time promised is its own, and so is when the day
    begins, up to ten such hours; there are customers for whom that is so.
    """
    since = first_day(0)
    with transaction(engine) as session:
        provider = Party(name="Provider", kind=PartyKind.PROVIDER)
        owner = Person(party=provider, name="Service manager", email="manager@provider.example")
        for number in range(agreements):
            customer = Party(name=customer_name(number), kind=PartyKind.CUSTOMER)
            for kind, own in ((_STANDARD, 0), (_OWN, number + 1)):
                agreement = Agreement(
                    reference=f"{kind}{number}",
                    title="Service desk",
                    provider=provider,
                    customer=customer,
                    owner=owner,
                    stage=Stage.MONITORING,
                    stage_since=since,
                    created_at=since,
                    evidence_source=SOURCE,
                )
                version = AgreementVersion(
                    agreement=agreement,
                    number=1,
                    status=VersionStatus.IN_FORCE,
                    created_at=since,
                    trial_days=21,
                    review_period="month",
                    in_force_from=since,
                )
                version.calendars = [ServiceCalendar(name="office", hours=_hours(own % _OPENINGS))]
                version.targets = [_target(*told, later=own) for told in _TARGETS]
                session.add(agreement)


def _hours(minute: int) -> dict[str, Any]:
    return {
        "zone": "Europe/Zurich",
        "weekly": {day: [f"08:{minute:02}-18:00"] for day in _WORKDAYS},
        "country": "CH",
        "subdivision": "ZH",
    }


def _target(
    key: str, indicator: Indicator, population: dict[str, str], threshold_s: int, *, later: int
) -> ServiceLevelTarget:
    return ServiceLevelTarget(
        key=key,
        indicator=indicator,
        population=population,
        threshold_s=threshold_s + later,
        objective=0.9,
        calendar="office",
        pause_states=["awaiting_user"],
    )
