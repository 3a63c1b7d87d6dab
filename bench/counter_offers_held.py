"""How often counter-offers hold: trials on a real log, and the offered promise on the weeks after each.

    python -m bench.counter_offers_held LOG --mapping uci-incident --customer-by location

For the customers with most tickets a trial of three weeks is held in the log's first weeks, and again from
every further week on. Where a stated target is not met, its counter-offer is held against the four weeks
after. Trials without a single ticket are left out.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine
from sqlmodel import Session, func, select

from config.policy import policy
from evidence.importer import import_log
from evidence.mappings import load_mapping
from evidence.ticket_counts import tickets_by_customer
from levels.counter_offers import CounterOffer
from levels.stopwatches import Tally, outcomes, tally
from levels.verdicts import Verdict, bounds
from models.agreements import Agreement
from models.database import open_engine, reading, transaction, upgrade
from models.evidence import Ticket
from states.calendars import close_of_intake
from states.drafting import apply_document
from states.promises import offer_in_words
from states.stated_targets import by_policy, plain_word, write_requirements
from states.trial_figures import TrialFigures, measure_trial
from templates.render import duration, percent

CUSTOMERS = 4
BEFORE, TRIAL, AFTER = timedelta(weeks=2), timedelta(weeks=3), timedelta(weeks=4)
WAIT = timedelta(days=28)
LEAST_TICKETS = 10  # in the weeks after, or the share of them says little


@dataclass(frozen=True)
class Held:
    """One counter-offer and what became of it.

    Attributes:
        since: the start of the trial.
        trial: what the trial saw of the stated target.
        offer: None where the evidence supported none.
        after: the offered promise on the weeks after; None without an offer.
    """

    customer: str
    key: str
    stated: CounterOffer
    since: datetime
    trial: Tally
    verdict: Verdict
    offer: CounterOffer | None
    after: Tally | None

    @property
    def kept(self) -> bool | None:
        """Whether the weeks after reached the offered objective themselves; None where they were too few."""
        if self.offer is None or self.after is None or self.after.known < LEAST_TICKETS:
            return None
        return self.after.hits >= self.offer.objective * self.after.known

    @property
    def refuted(self) -> bool:
        """Whether the weeks after prove the offer wrong."""
        if self.offer is None or self.after is None:
            return False
        return bounds(self.after.hits, self.after.known)[1] < self.offer.objective


def counter_offers_held(engine: Engine, source: str) -> Iterator[Held]:
    """Try the policy's stated targets for the customers with most tickets, from every week on."""
    with reading(engine) as session:
        first, last = session.exec(
            select(func.min(Ticket.opened_at), func.max(Ticket.opened_at)).where(Ticket.source == source)
        ).one()
        opened = tickets_by_customer(session, source, first, last)
    customers = [name for name in opened if name][:CUSTOMERS]
    for customer in customers:
        with transaction(engine) as session:
            document = write_requirements(
                f"SLA-{plain_word(customer)}", "IT services", customer, [], ["Incidents"], source, by_policy()
            )
            agreement = apply_document(session, document, "benchmark", first)
            start = first + BEFORE
            while start + TRIAL + AFTER + WAIT <= last:
                yield from _tried(session, agreement, customer, start)
                start += timedelta(weeks=1)


def _tried(session: Session, agreement: Agreement, customer: str, start: datetime) -> Iterator[Held]:
    (version,) = agreement.versions
    end, rules = start + TRIAL, policy()
    closes = close_of_intake(version, end, rules.trial.longest_wait_days)
    sure = rules.verdicts.confidence
    trial = measure_trial(session, agreement, version.targets, start, end, closes, sure)
    after = measure_trial(session, agreement, version.targets, end, end + AFTER, end + AFTER + WAIT, sure)
    for seen, later in zip(trial, after, strict=True):
        figures, target = seen.figures, seen.target
        met = figures.verdict is Verdict.MET
        offer = None if met else seen.counter_offer(sure, rules.verdicts.counter_offer_floor)
        yield Held(
            customer,
            target.key,
            CounterOffer(target.threshold_s, target.objective),
            start,
            Tally(figures.known, figures.hits, figures.undecided),
            figures.verdict,
            offer,
            _under(offer, later) if offer else None,
        )


def _under(offer: CounterOffer, later: TrialFigures) -> Tally | None:
    seen = later.observations
    return tally(outcomes(seen.consumed, seen.stopped, offer.threshold_s)) if seen else None


def _line(row: Held) -> str:
    words = [
        f"{row.customer} {row.key}",
        f"{percent(row.stated.objective)} in {duration(row.stated.threshold_s)}",
    ]
    words.append(f"{row.trial.hits} of {row.trial.known}: {row.verdict}")
    words.append(offer_in_words(row.offer) if row.offer else "no offer")
    words.append(f"{row.after.hits} of {row.after.known}" if row.after else "")
    words.append({None: "", True: "held", False: "not held"}[row.kept])
    return "| " + " | ".join(words) + " |"


def _summary(name: str, rows: list[Held]) -> str:
    judged = [row for row in rows if row.kept is not None]
    held = sum(bool(row.kept) for row in judged)
    refuted = sum(row.refuted for row in judged)
    offers = sum(row.offer is not None for row in rows)
    verdicts = ", ".join(f"{sum(row.verdict is word for row in rows)} {word}" for word in Verdict)
    share = f" ({percent(round(held / len(judged), 3))})" if judged else ""
    return (
        f"{name}: {len(rows)} trials of a target: {verdicts}; {offers} counter-offers, {len(judged)} of them "
        f"with {LEAST_TICKETS} tickets or more in the four weeks after: {held}{share} held, {refuted} refuted"
    )


def main() -> None:
    """Read the log into a passing database, and print every first trial and how often offers held."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("log", type=Path)
    parser.add_argument("--mapping", default="uci-incident")
    parser.add_argument("--customer-by", default=None)
    told = parser.parse_args()
    mapping = load_mapping(told.mapping)
    with TemporaryDirectory(prefix="slm-bench-") as folder:
        engine = open_engine(f"sqlite:///{folder}/bench.db")
        upgrade(engine)
        import_log(engine, told.log, mapping, customer_by=told.customer_by)
        rows = [row for row in counter_offers_held(engine, mapping.evidence_source) if row.trial.known]
        engine.dispose()
    first = min(row.since for row in rows)
    print(f"first trials, from {first.astimezone(UTC):%Y-%m-%d}")
    for row in rows:
        if row.since == first:
            print(_line(row))
    print(_summary("first trials", [row for row in rows if row.since == first]))
    for key in sorted({row.key for row in rows}):
        print(_summary(f"every week, {key}", [row for row in rows if row.key == key]))
    print(_summary("every week, all", rows))


if __name__ == "__main__":
    main()
