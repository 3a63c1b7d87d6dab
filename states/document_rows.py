"""Parts of an agreement document as rows of a version."""

from collections import Counter
from collections.abc import Iterable

from models.versions import ProcessTarget, Requirement, ServiceLevelTarget
from states.document_parts import RequirementPart, StepPart, TargetPart


def target_row(part: TargetPart) -> ServiceLevelTarget:
    """Return a target; a cost, which is kept or not, has the objective 1."""
    return ServiceLevelTarget(
        key=part.id,
        threshold_s=part.threshold or 0,
        objective=1.0 if part.objective is None else part.objective,
        pause_states=[state.value for state in part.pause_states],
        from_states=[state.value for state in part.from_states],
        to_states=[state.value for state in part.to_states],
        **part.model_dump(
            exclude={"id", "threshold", "objective", "pause_states", "from_states", "to_states"}
        ),
    )


def process_target_rows(parts: Iterable[StepPart]) -> list[ProcessTarget]:
    """Return the steps of every target, numbered in the order in which they are written."""
    positions: Counter[str] = Counter()
    rows = []
    for part in parts:
        positions[part.target] += 1
        rows.append(
            ProcessTarget(
                target_key=part.target,
                position=positions[part.target],
                line=part.step,
                budget_s=part.budget or 0,
                **part.model_dump(include={"objective", "carried_by", "supporting_target"}),
            )
        )
    return rows


def requirement_row(part: RequirementPart) -> Requirement:
    """Return a requirement with what was said about it."""
    stated = {"threshold_s": part.stated.threshold, "objective": part.stated.objective}
    return Requirement(
        target_key=part.target,
        stated={name: value for name, value in stated.items() if value is not None},
        conversation=[remark.model_dump(mode="json") for remark in part.conversation],
        **part.model_dump(exclude={"target", "stated", "conversation"}),
    )
