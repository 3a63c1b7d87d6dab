"""The tables. Importing this package loads every one of them, so that the metadata is complete."""

from models import (  # noqa: F401
    absences,
    actions,
    agreements,
    approvals,
    assessments,
    audit,
    baselines,
    evidence,
    exclusions,
    letters,
    measured_values,
    parties,
    proposals,
    requirements_documents,
    reviews,
    signed_documents,
    surveys,
    trials,
    versions,
)
