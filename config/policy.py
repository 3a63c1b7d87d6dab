"""The organisation's policy: numbers that people may argue about, kept out of the code."""

from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from config.errors import BadInputError
from config.settings import settings
from config.texts import read_text, read_toml


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class VerdictPolicy(_Section):
    """How sure a verdict must be."""

    confidence: float = Field(gt=0.5, lt=1)
    counter_offer_floor: float = Field(gt=0, lt=1)


class RequirementsPolicy(_Section):
    """What is taken as stated where nobody says otherwise."""

    stated_hours: dict[str, Annotated[float, Field(ge=1 / 3600, le=366 * 24)]]
    objective: float = Field(gt=0, lt=1)
    least_tickets: int = Field(ge=1)
    weeks: int = Field(ge=1)


class TrialPolicy(_Section):
    """How long a trial runs, and how long it waits for open tickets."""

    days: int = Field(ge=1)
    longest_wait_days: int = Field(ge=0)


class StopwatchPolicy(_Section):
    """What stops a stopwatch for a while."""

    pause_states: list[str]


class CalendarPolicy(_Section):
    """Service hours where an agreement names none."""

    zone: str
    windows: dict[str, list[str]]


class ApprovalPolicy(_Section):
    """How long people have to answer, how often they are reminded (working days), and what decides.

    Every reminder, and then the word to the owner, must come before the time to answer is over.
    """

    days_to_answer: int = Field(ge=1)
    reminder_after_days: int = Field(ge=1)
    most_reminders: int = Field(ge=0, le=3)
    own_proposals: Literal["forbidden", "allowed"]
    exclusion_assurance: Literal["L1", "L2", "L3"]
    proposal_assurance: Literal["L1", "L2", "L3"]

    @model_validator(mode="after")
    def _owner_is_told_in_time(self) -> Self:
        weeks, more = divmod(self.days_to_answer, 7)
        least = 5 * weeks + max(0, more - 2)  # working days, wherever the weekends fall
        needed = (self.most_reminders + 1) * self.reminder_after_days
        if needed >= least:
            raise ValueError(
                f"days_to_answer = {self.days_to_answer} may hold {least} working days only, and the owner "
                f"is told after {needed}: allow more days, or remind sooner or less often"
            )
        return self


class ReviewPolicy(_Section):
    """How often reviews are due and which ones need nobody."""

    period: Literal["month", "quarter"]
    shortest_period_days: int = Field(ge=0)
    tell_within_days: int = Field(ge=1)
    tell_of_end_days: int = Field(ge=0)
    renew_when_green: bool


class RevisionPolicy(_Section):
    """How long a target-revision task may stay open."""

    days_to_settle: int = Field(ge=1)


class SurveyStandards(_Section):
    """The share of satisfied answers expected, at each stage whose people are asked."""

    requirements: float = Field(gt=0, lt=1)
    trial_run: float = Field(gt=0, lt=1)
    monitoring: float = Field(gt=0, lt=1)


class SurveyPolicy(_Section):
    """What is asked, and the standard at each stage."""

    days_to_answer: int = Field(ge=1)
    satisfied_from: int = Field(ge=1, le=5)
    indicators: list[str]
    standards: SurveyStandards


class MailPolicy(_Section):
    """How much one recipient's domain is sent, and how long a letter that is put off is tried again."""

    letters_a_minute: int = Field(ge=1)
    at_once: int = Field(ge=1)
    give_up_after_days: int = Field(ge=1)


class Policy(_Section):
    """The whole policy; see `config/policy.toml` for the defaults and their units."""

    verdicts: VerdictPolicy
    requirements: RequirementsPolicy
    trial: TrialPolicy
    stopwatch: StopwatchPolicy
    calendar: CalendarPolicy
    approvals: ApprovalPolicy
    reviews: ReviewPolicy
    revisions: RevisionPolicy
    surveys: SurveyPolicy
    mail: MailPolicy


def load_policy(path: Path | None = None) -> Policy:
    """Return the default policy with the values of the TOML file `path` in place of its own.

    Raises:
        BadInputError: if the file is missing, is no TOML, or has an unknown or impossible value.
    """
    values = read_toml((resources.files("config") / "policy.toml").read_text("utf-8"), "policy")
    if path is not None:
        _replace(values, read_toml(read_text(path, "policy file"), f"policy file {path}"))
    try:
        return Policy.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadInputError(f"policy file {path}: {where}: {first['msg']}") from None


@lru_cache(maxsize=1)
def policy() -> Policy:
    """Return this process's policy, read once from `SLM_POLICY_FILE`."""
    return load_policy(settings().policy_file)


def _replace(values: dict[str, Any], others: dict[str, Any]) -> None:
    for key, other in others.items():
        if isinstance(other, dict) and isinstance(values.get(key), dict) and key != "stated_hours":
            _replace(values[key], other)
        else:
            values[key] = other
