"""An agreement written as one document (YAML or JSON): its schema, with errors that say what and where."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AwareDatetime,
    Field,
    JsonValue,
    ValidationError,
    field_validator,
    model_validator,
)

from config.errors import BadInputError
from config.policy import policy
from config.texts import read_text
from config.yaml_texts import read_yaml
from levels.working_hours import WorkingHours
from models.agreements import AgreementKind
from states.document_parts import (
    Part,
    PartyPart,
    RequirementPart,
    ResponsibilityPart,
    SignatoryPart,
    StepPart,
    TargetPart,
)
from states.document_values import KEY, Share


class AgreementDocument(Part):
    """A whole agreement, as it is written, kept and applied."""

    reference: str = Field(pattern=KEY)
    kind: AgreementKind = AgreementKind.SLA
    title: str = Field(min_length=1)
    provider: PartyPart
    customer: PartyPart
    owner: str = Field(description="e-mail address of the service manager")
    services: list[Annotated[str, Field(min_length=1)]] = Field(default_factory=list)
    evidence_source: str = ""
    trial_days: int = Field(default_factory=lambda: policy().trial.days, ge=1, le=366)
    trial_confidence: Annotated[Share, Field(gt=0.5)] | None = None
    trial_looks: int = Field(1, ge=1, le=12)
    review_period: Literal["month", "quarter"] = Field(default_factory=lambda: policy().reviews.period)
    cost: dict[str, JsonValue] = Field(default_factory=dict)
    notice_days: int = Field(0, ge=0, le=3650)
    valid_until: AwareDatetime | None = None
    calendars: dict[str, WorkingHours] = Field(default_factory=dict)
    targets: list[TargetPart] = Field(default_factory=list)
    process_targets: list[StepPart] = Field(default_factory=list)
    requirements: list[RequirementPart] = Field(default_factory=list)
    responsibilities: list[ResponsibilityPart] = Field(default_factory=list)
    signatories: list[SignatoryPart] = Field(default_factory=list)
    quorum: dict[int, Annotated[int, Field(ge=1)]] = Field(default_factory=dict)

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
        for group, number in self.quorum.items():
            size = sum(row.group == group and not row.observer for row in self.signatories)
            if number > size:
                raise ValueError(f"quorum: group {group} has {size} signatories and would need {number}")
        keys = [target.id for target in self.targets]
        for key in keys:
            if keys.count(key) > 1:
                raise ValueError(f"target {key} is there twice")
        for target in self.targets:
            if target.calendar not in self.calendars:
                raise ValueError(f"target {target.id}: there is no calendar {target.calendar!r}")
        for step in self.process_targets:
            if step.target not in keys:
                raise ValueError(f"process target {step.step!r}: there is no target {step.target!r}")
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
    return parse_document(read_text(path), str(path))


def parse_document(text: str, where: str) -> AgreementDocument:
    """Read an agreement document from its text; `where` names it in errors.

    Raises:
        BadInputError: if it is no YAML or no agreement; says what and where.
    """
    content = read_yaml(text, where)
    if not isinstance(content, dict):
        raise BadInputError(f"{where}: an agreement is a table of fields, such as `reference: SLA-1`")
    try:
        return AgreementDocument.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise BadInputError(f"{where}: {field + ': ' if field else ''}{message}") from None
