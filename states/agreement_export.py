"""A version written as the document that `states.drafting.apply_document` takes."""

from typing import Any

from models.agreements import Agreement
from models.parties import Party
from models.version_words import Indicator
from models.versions import AgreementVersion, Requirement, ServiceLevelTarget
from states.document_values import working_time
from states.drafts import without_pins


def export_document(agreement: Agreement, version: AgreementVersion) -> dict[str, Any]:
    """Return a version as the document that `apply_document` takes, ready to be written as YAML."""
    return {
        "reference": agreement.reference,
        "kind": agreement.kind.value,
        "title": agreement.title,
        "provider": _party_part(agreement.provider),
        "customer": _party_part(agreement.customer),
        "owner": agreement.owner.email,
        "services": [service.name for service in agreement.services],
        "evidence_source": agreement.evidence_source,
        "trial_days": version.trial_days,
        "trial_confidence": version.trial_confidence,
        "trial_looks": version.trial_looks,
        "review_period": version.review_period,
        "cost": version.cost,
        "notice_days": version.notice_days,
        "valid_until": version.valid_until.isoformat() if version.valid_until else None,
        "calendars": {calendar.name: without_pins(calendar.hours) for calendar in version.calendars},
        "targets": [_target_part(target) for target in version.targets],
        "process_targets": [
            {
                "target": row.target_key,
                "step": row.line,
                "budget": working_time(row.budget_s) if row.budget_s else None,
                "objective": row.objective,
                "carried_by": row.carried_by,
                "supporting_target": row.supporting_target,
            }
            for row in sorted(version.process_targets, key=lambda row: (row.target_key, row.position))
        ],
        "requirements": [_requirement_part(row) for row in version.requirements],
        "responsibilities": [{"side": row.side.value, "text": row.text} for row in version.responsibilities],
        "quorum": {int(group): number for group, number in version.quorum.items()},
        "signatories": [
            {
                "email": row.person.email,
                **row.model_dump(mode="json", include={"side", "required", "group", "observer", "assurance"}),
            }
            for row in version.signatories
        ],
    }


def _target_part(target: ServiceLevelTarget) -> dict[str, Any]:
    part = {
        "id": target.key,
        "threshold": working_time(target.threshold_s) if target.threshold_s else None,
        "objective": None if target.indicator == Indicator.COST else target.objective,
        **target.model_dump(
            mode="json", exclude={"id", "version_id", "key", "threshold_s", "objective", "accepted_risk"}
        ),
    }
    # what the indicator has no use for is left out, so that the document reads as it would be written
    return {name: value for name, value in part.items() if value not in (None, "", [], {})} | {
        "population": target.population,
        "pause_states": target.pause_states,
    }


def _requirement_part(row: Requirement) -> dict[str, Any]:
    part: dict[str, Any] = {
        "text": row.text,
        "origin": row.origin.value,
        "business_reason": row.business_reason,
        "target": row.target_key,
        "settlement": row.settlement.value,
        "reason": row.reason,
    }
    if row.stated:
        part["stated"] = {
            "threshold": working_time(row.stated["threshold_s"]) if "threshold_s" in row.stated else None,
            "objective": row.stated.get("objective"),
        }
    return part | ({"conversation": row.conversation} if row.conversation else {})


def _party_part(party: Party) -> dict[str, Any]:
    part: dict[str, Any] = {
        "name": party.name,
        "people": [
            {
                "name": person.name,
                "email": person.email,
                "role": person.role.value,
                "zone": person.zone,
                "language": person.language,
            }
            for person in sorted(party.people, key=lambda person: person.email)
        ],
    }
    return part | ({"evidence_name": party.evidence_name} if party.evidence_name else {})
