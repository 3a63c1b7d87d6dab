"""proposals put to the customer, people's languages, when a page was opened

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op


revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "proposals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("pack_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("target_key", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("decided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_proposals_agreement_id_agreements")
        ),
        sa.ForeignKeyConstraint(["asked_by_id"], ["people.id"], name=op.f("fk_proposals_asked_by_id_people")),
        sa.ForeignKeyConstraint(
            ["pack_id"], ["review_packs.id"], name=op.f("fk_proposals_pack_id_review_packs")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["agreement_versions.id"],
            name=op.f("fk_proposals_version_id_agreement_versions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
    )
    op.create_index(op.f("ix_proposals_agreement_id"), "proposals", ["agreement_id"])
    op.create_index(op.f("ix_proposals_state"), "proposals", ["state"])
    op.create_index(op.f("ix_proposals_version_id"), "proposals", ["version_id"])
    # in one statement, which SQLite knows too: a table made anew would lose what refers to it
    op.execute(
        "ALTER TABLE approval_requests ADD COLUMN proposal_id INTEGER "
        "CONSTRAINT fk_approval_requests_proposal_id_proposals REFERENCES proposals (id)"
    )
    op.create_index(op.f("ix_approval_requests_proposal_id"), "approval_requests", ["proposal_id"])
    op.add_column("decisions", sa.Column("opened_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    op.execute("ALTER TABLE people ADD COLUMN language VARCHAR NOT NULL DEFAULT 'en'")


def downgrade() -> None:
    raise NotImplementedError("what people were asked and answered is not dropped: restore the backup")
