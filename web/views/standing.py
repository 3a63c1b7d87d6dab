"""How agreements stand by their last figures: on track, at risk, or not measured yet; many at once."""

from collections import defaultdict
from collections.abc import Sequence
from enum import StrEnum

from sqlmodel import Session, col, func, select

from levels.verdicts import Verdict
from models.assessments import Assessment
from models.surveys import Survey, SurveyState
from models.trials import Trial, TrialResult, TrialState
from states.experience import kept
from states.monitoring import newest_of


class Standing(StrEnum):
    """What the last figures say of an agreement as a whole."""

    ON_TRACK = "on track"
    AT_RISK = "at risk"
    UNHAPPY = "green, but users unhappy"
    UNKNOWN = "no figures yet"


def standings(session: Session, ids: Sequence[int]) -> dict[int, Standing]:
    """Return how agreements stand, by id.

    The newest assessed period counts: at risk if a target missed its objective or is proved not met.
    Before the first period the newest concluded trial counts in the same way. Where all is green, the
    newest survey is asked too: targets that are met do not make up for users who are proved unhappy.
    """
    found = dict.fromkeys(ids, Standing.UNKNOWN)
    good: dict[int, list[bool]] = defaultdict(list)
    for agreement_id, fine in _last_trials(session, ids):
        good[agreement_id].append(fine)
    assessed: dict[int, list[bool]] = defaultdict(list)
    for row in _last_assessments(session, ids):
        assessed[row.agreement_id].append(kept(row) and row.verdict != Verdict.NOT_MET)
    unhappy = _unhappy(session, ids)
    for agreement_id, outcomes in (good | assessed).items():
        if not all(outcomes):
            found[agreement_id] = Standing.AT_RISK
        else:
            found[agreement_id] = Standing.UNHAPPY if agreement_id in unhappy else Standing.ON_TRACK
    return found


def _unhappy(session: Session, ids: Sequence[int]) -> set[int]:
    """The agreements whose newest counted survey proves that its standard is not reached."""
    newest = (
        select(func.max(Survey.id).label("survey_id"))
        .where(col(Survey.agreement_id).in_(ids), Survey.state == SurveyState.CLOSED)
        .group_by(col(Survey.agreement_id))
        .subquery()
    )
    rows = session.exec(
        select(Survey.agreement_id, Survey.verdict).join(newest, col(Survey.id) == newest.c.survey_id)
    ).all()
    return {agreement_id for agreement_id, verdict in rows if verdict == Verdict.NOT_MET}


def _last_assessments(session: Session, ids: Sequence[int]) -> Sequence[Assessment]:
    newest = (
        select(Assessment.agreement_id, func.max(Assessment.period_id).label("period_id"))
        .where(col(Assessment.agreement_id).in_(ids))
        .group_by(col(Assessment.agreement_id))
        .subquery()
    )
    is_newest = col(Assessment.period_id) == newest.c.period_id
    return newest_of(session.exec(select(Assessment).join(newest, is_newest)))


def _last_trials(session: Session, ids: Sequence[int]) -> list[tuple[int, bool]]:
    newest = (
        select(func.max(Trial.id).label("trial_id"))
        .where(col(Trial.agreement_id).in_(ids), Trial.state == TrialState.CONCLUDED)
        .group_by(col(Trial.agreement_id))
        .subquery()
    )
    rows = session.exec(
        select(Trial.agreement_id, TrialResult)
        .join(TrialResult, col(TrialResult.trial_id) == Trial.id)
        .join(newest, col(Trial.id) == newest.c.trial_id)
    ).all()
    return [(agreement_id, result.verdict == Verdict.MET) for agreement_id, result in rows]
