"""Steps of a version's targets, and who carries each, as it is written and read."""

import re

from models.versions import AgreementVersion, ProcessTarget

TO_BE_NAMED = "to be named"
"""Carries a step until somebody is named, which keeps the version from being offered."""

_KEY = r"[A-Za-z0-9][A-Za-z0-9_.-]*"
_SUPPORTING = re.compile(f"({_KEY})/({_KEY})")


def steps_of(version: AgreementVersion, target_key: str) -> list[ProcessTarget]:
    """Return the steps of a target in the order of the work; none where it is not broken down."""
    found = [row for row in version.process_targets if row.target_key == target_key]
    return sorted(found, key=lambda row: row.position)


def carrier_of(row: ProcessTarget) -> str:
    """Return who carries a step, as it is given: "Service desk", "OLA-1/P2"."""
    return f"{row.carried_by}/{row.supporting_target}" if row.supporting_target else row.carried_by


def carrier_in(text: str) -> tuple[str, str]:
    """Return an agreement's reference and the key of its target, or a team's name and ""."""
    found = _SUPPORTING.fullmatch(text)
    return (found[1], found[2]) if found else (text, "")
