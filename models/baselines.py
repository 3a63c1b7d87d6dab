"""Baselines: what the evidence says about the service before anything is agreed."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from models.columns import json_field, refers_to


class Baseline(SQLModel, table=True):
    """The figures of the present service over some weeks, frozen.

    Attributes:
        since, until: tickets opened in between count, the end exclusive.
        made_at: the instant whose knowledge the figures are from.
        figures: as `states.baselines` computes and `templates` shows them.
        inputs_sha256: of the tickets and times that the figures were computed from.
    """

    __tablename__ = "baselines"

    id: int = Field(default=None, primary_key=True)
    agreement_id: int = refers_to("agreements.id", index=True)
    since: datetime
    until: datetime
    made_at: datetime
    figures: dict[str, Any] = json_field()
    inputs_sha256: str
    software_version: str
