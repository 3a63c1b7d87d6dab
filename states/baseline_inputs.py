"""What a baseline is computed from: the version it is held against, the weeks, and the evidence read once."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlmodel import Session

from config.errors import SlmError
from config.policy import policy
from evidence.baseline_evidence import DETAILS, Handled, fingerprint, handled_tickets
from evidence.histories import TicketHistories
from evidence.late_records import LateRecords, late_resolutions
from evidence.store import read_histories
from levels.calendars import Calendar
from levels.demand import Demand, demand
from levels.recording import Gap, longest_gap
from models.agreements import Agreement
from models.versions import AgreementVersion
from states.calendars import calendar_of, settled_until
from states.drafts import draft_of, offered_version, version_in_force
from states.usual_terms import usual_pause_states


@dataclass(frozen=True)
class BaselineInputs:
    """An agreement's tickets over some weeks, with all that its baseline looks at.

    Attributes:
        version: whose targets and calendars are used: the draft, else the text that is offered or in force.
        calendar_name: the calendar of that version that most targets are measured on.
        since, until: tickets opened in between count.
        as_of: the instant whose knowledge this is.
        begins: the beginning of the evidence: `since`, unless so many working days without a ticket follow it
            that nobody can have recorded them.
        settled: the end of the intake whose wait for open tickets was over at `as_of`.
        histories: all tickets opened, those that were cancelled too.
        handled: those that had to be served, measured on the calendar.
        demand: from `begins` on.
        late_start: the working days before `begins`, None where the evidence begins with the window.
        gap: the longest time without a ticket from `begins` on.
    """

    agreement: Agreement
    version: AgreementVersion
    calendar_name: str
    calendar: Calendar
    since: datetime
    until: datetime
    as_of: datetime
    begins: datetime
    settled: datetime
    histories: TicketHistories
    handled: Handled
    demand: Demand
    late_start: Gap | None
    gap: Gap | None
    late: LateRecords

    @property
    def sha256(self) -> str:
        """The hash of the tickets and of all that is asked of them."""
        return fingerprint(
            self.histories,
            {
                "since": self.since.isoformat(),
                "until": self.until.isoformat(),
                "as_of": self.as_of.isoformat(),
                "settled": self.settled.isoformat(),
                "hours": self.calendar.hours.model_dump(mode="json"),
                "targets": [
                    row.model_dump(mode="json", exclude={"id", "version_id"}) for row in self.version.targets
                ],
                "late": [self.late.resolutions, self.late.late],
            },
        )


def read_inputs(
    session: Session, agreement: Agreement, weeks: int, until: datetime, as_of: datetime
) -> BaselineInputs:
    """Read the evidence of the weeks before `until`, as it was known at `as_of`.

    Raises:
        SlmError: the agreement names no evidence or calendar, or there is no ticket in those weeks.
    """
    version, since = _version(agreement), until - timedelta(weeks=weeks)
    source, customer = agreement.evidence_source, agreement.customer.name_in_evidence
    if not source:
        raise SlmError(f"{agreement.reference} names no evidence_source, so there is nothing to look at")
    name = _calendar_name(agreement, version)
    calendar = calendar_of(version, name, since, as_of)
    histories = read_histories(session, source, customer, since, until, as_of, details=DETAILS)
    if not len(histories):
        raise SlmError(
            f"{agreement.reference}: no ticket of {customer} from {source!r} opened from {since:%Y-%m-%d} to "
            f"{until:%Y-%m-%d} was known on {as_of:%Y-%m-%d}: import evidence, or name other weeks"
        )
    first, last = int(since.timestamp()), int(until.timestamp())
    begins, seen, late_start = first, demand(histories.opened_at, calendar, first, last), None
    gap = longest_gap(seen)
    if gap is not None and gap.improbable and gap.at_start:
        begins, late_start = int(histories.opened_at[0]), gap
        seen = demand(histories.opened_at, calendar, begins, last)
        gap = longest_gap(seen)
    settled = settled_until(version, as_of, policy().trial.longest_wait_days)
    return BaselineInputs(
        agreement,
        version,
        name,
        calendar,
        since,
        until,
        as_of,
        datetime.fromtimestamp(begins, UTC),
        min(max(settled, since), until),
        histories,
        handled_tickets(histories, calendar, usual_pause_states()),
        seen,
        late_start,
        gap,
        late_resolutions(session, source, customer, since, until, as_of),
    )


def _version(agreement: Agreement) -> AgreementVersion:
    found = draft_of(agreement) or offered_version(agreement) or version_in_force(agreement)
    return found or agreement.versions[-1]


def _calendar_name(agreement: Agreement, version: AgreementVersion) -> str:
    names = [calendar.name for calendar in version.calendars]
    if not names:
        raise SlmError(f"{agreement.reference} has no calendar: write its service hours into its document")
    used = [target.calendar for target in version.targets]
    return max(names, key=used.count)
