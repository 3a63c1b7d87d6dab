"""Surveys: everybody is asked once, answers once, and the answers are held against the stage's standard."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from config.errors import NotFoundError
from levels.verdicts import Verdict
from models.agreements import Agreement, Stage
from models.approvals import LinkPurpose
from models.database import transaction
from models.surveys import Survey, SurveyInvitation, SurveyState
from states import survey_outcomes, survey_schedule, surveys
from states.actions import SATISFACTION, actions_of
from states.move import Trigger
from states.review import latest_pack
from states.surveys import OVERALL, SurveyRefusedError, find_invitation
from states.sweeps import sweep_surveys
from tests.states.builders import (
    BOARD,
    CUSTOMER,
    CUSTOMER_OWNER,
    DESK,
    MONDAY,
    PROVIDER,
    add_tickets,
    at_once,
    close_period,
    contents,
    in_trial,
    letters,
    monitored,
    move,
    open_period,
    readers,
    token_to,
    trial_of,
    written,
)

DAY = timedelta(days=1)


def asked(
    session: Session, agreement: Agreement, stage: Stage = Stage.MONITORING, subject: int = 1
) -> Survey:
    survey = surveys.ask(session, agreement, stage, subject, "the service in March", MONDAY)
    assert survey is not None
    return survey


def invitation_to(session: Session, name: str) -> SurveyInvitation:
    return find_invitation(session, token_to(session, name, LinkPurpose.SURVEY))


def test_each_side_is_told_why_it_is_asked(session: Session) -> None:
    agreement = written(session)
    asked(session, agreement, Stage.REQUIREMENTS, agreement.id)
    why = {letter.to_name: (letter.text, letter.html) for letter in letters(session, "survey_invitation")}
    for name, word in ((PROVIDER, "provide"), (DESK, "use")):
        assert all(f"You are asked because you {word} this service." in part for part in why[name])


def crowd(number: int) -> dict[str, object]:
    """A customer with so many users, and Carla who signs."""
    people = contents()["customer"]["people"][:1]
    people += [{"name": f"User {n}", "email": f"u{n}@harbour.example", "role": "user"} for n in range(number)]
    return {"name": CUSTOMER, "people": people}


def rate(session: Session, satisfied: int, dissatisfied: int) -> None:
    """Let users answer from the first one on."""
    for number in range(satisfied + dissatisfied):
        score = 4 if number < satisfied else 3
        surveys.answer(session, invitation_to(session, f"User {number}"), {OVERALL: score}, MONDAY + DAY)


def test_all_of_the_customer_s_people_are_asked_by_a_letter_of_their_own(session: Session) -> None:
    survey = asked(session, written(session))
    assert readers(session, "survey_invitation") == [CUSTOMER_OWNER, BOARD, DESK]
    assert len({token_to(session, name, LinkPurpose.SURVEY) for name in (CUSTOMER_OWNER, BOARD, DESK)}) == 3
    assert invitation_to(session, DESK).survey is survey
    assert survey.closes_at == MONDAY + 7 * DAY
    assert survey.indicators == ["speed", "quality", "information"]


def test_nobody_is_asked_the_same_twice(session: Session) -> None:
    agreement = written(session)
    asked(session, agreement)
    assert surveys.ask(session, agreement, Stage.MONITORING, 1, "the service in March", MONDAY) is None
    assert len(letters(session, "survey_invitation")) == 3
    asked(session, agreement, subject=2)
    assert len(letters(session, "survey_invitation")) == 6


@pytest.mark.parametrize("stage", [Stage.REQUIREMENTS, Stage.TRIAL_RUN, Stage.MONITORING])
def test_each_stage_has_its_standard(session: Session, stage: Stage) -> None:
    standards = {Stage.REQUIREMENTS: 0.6, Stage.TRIAL_RUN: 0.8, Stage.MONITORING: 0.75}
    assert asked(session, written(session), stage).standard == standards[stage]


def test_an_answer_is_kept_as_it_was_given(session: Session) -> None:
    asked(session, written(session))
    invitation = invitation_to(session, DESK)
    surveys.answer(session, invitation, {OVERALL: 4, "speed": 2}, MONDAY + DAY, comment=" too slow ")
    assert {row.indicator: row.score for row in invitation.answers} == {OVERALL: 4, "speed": 2}
    assert (invitation.comment, invitation.answered_at, invitation.via) == (
        "too slow",
        MONDAY + DAY,
        "page",
    )


@pytest.mark.parametrize(
    ("scores", "words"),
    [
        ({}, "say how satisfied you are overall"),
        ({"speed": 5}, "say how satisfied you are overall"),
        ({OVERALL: 0}, "overall: a rating is from 1 to 5, not 0"),
        ({OVERALL: 6}, "overall: a rating is from 1 to 5, not 6"),
        ({OVERALL: 4, "speed": -1}, "speed: a rating is from 1 to 5, not -1"),
        ({OVERALL: 4, "price": 5}, "this survey does not ask about 'price'"),
    ],
)
def test_an_impossible_answer_is_refused(session: Session, scores: dict[str, int], words: str) -> None:
    asked(session, written(session))
    invitation = invitation_to(session, DESK)
    with pytest.raises(SurveyRefusedError, match=words):
        surveys.answer(session, invitation, scores, MONDAY)
    assert invitation.answered_at is None and invitation.answers == []


def test_a_second_answer_a_late_one_and_a_stranger_s_are_refused(session: Session) -> None:
    survey = asked(session, written(session))
    surveys.answer(session, invitation_to(session, DESK), {OVERALL: 5}, MONDAY)
    with pytest.raises(SurveyRefusedError, match="your answer is recorded already"):
        surveys.answer(session, invitation_to(session, DESK), {OVERALL: 1}, MONDAY)
    with pytest.raises(SurveyRefusedError, match="this survey is closed"):
        surveys.answer(session, invitation_to(session, CUSTOMER_OWNER), {OVERALL: 5}, survey.closes_at)
    survey_outcomes.close(session, survey, MONDAY)
    with pytest.raises(SurveyRefusedError, match="this survey is closed"):
        surveys.answer(session, invitation_to(session, CUSTOMER_OWNER), {OVERALL: 5}, MONDAY)
    with pytest.raises(NotFoundError, match="this address leads nowhere"):
        find_invitation(session, "x" * 43)


@pytest.mark.parametrize(
    ("satisfied", "dissatisfied", "verdict"),
    [
        (12, 0, Verdict.MET),
        (11, 0, Verdict.MET),
        (10, 0, Verdict.NOT_ENOUGH),
        (9, 3, Verdict.NOT_ENOUGH),
        (2, 10, Verdict.NOT_MET),
        (0, 0, Verdict.NOT_ENOUGH),
    ],
)
def test_the_verdict_holds_the_satisfied_against_the_standard(
    session: Session, satisfied: int, dissatisfied: int, verdict: Verdict
) -> None:
    survey = asked(session, written(session, customer=crowd(12)))
    rate(session, satisfied, dissatisfied)
    survey_outcomes.close(session, survey, survey.closes_at)
    assert (survey.known, survey.hits) == (satisfied + dissatisfied, satisfied)
    assert (survey.state, survey.verdict) == (SurveyState.CLOSED, verdict)
    assert survey_outcomes.survey_figures(survey)["asked"] == 13


def test_a_survey_is_due_when_its_time_is_over(session: Session) -> None:
    survey = asked(session, written(session))
    assert session.exec(survey_schedule.due_surveys(survey.closes_at - timedelta(seconds=1))).all() == []
    assert session.exec(survey_schedule.due_surveys(survey.closes_at)).all() == [survey]
    survey_outcomes.close(session, survey, survey.closes_at)
    assert session.exec(survey_schedule.due_surveys(survey.closes_at)).all() == []


def test_each_stage_is_asked_about_when_there_is_something_to_say(session: Session) -> None:
    agreement = written(session)
    assert session.exec(survey_schedule.agreements_to_ask(MONDAY)).all() == [agreement]
    asked(session, agreement, Stage.REQUIREMENTS, agreement.id)
    assert session.exec(survey_schedule.agreements_to_ask(MONDAY)).all() == []

    move(session, agreement, Trigger.START_TRIAL, MONDAY)
    trial = trial_of(session, agreement)
    assert session.exec(survey_schedule.trials_to_ask_about(trial.ends_at - DAY)).all() == []
    assert session.exec(survey_schedule.trials_to_ask_about(trial.ends_at)).all() == [trial]
    asked(session, agreement, Stage.TRIAL_RUN, trial.id)
    assert session.exec(survey_schedule.trials_to_ask_about(trial.ends_at)).all() == []


def test_a_period_is_asked_about_a_week_before_it_ends(session: Session) -> None:
    agreement = monitored(session)
    period = open_period(session, agreement)
    assert session.exec(survey_schedule.periods_to_ask_about(period.ends_at - 7 * DAY - DAY)).all() == []
    assert session.exec(survey_schedule.periods_to_ask_about(period.ends_at - 7 * DAY)).all() == [period]
    move(session, agreement, Trigger.END, MONDAY + DAY, reason="over")
    assert session.exec(survey_schedule.periods_to_ask_about(period.ends_at)).all() == []


def test_an_unhappy_period_is_a_finding_and_its_renewal_an_action(session: Session) -> None:
    agreement = monitored(session, customer=crowd(12))
    period = open_period(session, agreement)
    add_tickets(session, period.starts_at, 40)
    asked(session, agreement, Stage.MONITORING, period.id)
    rate(session, 1, 11)
    close_period(session, agreement)
    move(session, agreement, Trigger.BEGIN_REVIEW, period.closes_at)
    pack = latest_pack(session, agreement)
    assert pack is not None
    (finding,) = pack.findings
    assert finding.startswith("All targets are green, but users are not: 8.3\u00a0% of 12 people")
    move(session, agreement, Trigger.RENEW, period.closes_at)
    (action,) = actions_of(session, agreement)
    assert action.target_key == SATISFACTION
    assert action.title == "Find out why only 1 of 12 people are satisfied, and mend it"


def test_the_end_closes_open_surveys(session: Session) -> None:
    agreement = in_trial(session)
    survey = asked(session, agreement)
    move(session, agreement, Trigger.END, MONDAY, reason="over")
    assert survey.state == SurveyState.CLOSED


class TestAtOnce:
    @pytest.fixture(params=["sqlite", "postgresql"])
    def database_url(self, request: pytest.FixtureRequest) -> str:
        url: str = request.getfixturevalue(f"{request.param}_url")
        return url

    def test_a_double_click_is_one_answer(self, engine: Engine) -> None:
        with transaction(engine) as session:
            asked(session, written(session))
            token = token_to(session, DESK, LinkPurpose.SURVEY)

        def rate(score: int) -> None:
            with transaction(engine) as session:
                surveys.answer(session, find_invitation(session, token), {OVERALL: score}, MONDAY)

        results = at_once(lambda: rate(1), lambda: rate(5), lambda: rate(3))
        assert sorted(type(result).__name__ for result in results) == [
            "NoneType",
            "SurveyRefusedError",
            "SurveyRefusedError",
        ]


def test_nobody_is_asked_about_a_period_that_is_due_for_its_assessment(session: Session) -> None:
    """After a standstill the same run would count the answers before anybody could give one."""
    period = open_period(session, monitored(session))
    late = survey_schedule.periods_to_ask_about(period.closes_at)
    assert session.exec(late).all() == []
    in_time = survey_schedule.periods_to_ask_about(period.closes_at - timedelta(hours=1))
    assert session.exec(in_time).all() == [period]


def test_a_survey_asked_late_ends_when_its_answers_are_counted(engine: Engine) -> None:
    with transaction(engine) as session:
        closes_at = open_period(session, monitored(session)).closes_at
    sweep_surveys(engine, closes_at - timedelta(hours=3))
    with transaction(engine) as session:
        (survey,) = session.exec(select(Survey).where(Survey.stage == Stage.MONITORING)).all()
        assert survey.closes_at == closes_at


def test_a_survey_closed_before_its_time_ended_then(session: Session) -> None:
    survey = asked(session, written(session))
    survey_outcomes.close(session, survey, MONDAY + 2 * DAY)
    assert survey.closes_at == MONDAY + 2 * DAY
    assert survey_outcomes.survey_figures(survey)["to"] == (MONDAY + 2 * DAY).isoformat()
