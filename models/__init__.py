"""The tables. Importing this package loads every one of them, so that the metadata is complete."""

from models import (  # noqa: F401
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
    requirements_documents,
    reviews,
    surveys,
    trials,
    versions,
)
