"""The tables. Importing this package loads every one of them, so that the metadata is complete."""

from models import (  # noqa: F401
    actions,
    agreements,
    approvals,
    assessments,
    audit,
    evidence,
    letters,
    parties,
    reviews,
    surveys,
    trials,
    versions,
)
