"""A version written as the document that `states.drafting.apply_document` takes."""

from typing import Any

from models.agreements import Agreement
from models.parties import Party
from models.versions import AgreementVersion


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
        "review_period": version.review_period,
        "cost": version.cost,
        "calendars": {calendar.name: calendar.hours for calendar in version.calendars},
        "targets": [
            {
                "id": target.key,
                "indicator": target.indicator.value,
                "population": target.population,
                "threshold": target.threshold_s,
                "objective": target.objective,
                "calendar": target.calendar,
                "pause_states": target.pause_states,
            }
            for target in version.targets
        ],
        "requirements": [
            {
                "text": row.text,
                "origin": row.origin.value,
                "business_reason": row.business_reason,
                "target": row.target_key,
                "settlement": row.settlement.value,
                "reason": row.reason,
            }
            for row in version.requirements
        ],
        "responsibilities": [{"side": row.side.value, "text": row.text} for row in version.responsibilities],
        "signatories": [
            {"email": row.person.email, "side": row.side.value, "required": row.required}
            for row in version.signatories
        ],
    }


def _party_part(party: Party) -> dict[str, Any]:
    part: dict[str, Any] = {
        "name": party.name,
        "people": [
            {"name": person.name, "email": person.email, "role": person.role.value, "zone": person.zone}
            for person in sorted(party.people, key=lambda person: person.email)
        ],
    }
    return part | ({"evidence_name": party.evidence_name} if party.evidence_name else {})
