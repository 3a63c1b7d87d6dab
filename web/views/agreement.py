"""Everything that an agreement's page shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select

from models.actions import Action
from models.agreements import Agreement
from models.assessments import ServicePeriod
from models.baselines import Baseline
from models.letters import OutboxLetter
from models.parties import Person
from models.requirements_documents import RequirementsDocument
from models.reviews import ExperienceReport, ReviewPack
from models.surveys import Survey
from models.versions import AgreementVersion, Requirement
from states.actions import actions_of
from states.baselines import latest_baseline
from states.drafts import draft_of, offered_version, version_in_force
from states.exclusion_accounts import exclusion_told, exclusions_of
from states.held_letters import MailedComment, comments_on
from states.lifecycle import WayOn, ways_on
from states.move import Trigger
from states.promises import promise_of
from states.proposal_accounts import proposal_told, proposals_of
from states.requirements_document import documents_of
from states.restated_figures import restated_told, restatements_of
from states.review import latest_pack
from web.views.confirmation import blocked_in_any_case
from web.views.cycle import CyclePicture, cycle_picture
from web.views.standing import Standing, standings
from web.views.support import Support, support_view
from web.views.targets import DraftRow, TargetRow, draft_rows, target_rows
from web.views.timeline import Happening, timeline
from web.views.tracker import Tracked, tracker
from web.views.trial import TrialPanel, trial_panel
from web.views.waiting import NextStep, next_steps
from web.views.words import letter_title

_MOST_LETTERS = 50
_FORWARD = frozenset(
    {
        Trigger.START_TRIAL,
        Trigger.OFFER,
        Trigger.SIGN,
        Trigger.BEGIN_REVIEW,
        Trigger.PROPOSE_REVISION,
    }
)


@dataclass(frozen=True)
class WayRow:
    """A way on from the present stage.

    Attributes:
        state: "open", "with a reason" (the form asks for what is missing), or "blocked".
        forward: it is open and leads on around the cycle, or is what the review recommends.
    """

    way: WayOn
    state: str
    forward: bool


@dataclass(frozen=True)
class LetterRow:
    """A letter without its text, which may carry secrets."""

    title: str
    to_name: str
    state: str
    created_at: datetime
    sent_at: datetime | None
    last_error: str


@dataclass(frozen=True)
class AgreementView:
    """One agreement, ready for its page."""

    picture: CyclePicture
    standing: Standing
    next: NextStep
    in_force: AgreementVersion | None
    draft: AgreementVersion | None
    offered: AgreementVersion | None
    offered_promises: list[tuple[str, str]]
    ways: list[WayRow]
    requirements: list[Requirement]
    requirements_documents: list[RequirementsDocument]
    targets: list[TargetRow]
    draft_targets: list[DraftRow]
    support: Support
    baseline: Baseline | None
    trial: TrialPanel
    asked_about: AgreementVersion | None
    tracked: list[Tracked]
    pack: ReviewPack | None
    surveys: Sequence[Survey]
    actions: list[Action]
    owners: dict[int, str]
    reports: Sequence[tuple[ExperienceReport, ServicePeriod]]
    exclusions: list[dict[str, Any]]
    proposals: list[dict[str, Any]]
    restated: list[dict[str, Any]]
    comments: list[MailedComment]
    history: list[Happening]
    letters: list[LetterRow]
    letter_count: int


def agreement_view(session: Session, agreement: Agreement, actor: str, at: datetime) -> AgreementView:
    """Return everything that one agreement's page shows."""
    assert agreement.id is not None, "it was read from the database"
    offered, asked_about = offered_version(agreement), _asked_about(agreement)
    actions, pack = actions_of(session, agreement), latest_pack(session, agreement)
    letters = select(OutboxLetter).where(OutboxLetter.agreement_id == agreement.id)
    return AgreementView(
        picture=cycle_picture(agreement),
        standing=standings(session, [agreement.id])[agreement.id],
        next=next_steps(session, agreement.stage, [agreement], at)[agreement.id],
        in_force=version_in_force(agreement),
        draft=draft_of(agreement),
        offered=offered,
        offered_promises=[(row.key, promise_of(row)) for row in offered.targets] if offered else [],
        ways=[
            _way(session, agreement, way, pack, actor, at) for way in ways_on(session, agreement, actor, at)
        ],
        requirements=(draft_of(agreement) or agreement.versions[-1]).requirements,
        requirements_documents=documents_of(session, agreement),
        targets=target_rows(session, agreement),
        draft_targets=draft_rows(session, agreement),
        support=support_view(session, agreement, at),
        baseline=latest_baseline(session, agreement),
        trial=trial_panel(session, agreement, at),
        asked_about=asked_about,
        tracked=tracker(session, agreement, asked_about, at),
        pack=pack,
        surveys=_surveys(session, agreement),
        actions=actions,
        owners=_names(session, actions),
        reports=_reports(session, agreement),
        exclusions=[exclusion_told(session, row) for row in exclusions_of(session, agreement)],
        proposals=[proposal_told(session, row) for row in proposals_of(session, agreement)],
        restated=[restated_told(row) for row in restatements_of(session, agreement)],
        comments=comments_on(session, agreement),
        history=timeline(session, agreement),
        letters=[
            _letter(row)
            for row in session.exec(letters.order_by(col(OutboxLetter.id).desc()).limit(_MOST_LETTERS))
        ],
        letter_count=session.exec(select(func.count()).select_from(letters.subquery())).one(),
    )


def _way(
    session: Session, agreement: Agreement, way: WayOn, pack: ReviewPack | None, actor: str, at: datetime
) -> WayRow:
    trigger = way.transition.trigger
    if way.open:
        recommended = pack is not None and trigger.value == pack.recommendation.value
        return WayRow(way, "open", trigger in _FORWARD or recommended)
    blocked = blocked_in_any_case(session, agreement, trigger, actor, at)
    return WayRow(way, "blocked" if blocked else "with a reason", forward=False)


def _asked_about(agreement: Agreement) -> AgreementVersion | None:
    """Return the version whose round of signatures is of interest: the one offered, else the last one."""
    sealed = [version for version in agreement.versions if version.sealed_at is not None]
    return offered_version(agreement) or (sealed[-1] if sealed else None)


def _surveys(session: Session, agreement: Agreement) -> Sequence[Survey]:
    wanted = select(Survey).where(Survey.agreement_id == agreement.id)
    return session.exec(wanted.order_by(col(Survey.id).desc())).all()


def _names(session: Session, actions: list[Action]) -> dict[int, str]:
    ids = {row.owner_id for row in actions}
    people = session.exec(select(Person).where(col(Person.id).in_(ids))).all()
    return {person.id: person.name for person in people if person.id is not None}


def _reports(session: Session, agreement: Agreement) -> Sequence[tuple[ExperienceReport, ServicePeriod]]:
    return session.exec(
        select(ExperienceReport, ServicePeriod)
        .join(ServicePeriod, col(ServicePeriod.id) == ExperienceReport.period_id)
        .where(ExperienceReport.agreement_id == agreement.id)
        .order_by(col(ExperienceReport.id).desc())
    ).all()


def _letter(row: OutboxLetter) -> LetterRow:
    return LetterRow(
        letter_title(row.kind), row.to_name, row.state.value, row.created_at, row.sent_at, row.last_error
    )
