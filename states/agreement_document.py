"""An agreement written as one document (YAML or JSON): its schema, with errors that say what and where."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    ValidationError,
    field_validator,
    model_validator,
)

from config.errors import BadInputError
from config.policy import policy
from levels.working_hours import WorkingHours
from models.agreements import AgreementKind
from models.evidence import TicketState
from models.parties import PersonRole
from models.versions import Indicator, Origin, Settlement, Side

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|min|h)")
_ATTRIBUTES = ("priority", "service", "category", "request_type")
_LONGEST_S = 366 * 86_400  # a year: what is promised later than that is no service level
_SECONDS = {"s": 1, "min": 60, "h": 3600}


def _seconds(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("write a working time like 4 h, 30 min or 90 s")
    if isinstance(value, str):
        match = _DURATION.fullmatch(value.strip())
        if match is None:
            raise ValueError("write a working time like 4 h, 30 min or 90 s")
        return round(float(match[1]) * _SECONDS[match[2]])
    return value


def _text(value: Any) -> Any:
    """Take a bare number as the text it is meant as: `priority: 2`."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _share(value: Any) -> Any:
    if isinstance(value, str) and value.strip().endswith("%"):
        try:
            return round(float(value.strip()[:-1]) / 100, 12)  # 99.9 / 100 is not quite 0.999
        except ValueError:
            raise ValueError("write a share like 90 % or 0.9") from None
    return value


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class PersonPart(_Part):
    """Someone of a party."""

    name: str = Field(min_length=1)
    email: Annotated[str, Field(pattern=r"^[^@\s<>\",;]+@[^@\s<>\",;]+$")]
    role: PersonRole = PersonRole.STAKEHOLDER
    zone: str = "UTC"

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"{zone!r} is not a known IANA time zone such as Europe/Zurich") from None
        return zone


class PartyPart(_Part):
    """A provider or a customer with its people."""

    name: str = Field(min_length=1)
    evidence_name: str | None = None
    people: list[PersonPart] = []


class TargetPart(_Part):
    """A service level target; `threshold` is working time, as seconds or like `4 h`."""

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")
    indicator: Indicator = Indicator.RESOLUTION
    population: dict[str, Annotated[str, BeforeValidator(_text), Field(min_length=1)]] = {}
    threshold: Annotated[int, BeforeValidator(_seconds), Field(gt=0, le=_LONGEST_S)]
    objective: Annotated[float, BeforeValidator(_share), Field(gt=0, lt=1)]
    calendar: str
    pause_states: list[TicketState] = Field(
        default_factory=lambda: [TicketState(state) for state in policy().stopwatch.pause_states]
    )

    @field_validator("population")
    @classmethod
    def _known_attributes(cls, population: dict[str, str]) -> dict[str, str]:
        for name in population:
            if name not in _ATTRIBUTES:
                raise ValueError(
                    f"there is no ticket attribute {name!r}; there are: {', '.join(_ATTRIBUTES)}"
                )
        return population


class RequirementPart(_Part):
    """What somebody stated to need, and how it was settled."""

    text: str = Field(min_length=1)
    origin: Origin = Origin.CUSTOMER
    business_reason: str = ""
    target: str | None = None
    settlement: Settlement = Settlement.OPEN
    reason: str = ""


class ResponsibilityPart(_Part):
    """A duty of one side."""

    side: Side
    text: str = Field(min_length=1)


class SignatoryPart(_Part):
    """Who signs for a side, by e-mail address."""

    email: str
    side: Side
    required: bool = True


class AgreementDocument(_Part):
    """A whole agreement, as it is written, kept and applied."""

    reference: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")
    kind: AgreementKind = AgreementKind.SLA
    title: str = Field(min_length=1)
    provider: PartyPart
    customer: PartyPart
    owner: str = Field(description="e-mail address of the service manager")
    services: list[Annotated[str, Field(min_length=1)]] = []
    evidence_source: str = ""
    trial_days: int = Field(default_factory=lambda: policy().trial.days, ge=1, le=366)
    review_period: Literal["month", "quarter"] = Field(default_factory=lambda: policy().reviews.period)
    cost: dict[str, JsonValue] = {}
    calendars: dict[str, WorkingHours] = {}
    targets: list[TargetPart] = []
    requirements: list[RequirementPart] = []
    responsibilities: list[ResponsibilityPart] = []
    signatories: list[SignatoryPart] = []

    @field_validator("calendars")
    @classmethod
    def _some_working_hours(cls, calendars: dict[str, WorkingHours]) -> dict[str, WorkingHours]:
        for name, hours in calendars.items():
            if not any(any(period.weekly.values()) for period in (hours, *hours.changes)):
                raise ValueError(f"{name} has no working hours in any week")
        return calendars

    @model_validator(mode="after")
    def _names_must_exist(self) -> "AgreementDocument":
        people = {person.email.lower() for party in (self.provider, self.customer) for person in party.people}
        for email in [self.owner, *(signatory.email for signatory in self.signatories)]:
            if email.lower() not in people:
                raise ValueError(f"{email} is not among the people of the provider or the customer")
        keys = [target.id for target in self.targets]
        for key in keys:
            if keys.count(key) > 1:
                raise ValueError(f"target {key} is there twice")
        for target in self.targets:
            if target.calendar not in self.calendars:
                raise ValueError(f"target {target.id}: there is no calendar {target.calendar!r}")
        for requirement in self.requirements:
            if requirement.target is not None and requirement.target not in keys:
                raise ValueError(
                    f"requirement {requirement.text!r}: there is no target {requirement.target!r}"
                )
        return self


def read_document(path: Path) -> AgreementDocument:
    """Read an agreement document from a YAML or JSON file.

    Raises:
        BadInputError: if the file cannot be read, is no YAML, or is no agreement; says what and where.
    """
    try:
        return parse_document(path.read_text("utf-8"), str(path))
    except OSError as error:
        raise BadInputError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise BadInputError(f"{path}: this is no text in UTF-8") from None


def parse_document(text: str, where: str) -> AgreementDocument:
    """Read an agreement document from its text; `where` names it in errors.

    Raises:
        BadInputError: if it is no YAML or no agreement; says what and where.
    """
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise BadInputError(f"{where}: this is no YAML: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict):
        raise BadInputError(f"{where}: an agreement is a table of fields, such as `reference: SLA-1`")
    try:
        return AgreementDocument.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise BadInputError(f"{where}: {field + ': ' if field else ''}{message}") from None
