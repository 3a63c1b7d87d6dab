"""proposals put to the customer, languages, updates that change nothing, pages opened; assessments are sealed

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
        sa.Column("outcome", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
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
    _add_ticket_updates()
    _seal_assessments()


def _add_ticket_updates() -> None:
    op.create_table(
        "ticket_updates",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("known_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_updates_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("ticket_id", "at", name=op.f("pk_ticket_updates")),
        sqlite_with_rowid=False,
    )


def _seal_assessments() -> None:
    """Let nobody change or drop an assessment: all its columns are frozen figures."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            """CREATE FUNCTION refuse_change_of_assessment() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'an assessment cannot be changed: a correction is a restatement';
            END $$"""
        )
        op.execute(
            "CREATE TRIGGER frozen_assessment BEFORE UPDATE OR DELETE ON assessments "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change_of_assessment()"
        )
        return
    for event in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER frozen_assessment_{event.lower()} BEFORE {event} ON assessments "
            f"BEGIN SELECT RAISE(ABORT, 'an assessment cannot be changed: a correction is a restatement'); END"
        )


def downgrade() -> None:
    raise NotImplementedError("what people were asked and answered is not dropped: restore the backup")
