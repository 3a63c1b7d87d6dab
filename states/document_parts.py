"""The parts of an agreement document: targets, requirements, people, each with errors in plain words."""

from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AwareDatetime, BaseModel, Field, field_validator, model_validator

from config.errors import BadInputError
from config.plain_text import printable
from models.evidence import TicketState
from models.parties import PersonRole
from models.version_words import (
    Assurance,
    BoundSide,
    Indicator,
    Origin,
    PriorityChange,
    Reopening,
    Settlement,
    Side,
)
from states.document_values import KEY, STRICT, Demanded, Population, Share, Weekdays, WorkingTime
from states.usual_terms import usual_pause_states
from templates.languages.catalogs import ENGLISH, checked_language


class Part(BaseModel):
    """A table of fields in which an unknown field is an error; texts lose what makes them look different."""

    model_config = STRICT

    @model_validator(mode="before")
    @classmethod
    def _printable(cls, given: Any) -> Any:
        return _printable(given)


def _printable(given: Any) -> Any:
    if isinstance(given, str):
        return printable(given)
    if isinstance(given, list):
        return [_printable(value) for value in given]
    if isinstance(given, dict):
        return {_printable(name): _printable(value) for name, value in given.items()}
    return given


class PersonPart(Part):
    """Someone of a party."""

    name: str = Field(min_length=1)
    email: Annotated[str, Field(pattern=r"^[^@\s<>\",;]+@[^@\s<>\",;]+$")]
    role: PersonRole = PersonRole.STAKEHOLDER
    zone: str = "UTC"
    language: str = ENGLISH

    @field_validator("language")
    @classmethod
    def _known_language(cls, language: str) -> str:
        try:
            return checked_language(language)
        except BadInputError as error:
            raise ValueError(str(error)) from None

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"{zone!r} is not a known IANA time zone such as Europe/Zurich") from None
        return zone


class PartyPart(Part):
    """A provider or a customer with its people."""

    name: str = Field(min_length=1)
    evidence_name: str | None = None
    people: list[PersonPart] = []


class TargetPart(Part):
    """A service level target; `threshold` is working time, as seconds or like `4 h`."""

    id: str = Field(pattern=KEY)
    indicator: Indicator = Indicator.RESOLUTION
    population: Population = {}
    threshold: WorkingTime | None = None
    objective: Share | None = None
    calendar: str
    pause_states: list[TicketState] = Field(default_factory=usual_pause_states)
    weekdays: Weekdays = []
    reopening: Reopening = Reopening.CONTINUE
    priority_change: PriorityChange = PriorityChange.OPENING
    line: str = ""
    from_states: list[TicketState] = []
    to_states: list[TicketState] = []
    measure: str = ""
    bound: float | None = None
    bound_side: BoundSide = BoundSide.AT_MOST

    @model_validator(mode="after")
    def _fits_its_indicator(self) -> "TargetPart":
        given = {
            "threshold": self.threshold is not None,
            "objective": self.objective is not None,
            "line": bool(self.line),
            "from_states": bool(self.from_states),
            "to_states": bool(self.to_states),
            "measure": bool(self.measure),
            "bound": self.bound is not None,
            "weekdays": bool(self.weekdays),
        }
        needed, optional = _FIELDS[self.indicator]
        for name, is_given in given.items():
            if name in needed and not is_given:
                raise ValueError(f"a target of {self.indicator} needs {_named(name)}")
            if is_given and name not in needed | optional:
                raise ValueError(f"a target of {self.indicator} has no {name}")
        if self.indicator in _OF_SERVICES and set(self.population) - {"service"}:
            raise ValueError(f"a target of {self.indicator} is about a service; its population says no more")
        return self


# what a feed of measured values tells apart
_OF_SERVICES = (Indicator.RATIO, Indicator.VALUE, Indicator.SATISFACTION)
_TIMED = frozenset({"threshold", "objective"})
_DAYS = frozenset({"weekdays"})
# what a target must say, and what it may say beside it, by its indicator
_FIELDS: dict[Indicator, tuple[frozenset[str], frozenset[str]]] = {
    Indicator.RESPONSE: (_TIMED, _DAYS),
    Indicator.NEXT_UPDATE: (_TIMED, _DAYS),
    Indicator.RESOLUTION: (_TIMED, _DAYS),
    Indicator.STEP: (_TIMED | {"line"}, _DAYS),
    Indicator.BETWEEN_STATES: (_TIMED | {"from_states", "to_states"}, _DAYS),
    Indicator.AVAILABILITY: (frozenset({"objective"}), frozenset()),
    Indicator.RATIO: (frozenset({"objective", "measure"}), frozenset()),
    Indicator.VALUE: (frozenset({"objective", "measure", "bound"}), frozenset()),
    Indicator.SATISFACTION: (frozenset({"objective"}), frozenset({"measure"})),
    Indicator.COST: (frozenset({"bound"}), frozenset({"measure"})),
}


def _named(field: str) -> str:
    examples = {
        "threshold": "a threshold, such as 4 h",
        "objective": "an objective, such as 90 %",
        "line": "the line whose time counts, such as first line",
        "from_states": "from_states, which start the stopwatch",
        "to_states": "to_states, which stop the stopwatch",
        "measure": "the name of a measure",
        "bound": "a bound, in the unit of what is measured",
    }
    return examples[field]


class StepPart(Part):
    """A target's share for one step, in the order of the work, and who carries it."""

    target: str
    step: str = Field(min_length=1)
    budget: WorkingTime | None = None
    objective: Share
    carried_by: str = Field(min_length=1)
    supporting_target: str = ""


class StatedPart(Part):
    """The target that was asked for, before it was settled."""

    threshold: WorkingTime | None = None
    objective: Demanded | None = None


class RemarkPart(Part):
    """Something that was said about a requirement."""

    at: AwareDatetime
    by: str = Field(min_length=1)
    act: Literal["stated", "challenged", "accepted", "reduced", "dropped"]
    text: str


class RequirementPart(Part):
    """What somebody stated to need, and how it was settled."""

    text: str = Field(min_length=1)
    origin: Origin = Origin.CUSTOMER
    business_reason: str = ""
    target: str | None = None
    settlement: Settlement = Settlement.OPEN
    reason: str = ""
    stated: StatedPart = StatedPart()
    conversation: list[RemarkPart] = []


class ResponsibilityPart(Part):
    """A duty of one side."""

    side: Side
    text: str = Field(min_length=1)


class SignatoryPart(Part):
    """Who signs for a side, by e-mail address; an observer is told and not asked."""

    email: str
    side: Side
    required: bool = True
    group: int = Field(1, ge=1, le=20)
    observer: bool = False
    assurance: Assurance = Assurance.L2
