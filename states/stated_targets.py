"""What a customer states to need, in a replay: from a file, or from policy by priority."""

from hashlib import sha256
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from config.errors import BadInputError
from config.policy import policy
from config.texts import read_text
from config.yaml_texts import read_yaml
from levels.working_hours import WorkingHours
from states.agreement_document import AgreementDocument
from states.document_parts import (
    PartyPart,
    PersonPart,
    RequirementPart,
    ResponsibilityPart,
    SignatoryPart,
    StatedPart,
    TargetPart,
)
from states.document_rows import target_row
from states.promises import promise_of
from states.usual_terms import usual_hours

CALENDAR = "service hours"


class StatedRequirements(BaseModel):
    """The stated targets, and the service hours that they are meant on."""

    model_config = ConfigDict(extra="forbid")

    hours: WorkingHours
    targets: list[TargetPart]

    @model_validator(mode="after")
    def _as_an_agreement_would(self) -> "StatedRequirements":
        keys = [target.id for target in self.targets]
        for target in self.targets:
            if keys.count(target.id) > 1:
                raise ValueError(f"target {target.id} is there twice")
            if target.calendar != CALENDAR:
                raise ValueError(
                    f"target {target.id}: there is no calendar {target.calendar!r}: `hours` are everybody's"
                )
        return self


def by_policy() -> StatedRequirements:
    """Return a resolution target for each priority, as policy states them."""
    stated = policy().requirements
    return StatedRequirements(
        hours=usual_hours(),
        targets=[
            TargetPart(
                id=f"P{priority}",
                population={"priority": priority},
                threshold=round(hours * 3600),
                objective=stated.objective,
                calendar=CALENDAR,
            )
            for priority, hours in sorted(stated.stated_hours.items())
        ],
    )


def read_stated(path: Path) -> StatedRequirements:
    """Read stated targets from a YAML file with `targets`, each as in an agreement, and maybe `hours`.

    Raises:
        BadInputError: if the file cannot be read or is not of this form; says what and where.
    """
    content = read_yaml(read_text(path), str(path))
    if (
        not isinstance(content, dict)
        or not isinstance(content.get("targets"), list)
        or not content["targets"]
    ):
        raise BadInputError(f"{path}: a list `targets` is wanted, each with id, threshold and objective")
    content.setdefault("hours", usual_hours())
    content["targets"] = [
        {"calendar": CALENDAR, **target} if isinstance(target, dict) else target
        for target in content["targets"]
    ]
    try:
        return StatedRequirements.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise BadInputError(f"{path}: {field + ': ' if field else ''}{message}") from None


def write_requirements(
    reference: str,
    provider: str,
    customer: str,
    users: list[str],
    services: list[str],
    source: str,
    stated: StatedRequirements,
) -> AgreementDocument:
    """Return the document with which an agreement starts in a replay: stated, and not yet settled."""
    here, there = _mail_name(provider), _mail_name(customer)
    manager = PersonPart(name=f"Service manager at {provider}", email=f"manager@{here}", role="manager")
    head = PersonPart(name=f"Head of delivery at {provider}", email=f"delivery@{here}")
    owner = PersonPart(name=f"Business owner at {customer}", email=f"owner@{there}")
    people = [PersonPart(name=user, email=f"{_word(user)}@{there}", role="user") for user in users]
    return AgreementDocument(
        reference=reference,
        title=f"Services of {provider} for {customer}",
        provider=PartyPart(name=provider, people=[manager, head]),
        customer=PartyPart(name=customer, people=[owner, *people]),
        owner=manager.email,
        services=services,
        evidence_source=source,
        calendars={CALENDAR: stated.hours},
        targets=stated.targets,
        requirements=[
            RequirementPart(
                text=promise_of(target_row(row)),
                origin="customer",
                business_reason="work stands still meanwhile",
                target=row.id,
                stated=StatedPart(threshold=row.threshold, objective=row.objective),
            )
            for row in stated.targets
        ],
        responsibilities=[
            ResponsibilityPart(side="provider", text="Record every ticket with its states as they change"),
            ResponsibilityPart(side="provider", text="Report every period to the customer"),
            ResponsibilityPart(
                side="customer", text="Answer questions on a ticket; the clock waits meanwhile"
            ),
            ResponsibilityPart(side="customer", text="Name an owner who answers letters in time"),
        ],
        signatories=[
            SignatoryPart(email=head.email, side="provider"),
            SignatoryPart(email=owner.email, side="customer"),
        ],
    )


def plain_word(name: str) -> str:
    """Return a name as ASCII letters, digits and hyphens, fit for references and addresses.

    Where signs are lost, a few digits of the name's SHA-256 keep it apart from others.
    """
    letters = "".join(sign if sign.isascii() and sign.isalnum() else " " for sign in name)
    words = letters.split()
    if " ".join(words) == name:
        return "-".join(words)
    return "-".join([*words, sha256(name.encode()).hexdigest()[:6]])


def _mail_name(name: str) -> str:
    return f"{_word(name)}.example"


def _word(name: str) -> str:
    return plain_word(name).lower()
