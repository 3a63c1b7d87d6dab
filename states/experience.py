"""The customer experience report: promised, delivered, satisfaction, what happens next."""

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from config.policy import policy
from mail import keys, links
from mail.outbox import post
from models.agreements import Agreement, Stage
from models.approvals import LinkPurpose
from models.assessments import Assessment, ServicePeriod
from models.parties import Person, PersonRole
from models.reviews import ExperienceReport
from models.sealing import canonical_json, sha256_of
from states import audit
from states.drafts import version_in_force
from states.exclusion_accounts import exclusion_told, exclusions_applied
from states.monitoring import period_told
from states.move import SWEEP
from states.promises import promise_of
from states.step_misses import misses_by_step
from templates.languages.kept import stored
from templates.languages.telling import marked, told


def report(
    session: Session,
    agreement: Agreement,
    period: ServicePeriod,
    assessed: list[Assessment],
    satisfaction: dict[str, Any] | None,
    at: datetime,
) -> ExperienceReport:
    """Freeze the report on a closed period and send it to each of the customer's stakeholders.

    One that comes far too late, such as after a long standstill, is kept but not sent: nobody wants fifty
    letters about periods that are long over.
    """
    figures = _figures(agreement, period, assessed, satisfaction)
    figures["exclusions"] = excluded_time(session, agreement, period.starts_at, at)
    made = ExperienceReport(
        agreement_id=agreement.id,
        period_id=period.id,
        made_at=at,
        figures=figures,
        sha256=sha256_of(canonical_json(figures)),
    )
    session.add(made)
    session.flush()
    told = [] if is_long_over(period, at) else readers(session, agreement)
    audit.append(
        session,
        agreement,
        "experience report",
        SWEEP,
        at,
        report=made.id,
        sha256=made.sha256,
        sent_to=[person.name for person in told],
    )
    for person in told:
        post(
            session,
            "experience_report",
            person,
            key=keys.experience_report(made, person),
            at=at,
            agreement=agreement,
            report=figures,
            link=links.issue_link(session, LinkPurpose.REPORT, made.id, person, at),
        )
    return made


def is_long_over(period: ServicePeriod, at: datetime) -> bool:
    """Return whether a period was due for its assessment too long ago to write to people about it."""
    return at > period.closes_at + timedelta(days=policy().reviews.tell_within_days)


def excluded_time(
    session: Session, agreement: Agreement, start: datetime, as_of: datetime
) -> list[dict[str, Any]]:
    """Return what did not count between two instants as reports print it: reason, scope, times, by whom."""
    printed = ("number", "reason", "scope", "from", "to", "approved_by", "decided_at")
    applied = exclusions_applied(session, agreement, start, as_of)
    return [{name: exclusion_told(session, row)[name] for name in printed} for row in applied]


def readers(session: Session, agreement: Agreement) -> list[Person]:
    """Return the customer's people who get reports: its stakeholders and senior management."""
    return list(
        session.exec(
            select(Person)
            .where(Person.party_id == agreement.customer_id, Person.role != PersonRole.USER)
            .order_by(col(Person.id))
        )
    )


def _figures(
    agreement: Agreement,
    period: ServicePeriod,
    assessed: list[Assessment],
    satisfaction: dict[str, Any] | None,
) -> dict[str, Any]:
    in_force = version_in_force(agreement)
    promised = in_force.targets if in_force else []
    return {
        "reference": agreement.reference,
        "title": agreement.title,
        "customer": agreement.customer.name,
        "provider": agreement.provider.name,
        "period": period_told(agreement, period),
        "promised": [{"key": target.key, "promise": promise_of(target)} for target in promised],
        "delivered": [delivered(row) for row in assessed],
        "satisfaction": satisfaction,
        "next": _what_happens_next(agreement, assessed),
    }


def delivered(row: Assessment) -> dict[str, Any]:
    """Return an assessment as the row that reports print; `share` is None where nothing is known.

    `missed_in` tells which steps spent the budget of its misses, "" where none are laid at steps.
    """
    return {
        "key": row.target_key,
        "promise": row.target["promise"],
        "objective": row.target["objective"],
        "version": row.target["version"],
        **{name: row.target.get(name) for name in ("indicator", "measure", "bound", "bound_side")},
        "from": row.starts_at.isoformat(),
        "to": row.ends_at.isoformat(),
        "hits": row.hits,
        "known": row.known,
        "undecided": row.undecided,
        "share": row.hits / row.known if row.known else None,
        "lower": row.lower,
        "upper": row.upper,
        "value": row.value,
        "unit": row.unit,
        "verdict": row.verdict,
        "kept": kept(row),
        "missed_in": misses_by_step(row),
    }


def kept(row: Assessment) -> bool:
    """Return whether the contract's figure, hits of known, reaches the objective."""
    return reaches(row.hits, row.known, row.target["objective"])


def reaches(hits: int, known: int, objective: float) -> bool:
    """Return whether hits of known reach the objective; where nothing is known nothing was missed.

    The share is divided out, because 0.55 * 100 is more than 55 in floating point.
    """
    return not known or hits / known >= objective


def _what_happens_next(agreement: Agreement, assessed: list[Assessment]) -> list[str]:
    missed = sorted({row.target_key for row in assessed if not kept(row)})
    if agreement.stage == Stage.MONITORING:
        lines: list[str] = [told("The provider and you review this period next.")]
    else:
        stage = stored(agreement.stage.title.lower())
        lines = [told("The agreement is in the stage %(stage)s.", stage=stage)]
    if missed:
        not_kept = marked("Not kept: %(targets)s. The review decides on an improvement or a revision.")
        lines.append(told(not_kept, targets=", ".join(missed)))
    else:
        lines.append(told("Every promise was kept."))
    return lines
