"""The people of a replay: they read their letters and answer through the code that real answers use."""

import csv
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlmodel import Session, col, select

from config.errors import BadInputError
from mail.links import token_in
from models.agreements import Agreement
from models.approvals import Answer, LinkPurpose
from models.assessments import Assessment
from models.letters import LetterState, OutboxLetter
from models.parties import Person
from states.decisions import Answered, decide
from states.experience import kept
from states.open_requests import DecisionRefusedError, find_request
from states.surveys import OVERALL, SurveyRefusedError, answer, find_invitation

SIMULATED = "simulated"
_REMEMBERS = timedelta(days=45)


@dataclass
class Experiences:
    """How satisfied people said they were, by customer and person, in order of time."""

    rows: dict[tuple[str, str], list[tuple[datetime, dict[str, int], str]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def people_of(self, customer: str) -> list[str]:
        """Return the people of a customer who ever said something."""
        return sorted({person for name, person in self.rows if name == customer})

    def latest(self, customer: str, person: str, at: datetime) -> tuple[dict[str, int], str] | None:
        """Return a person's newest scores and comment before `at`, not older than 45 days."""
        told = self.rows.get((customer, person), [])
        position = bisect_left(told, at, key=lambda row: row[0])
        if position == 0 or told[position - 1][0] < at - _REMEMBERS:
            return None
        return told[position - 1][1], told[position - 1][2]


def read_experiences(path: Path) -> Experiences:
    """Read satisfaction answers from a CSV file, as the sample generator writes it.

    Raises:
        BadInputError: if the file cannot be read or a row is not of this form.
    """
    experiences = Experiences()
    try:
        with path.open(newline="", encoding="utf-8") as file:
            for line, row in enumerate(csv.DictReader(file), start=2):
                try:
                    when = datetime.fromisoformat(row["closed_at"])
                    scores = {name: int(row[name]) for name in (OVERALL, "speed", "quality", "information")}
                except (KeyError, TypeError, ValueError) as error:
                    raise BadInputError(f"{path}: line {line}: {error}") from None
                when = when if when.tzinfo else when.replace(tzinfo=UTC)
                told = experiences.rows[row["customer"], row["requester"]]
                told.append((when, scores, row["comment"]))
    except OSError as error:
        raise BadInputError(f"{path}: {error.strerror}") from None
    for told in experiences.rows.values():
        told.sort(key=lambda row: row[0])
    return experiences


def read_letters(session: Session, since: int, at: datetime, experiences: Experiences) -> int:
    """Let everybody answer the letters after number `since`; return the number of the newest letter."""
    letters = session.exec(
        select(OutboxLetter)
        .where(col(OutboxLetter.id) > since, OutboxLetter.state == LetterState.SIMULATED)
        .order_by(col(OutboxLetter.id))
    ).all()
    for letter in letters:
        since = letter.id or since
        if token := token_in(letter.text, LinkPurpose.DECISION):
            _sign(session, letter, token, at)
        elif token := token_in(letter.text, LinkPurpose.SURVEY):
            _rate(session, letter, token, at, experiences)
    return since


def _sign(session: Session, letter: OutboxLetter, token: str, at: datetime) -> None:
    person = session.get_one(Person, letter.person_id)
    try:
        decide(
            session,
            find_request(session, token),
            Answered(Answer.APPROVE, typed=person.name, via=SIMULATED),
            at,
        )
    except DecisionRefusedError:
        return  # answered by an earlier letter, or taken back since


def _rate(session: Session, letter: OutboxLetter, token: str, at: datetime, experiences: Experiences) -> None:
    invitation = find_invitation(session, token)
    agreement = session.get_one(Agreement, letter.agreement_id)
    customer = agreement.customer.name_in_evidence
    told = experiences.latest(customer, invitation.person.name, at)
    if told is None and experiences.people_of(customer):
        return  # whoever had no ticket lately says nothing
    scores, comment = told or (_impression(session, agreement), "")
    try:
        answer(session, invitation, scores, at, comment=comment, via=SIMULATED)
    except SurveyRefusedError:
        return


def _impression(session: Session, agreement: Agreement) -> dict[str, int]:
    """Return what a customer says where no satisfaction was recorded: it follows the promises kept."""
    newest = session.exec(
        select(Assessment)
        .where(Assessment.agreement_id == agreement.id, Assessment.number == 0)
        .order_by(col(Assessment.ends_at).desc(), col(Assessment.id))
    ).all()
    rows = [row for row in newest if row.ends_at == newest[0].ends_at]
    broken = sum(not kept(row) for row in rows)
    score = 3 if not rows else 5 if broken == 0 else 4 if broken == 1 else 2
    return {OVERALL: score, "speed": score}
