"""Surveys: how satisfied people are, against the standard of the stage."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Relationship, SQLModel

from models.agreements import Stage
from models.columns import json_field, refers_to, word
from models.parties import Person


class SurveyState(StrEnum):
    """A survey is open until its answers are counted."""

    OPEN = "open"
    CLOSED = "closed"


class Survey(SQLModel, table=True):
    """A few indicators, asked of an agreement's people at one stage.

    Attributes:
        subject_id: the service period or trial it is about; the agreement itself before the first trial.
        occasion: the same in words, e.g. "the service from 1 March to 1 April 2026".
        indicators: what is rated from 1 (very dissatisfied) to 5 (very satisfied).
        closes_at: when it ends, or ended; earlier than first said where its answers were counted before.
        standard: the share of satisfied answers expected at this stage.
        known, hits: answers (one a person: the overall rating), and the satisfied among them.
        verdict: of `hits` of `known` against the standard; None while open.
    """

    __tablename__ = "surveys"
    __table_args__ = (UniqueConstraint("agreement_id", "stage", "subject_id"),)

    id: int = Field(default=None, primary_key=True)
    agreement_id: int = refers_to("agreements.id", index=True)
    stage: Stage = word(Stage)
    subject_id: int
    occasion: str
    indicators: list[str] = json_field(list)
    standard: float
    asked_at: datetime
    closes_at: datetime = Field(index=True)
    state: SurveyState = word(SurveyState, SurveyState.OPEN)
    known: int | None = None
    hits: int | None = None
    lower: float | None = None
    upper: float | None = None
    verdict: str | None = None
    invitations: list["SurveyInvitation"] = Relationship(back_populates="survey")


class SurveyInvitation(SQLModel, table=True):
    """One person asked, once; answered at most once."""

    __tablename__ = "survey_invitations"
    __table_args__ = (UniqueConstraint("survey_id", "person_id"),)

    id: int = Field(default=None, primary_key=True)
    survey_id: int = refers_to("surveys.id", index=True)
    person_id: int = refers_to("people.id")
    answered_at: datetime | None = None
    comment: str = ""
    via: str = ""
    survey: Survey = Relationship(back_populates="invitations")
    person: Person = Relationship()
    answers: list["SurveyAnswer"] = Relationship()


class SurveyAnswer(SQLModel, table=True):
    """A rating of one indicator, from 1 to 5; the indicator "overall" is the one that counts."""

    __tablename__ = "survey_answers"

    invitation_id: int = refers_to("survey_invitations.id", primary_key=True)
    indicator: str = Field(primary_key=True)
    score: int


class SurveyOptOut(SQLModel, table=True):
    """A person who wants no more surveys; who has none is asked.

    Attributes:
        via: "page", or "one click" where the mail program did it (RFC 8058).
    """

    __tablename__ = "survey_opt_outs"

    person_id: int = refers_to("people.id", primary_key=True)
    opted_out_at: datetime
    via: str
