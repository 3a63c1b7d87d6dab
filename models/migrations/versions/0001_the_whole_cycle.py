"""the tables of the whole cycle

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op


revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# What belongs to a sealed version may not change any more.
CONTENTS = (
    "service_level_targets",
    "process_targets",
    "service_calendars",
    "requirements",
    "responsibilities",
    "signatories",
)
SEALED_COLUMNS = (
    "agreement_id",
    "number",
    "trial_days",
    "trial_confidence",
    "trial_looks",
    "review_period",
    "cost",
    "notice_days",
    "valid_until",
    "waiver",
    "quorum",
    "offered_by",
    "canonical",
    "sha256",
    "sealed_at",
)


def upgrade() -> None:
    op.create_table(
        "measured_values",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("external_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("customer", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("service", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("total", sa.Float(), nullable=True),
        sa.Column("unit", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("known_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measured_values")),
        sa.UniqueConstraint(
            "source", "external_id", "known_at", name=op.f("uq_measured_values_source_external_id_known_at")
        ),
    )
    with op.batch_alter_table("measured_values", schema=None) as batch_op:
        batch_op.create_index(
            "ix_measured_values_source_customer_name_starts_at",
            ["source", "customer", "name", "starts_at"],
            unique=False,
        )

    op.create_table(
        "parties",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("evidence_name", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parties")),
        sa.UniqueConstraint("name", name=op.f("uq_parties_name")),
    )
    op.create_table(
        "tickets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("external_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("customer", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("requester", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("service", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("request_type", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("parent", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("category", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("priority", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("known_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets")),
        sa.UniqueConstraint("source", "external_id", name=op.f("uq_tickets_source_external_id")),
    )
    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.create_index(
            "ix_tickets_source_customer_opened_at", ["source", "customer", "opened_at"], unique=False
        )
        batch_op.create_index(
            "ix_tickets_outages",
            ["source", "customer", "opened_at"],
            unique=False,
            sqlite_where=sa.text("request_type = 'outage'"),
            postgresql_where=sa.text("request_type = 'outage'"),
        )

    op.create_table(
        "people",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("party_id", sa.Integer(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("email", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("zone", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["party_id"], ["parties.id"], name=op.f("fk_people_party_id_parties")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("email", name=op.f("uq_people_email")),
    )
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_people_party_id"), ["party_id"], unique=False)

    op.create_table(
        "services",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("description", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["parties.id"], name=op.f("fk_services_provider_id_parties")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_services")),
        sa.UniqueConstraint("name", name=op.f("uq_services_name")),
    )
    with op.batch_alter_table("services", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_services_provider_id"), ["provider_id"], unique=False)

    op.create_table(
        "ticket_intervals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("group_name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("line", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("priority", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("known_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_intervals_ticket_id_tickets")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_intervals")),
        sa.UniqueConstraint(
            "ticket_id",
            "started_at",
            "state",
            "group_name",
            "line",
            "priority",
            name=op.f("uq_ticket_intervals_ticket_id_started_at_state_group_name_line_priority"),
        ),
    )
    op.create_table(
        "agreements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("stage_since", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("evidence_source", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("row_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["parties.id"], name=op.f("fk_agreements_customer_id_parties")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["people.id"], name=op.f("fk_agreements_owner_id_people")),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["parties.id"], name=op.f("fk_agreements_provider_id_parties")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreements")),
        sa.UniqueConstraint("reference", name=op.f("uq_agreements_reference")),
    )
    with op.batch_alter_table("agreements", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agreements_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_agreements_provider_id"), ["provider_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_agreements_stage"), ["stage"], unique=False)

    op.create_table(
        "secret_links",
        sa.Column("token_sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_secret_links_person_id_people")),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_secret_links")),
    )
    with op.batch_alter_table("secret_links", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_secret_links_subject_id"), ["subject_id"], unique=False)

    op.create_table(
        "actions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("target_key", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("settled_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("settlement", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("offer", sa.JSON(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("effect", sa.JSON(), nullable=False),
        sa.Column("reminded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_actions_agreement_id_agreements")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["people.id"], name=op.f("fk_actions_owner_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_actions")),
    )
    with op.batch_alter_table("actions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_actions_agreement_id"), ["agreement_id"], unique=False)

    op.create_table(
        "agreement_services",
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_agreement_services_agreement_id_agreements")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], name=op.f("fk_agreement_services_service_id_services")
        ),
        sa.PrimaryKeyConstraint("agreement_id", "service_id", name=op.f("pk_agreement_services")),
    )
    op.create_table(
        "agreement_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("trial_days", sa.Integer(), nullable=False),
        sa.Column("trial_confidence", sa.Float(), nullable=True),
        sa.Column("trial_looks", sa.Integer(), nullable=False),
        sa.Column("review_period", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("cost", sa.JSON(), nullable=False),
        sa.Column("notice_days", sa.Integer(), nullable=False),
        sa.Column("valid_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("waiver", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("quorum", sa.JSON(), nullable=False),
        sa.Column("offered_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("canonical", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("sealed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("in_force_from", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("in_force_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_agreement_versions_agreement_id_agreements")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_versions")),
        sa.UniqueConstraint("agreement_id", "number", name=op.f("uq_agreement_versions_agreement_id_number")),
    )
    with op.batch_alter_table("agreement_versions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_agreement_versions_agreement_id"), ["agreement_id"], unique=False
        )

    op.create_table(
        "audit_events",
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("actor", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("data", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("previous_hash", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("hash", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_audit_events_agreement_id_agreements")
        ),
        sa.PrimaryKeyConstraint("agreement_id", "sequence", name=op.f("pk_audit_events")),
    )
    op.create_table(
        "audit_heads",
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("hash", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_audit_heads_agreement_id_agreements")
        ),
        sa.PrimaryKeyConstraint("agreement_id", name=op.f("pk_audit_heads")),
    )
    op.create_table(
        "baselines",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("since", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("inputs_sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("software_version", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_baselines_agreement_id_agreements")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_baselines")),
    )
    with op.batch_alter_table("baselines", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_baselines_agreement_id"), ["agreement_id"], unique=False)

    op.create_table(
        "exclusions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("ticket", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("population", sa.JSON(), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_exclusions_agreement_id_agreements")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["people.id"], name=op.f("fk_exclusions_asked_by_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exclusions")),
    )
    with op.batch_alter_table("exclusions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_exclusions_agreement_id"), ["agreement_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_exclusions_state"), ["state"], unique=False)

    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deduplication_key", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("to_address", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("to_name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("domain", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("subject", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("html", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("message_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("unsubscribe", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reply_to", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("return_path", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("next_attempt_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("claimed_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("begun_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("perhaps_sent", sa.Boolean(), nullable=False),
        sa.Column("refused_since", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("smtp_reply", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("last_error", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("sent_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_outbox_agreement_id_agreements")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_outbox_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("deduplication_key", name=op.f("uq_outbox_deduplication_key")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outbox_agreement_id"), ["agreement_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_outbox_begun_at"), ["begun_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_outbox_next_attempt_at"), ["next_attempt_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_outbox_state"), ["state"], unique=False)

    op.create_table(
        "service_periods",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ends_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("closes_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("closed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_service_periods_agreement_id_agreements")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_periods")),
        sa.UniqueConstraint(
            "agreement_id", "starts_at", name=op.f("uq_service_periods_agreement_id_starts_at")
        ),
    )
    with op.batch_alter_table("service_periods", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_periods_agreement_id"), ["agreement_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_periods_closes_at"), ["closes_at"], unique=False)

    op.create_table(
        "survey_opt_outs",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("opted_out_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("via", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_survey_opt_outs_person_id_people")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_survey_opt_outs")),
    )
    op.create_table(
        "surveys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("occasion", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("indicators", sa.JSON(), nullable=False),
        sa.Column("standard", sa.Float(), nullable=False),
        sa.Column("asked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("closes_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=True),
        sa.Column("hits", sa.Integer(), nullable=True),
        sa.Column("lower", sa.Float(), nullable=True),
        sa.Column("upper", sa.Float(), nullable=True),
        sa.Column("verdict", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_surveys_agreement_id_agreements")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surveys")),
        sa.UniqueConstraint(
            "agreement_id", "stage", "subject_id", name=op.f("uq_surveys_agreement_id_stage_subject_id")
        ),
    )
    with op.batch_alter_table("surveys", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_surveys_agreement_id"), ["agreement_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_surveys_closes_at"), ["closes_at"], unique=False)

    op.create_table(
        "assessments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("period_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("target_key", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("target", sa.JSON(), nullable=False),
        sa.Column("starts_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ends_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("as_of", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("known", sa.BigInteger(), nullable=False),
        sa.Column("hits", sa.BigInteger(), nullable=False),
        sa.Column("undecided", sa.Integer(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("lower", sa.Float(), nullable=False),
        sa.Column("upper", sa.Float(), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("unit", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("verdict", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("inputs_sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("software_version", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_assessments_agreement_id_agreements")
        ),
        sa.ForeignKeyConstraint(
            ["period_id"], ["service_periods.id"], name=op.f("fk_assessments_period_id_service_periods")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["agreement_versions.id"],
            name=op.f("fk_assessments_version_id_agreement_versions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessments")),
        sa.UniqueConstraint(
            "period_id",
            "version_id",
            "target_key",
            "number",
            name=op.f("uq_assessments_period_id_version_id_target_key_number"),
        ),
    )
    with op.batch_alter_table("assessments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assessments_agreement_id"), ["agreement_id"], unique=False)

    op.create_table(
        "experience_reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("period_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_experience_reports_agreement_id_agreements")
        ),
        sa.ForeignKeyConstraint(
            ["period_id"],
            ["service_periods.id"],
            name=op.f("fk_experience_reports_period_id_service_periods"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_experience_reports")),
        sa.UniqueConstraint("period_id", name=op.f("uq_experience_reports_period_id")),
    )
    with op.batch_alter_table("experience_reports", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_experience_reports_agreement_id"), ["agreement_id"], unique=False
        )

    op.create_table(
        "process_targets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("target_key", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("line", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("budget_s", sa.Integer(), nullable=False),
        sa.Column("objective", sa.Float(), nullable=False),
        sa.Column("carried_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("supporting_target", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["agreement_versions.id"],
            name=op.f("fk_process_targets_version_id_agreement_versions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_targets")),
        sa.UniqueConstraint(
            "version_id",
            "target_key",
            "position",
            name=op.f("uq_process_targets_version_id_target_key_position"),
        ),
    )
    with op.batch_alter_table("process_targets", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_process_targets_version_id"), ["version_id"], unique=False)

    op.create_table(
        "requirements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("business_reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("target_key", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("settlement", sa.String(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("stated", sa.JSON(), nullable=False),
        sa.Column("conversation", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["agreement_versions.id"],
            name=op.f("fk_requirements_version_id_agreement_versions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requirements")),
    )
    with op.batch_alter_table("requirements", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_requirements_version_id"), ["version_id"], unique=False)

    op.create_table(
        "requirements_documents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("baseline_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("canonical", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"],
            ["agreements.id"],
            name=op.f("fk_requirements_documents_agreement_id_agreements"),
        ),
        sa.ForeignKeyConstraint(
            ["baseline_id"], ["baselines.id"], name=op.f("fk_requirements_documents_baseline_id_baselines")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["agreement_versions.id"],
            name=op.f("fk_requirements_documents_version_id_agreement_versions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requirements_documents")),
        sa.UniqueConstraint(
            "agreement_id", "number", name=op.f("uq_requirements_documents_agreement_id_number")
        ),
    )
    with op.batch_alter_table("requirements_documents", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_requirements_documents_agreement_id"), ["agreement_id"], unique=False
        )

    op.create_table(
        "responsibilities",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["agreement_versions.id"],
            name=op.f("fk_responsibilities_version_id_agreement_versions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_responsibilities")),
    )
    with op.batch_alter_table("responsibilities", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_responsibilities_version_id"), ["version_id"], unique=False)

    op.create_table(
        "review_packs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("period_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("recommendation", sa.String(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("decided_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("decided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_review_packs_agreement_id_agreements")
        ),
        sa.ForeignKeyConstraint(
            ["period_id"], ["service_periods.id"], name=op.f("fk_review_packs_period_id_service_periods")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_packs")),
        sa.UniqueConstraint("period_id", name=op.f("uq_review_packs_period_id")),
    )
    with op.batch_alter_table("review_packs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_review_packs_agreement_id"), ["agreement_id"], unique=False)

    op.create_table(
        "service_calendars",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("hours", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["agreement_versions.id"],
            name=op.f("fk_service_calendars_version_id_agreement_versions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_calendars")),
        sa.UniqueConstraint("version_id", "name", name=op.f("uq_service_calendars_version_id_name")),
    )
    with op.batch_alter_table("service_calendars", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_calendars_version_id"), ["version_id"], unique=False)

    op.create_table(
        "service_level_targets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("indicator", sa.String(), nullable=False),
        sa.Column("population", sa.JSON(), nullable=False),
        sa.Column("threshold_s", sa.Integer(), nullable=False),
        sa.Column("objective", sa.Float(), nullable=False),
        sa.Column("calendar", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("pause_states", sa.JSON(), nullable=False),
        sa.Column("weekdays", sa.JSON(), nullable=False),
        sa.Column("reopening", sa.String(), nullable=False),
        sa.Column("priority_change", sa.String(), nullable=False),
        sa.Column("line", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("from_states", sa.JSON(), nullable=False),
        sa.Column("to_states", sa.JSON(), nullable=False),
        sa.Column("measure", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("bound", sa.Float(), nullable=True),
        sa.Column("bound_side", sa.String(), nullable=False),
        sa.Column("accepted_risk", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["agreement_versions.id"],
            name=op.f("fk_service_level_targets_version_id_agreement_versions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_level_targets")),
        sa.UniqueConstraint("version_id", "key", name=op.f("uq_service_level_targets_version_id_key")),
    )
    with op.batch_alter_table("service_level_targets", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_level_targets_version_id"), ["version_id"], unique=False)

    op.create_table(
        "signed_documents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("fingerprint", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["agreement_versions.id"],
            name=op.f("fk_signed_documents_version_id_agreement_versions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signed_documents")),
        sa.UniqueConstraint("version_id", name=op.f("uq_signed_documents_version_id")),
    )
    with op.batch_alter_table("signed_documents", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_signed_documents_sha256"), ["sha256"], unique=False)

    op.create_table(
        "signatories",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("group", sa.Integer(), nullable=False),
        sa.Column("observer", sa.Boolean(), nullable=False),
        sa.Column("assurance", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_signatories_person_id_people")),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["agreement_versions.id"],
            name=op.f("fk_signatories_version_id_agreement_versions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signatories")),
        sa.UniqueConstraint("version_id", "person_id", name=op.f("uq_signatories_version_id_person_id")),
    )
    with op.batch_alter_table("signatories", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_signatories_version_id"), ["version_id"], unique=False)

    op.create_table(
        "approval_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("exclusion_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("signatory_id", sa.Integer(), nullable=False),
        sa.Column("replaces_id", sa.Integer(), nullable=True),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("assurance", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("due_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("next_reminder_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("void_reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_approval_requests_agreement_id_agreements")
        ),
        sa.ForeignKeyConstraint(
            ["exclusion_id"], ["exclusions.id"], name=op.f("fk_approval_requests_exclusion_id_exclusions")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_approval_requests_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["replaces_id"],
            ["approval_requests.id"],
            name=op.f("fk_approval_requests_replaces_id_approval_requests"),
        ),
        sa.ForeignKeyConstraint(
            ["signatory_id"], ["signatories.id"], name=op.f("fk_approval_requests_signatory_id_signatories")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["agreement_versions.id"],
            name=op.f("fk_approval_requests_version_id_agreement_versions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_requests")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_approval_requests_replaces_id")),
    )
    with op.batch_alter_table("approval_requests", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_approval_requests_agreement_id"), ["agreement_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_approval_requests_exclusion_id"), ["exclusion_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_approval_requests_next_reminder_at"), ["next_reminder_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_approval_requests_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_approval_requests_version_id"), ["version_id"], unique=False)

    op.create_table(
        "approval_questions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("asked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("answer", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("answered_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("answered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["approval_requests.id"],
            name=op.f("fk_approval_questions_request_id_approval_requests"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_questions")),
    )
    with op.batch_alter_table("approval_questions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_approval_questions_request_id"), ["request_id"], unique=False)

    op.create_table(
        "mailed_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("mailed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("valid_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("used_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["approval_requests.id"],
            name=op.f("fk_mailed_codes_request_id_approval_requests"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailed_codes")),
    )
    with op.batch_alter_table("mailed_codes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mailed_codes_request_id"), ["request_id"], unique=False)

    op.create_table(
        "absences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("delegate_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ends_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["delegate_id"], ["people.id"], name=op.f("fk_absences_delegate_id_people")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_absences_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences")),
    )
    with op.batch_alter_table("absences", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_absences_person_id"), ["person_id"], unique=False)

    op.create_table(
        "survey_invitations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("answered_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("comment", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("via", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_survey_invitations_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["survey_id"], ["surveys.id"], name=op.f("fk_survey_invitations_survey_id_surveys")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_invitations")),
        sa.UniqueConstraint("survey_id", "person_id", name=op.f("uq_survey_invitations_survey_id_person_id")),
    )
    with op.batch_alter_table("survey_invitations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_survey_invitations_survey_id"), ["survey_id"], unique=False)

    op.create_table(
        "trials",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ends_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("closes_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("concluded_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("looks_taken", sa.Integer(), nullable=False),
        sa.Column("slr_sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_trials_agreement_id_agreements")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["agreement_versions.id"], name=op.f("fk_trials_version_id_agreement_versions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trials")),
    )
    with op.batch_alter_table("trials", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_trials_agreement_id"), ["agreement_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_trials_version_id"), ["version_id"], unique=False)

    op.create_table(
        "decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("typed", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("decided_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("via", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("assurance", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("address", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("user_agent", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["approval_requests.id"], name=op.f("fk_decisions_request_id_approval_requests")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
        sa.UniqueConstraint("request_id", name=op.f("uq_decisions_request_id")),
    )
    op.create_table(
        "survey_answers",
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("indicator", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invitation_id"],
            ["survey_invitations.id"],
            name=op.f("fk_survey_answers_invitation_id_survey_invitations"),
        ),
        sa.PrimaryKeyConstraint("invitation_id", "indicator", name=op.f("pk_survey_answers")),
    )
    op.create_table(
        "trial_results",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trial_id", sa.Integer(), nullable=False),
        sa.Column("target_key", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("threshold_s", sa.Integer(), nullable=False),
        sa.Column("objective", sa.Float(), nullable=False),
        sa.Column("tickets_needed", sa.Integer(), nullable=False),
        sa.Column("tickets_expected", sa.Float(), nullable=False),
        sa.Column("baseline_share", sa.Float(), nullable=True),
        sa.Column("chance_met", sa.Float(), nullable=True),
        sa.Column("known", sa.BigInteger(), nullable=True),
        sa.Column("hits", sa.BigInteger(), nullable=True),
        sa.Column("undecided", sa.Integer(), nullable=True),
        sa.Column("lower", sa.Float(), nullable=True),
        sa.Column("upper", sa.Float(), nullable=True),
        sa.Column("verdict", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("counter_threshold_s", sa.Integer(), nullable=True),
        sa.Column("counter_objective", sa.Float(), nullable=True),
        sa.Column("condition", sa.JSON(), nullable=False),
        sa.Column("choice", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("inputs_sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.ForeignKeyConstraint(["trial_id"], ["trials.id"], name=op.f("fk_trial_results_trial_id_trials")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trial_results")),
        sa.UniqueConstraint("trial_id", "target_key", name=op.f("uq_trial_results_trial_id_target_key")),
    )
    with op.batch_alter_table("trial_results", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_trial_results_trial_id"), ["trial_id"], unique=False)
    op.create_table(
        "inbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("delivery_key", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("message_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("recipient", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("sender", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("subject", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("received_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("answer", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("authentication", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=True),
        sa.Column("request_id", sa.Integer(), nullable=True),
        sa.Column("outbox_id", sa.Integer(), nullable=True),
        sa.Column("settled_by", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("settled_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("settled_reason", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_inbox_agreement_id_agreements")
        ),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_inbox_outbox_id_outbox")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["approval_requests.id"], name=op.f("fk_inbox_request_id_approval_requests")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
        sa.UniqueConstraint("delivery_key", name=op.f("uq_inbox_delivery_key")),
    )
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inbox_agreement_id"), ["agreement_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_inbox_outcome"), ["outcome"], unique=False)
        batch_op.create_index(batch_op.f("ix_inbox_request_id"), ["request_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_inbox_sender"), ["sender"], unique=False)
        batch_op.create_index(batch_op.f("ix_inbox_state"), ["state"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        _seal_on_postgresql()
    else:
        _seal_on_sqlite()


def _seal_on_sqlite() -> None:
    changed = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in SEALED_COLUMNS)
    op.execute(
        f"CREATE TRIGGER sealed_version_update BEFORE UPDATE ON agreement_versions "
        f"WHEN OLD.sealed_at IS NOT NULL AND ({changed}) "
        f"BEGIN SELECT RAISE(ABORT, 'a sealed version cannot be changed'); END"
    )
    op.execute(
        "CREATE TRIGGER sealed_version_delete BEFORE DELETE ON agreement_versions "
        "WHEN OLD.sealed_at IS NOT NULL "
        "BEGIN SELECT RAISE(ABORT, 'a sealed version cannot be deleted'); END"
    )
    for event in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER signed_document_{event.lower()} BEFORE {event} ON signed_documents "
            f"BEGIN SELECT RAISE(ABORT, 'a signed document cannot be changed'); END"
        )
    for table in CONTENTS:
        for event, rows in (("INSERT", ("NEW",)), ("UPDATE", ("OLD", "NEW")), ("DELETE", ("OLD",))):
            ids = ", ".join(f"{row}.version_id" for row in rows)
            op.execute(
                f"CREATE TRIGGER sealed_{table}_{event.lower()} BEFORE {event} ON {table} "
                f"WHEN EXISTS (SELECT 1 FROM agreement_versions "
                f"WHERE id IN ({ids}) AND sealed_at IS NOT NULL) "
                f"BEGIN SELECT RAISE(ABORT, 'the contents of a sealed version cannot be changed'); END"
            )


def _seal_on_postgresql() -> None:
    changed = " OR ".join(
        f"NEW.{column}::text IS DISTINCT FROM OLD.{column}::text" for column in SEALED_COLUMNS
    )
    op.execute(
        f"""CREATE FUNCTION refuse_change_of_sealed_version() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.sealed_at IS NULL THEN
                IF TG_OP = 'DELETE' THEN RETURN OLD; ELSE RETURN NEW; END IF;
            END IF;
            IF TG_OP = 'DELETE' THEN RAISE EXCEPTION 'a sealed version cannot be deleted'; END IF;
            IF {changed} THEN RAISE EXCEPTION 'a sealed version cannot be changed'; END IF;
            RETURN NEW;
        END $$"""
    )
    op.execute(
        "CREATE TRIGGER sealed_version BEFORE UPDATE OR DELETE ON agreement_versions "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change_of_sealed_version()"
    )
    op.execute(
        """CREATE FUNCTION refuse_change_of_signed_document() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'a signed document cannot be changed';
        END $$"""
    )
    op.execute(
        "CREATE TRIGGER signed_document BEFORE UPDATE OR DELETE ON signed_documents "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change_of_signed_document()"
    )
    op.execute(
        """CREATE FUNCTION refuse_change_of_sealed_contents() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP <> 'INSERT' AND EXISTS (
                SELECT 1 FROM agreement_versions WHERE id = OLD.version_id AND sealed_at IS NOT NULL
            ) OR TG_OP <> 'DELETE' AND EXISTS (
                SELECT 1 FROM agreement_versions WHERE id = NEW.version_id AND sealed_at IS NOT NULL
            ) THEN
                RAISE EXCEPTION 'the contents of a sealed version cannot be changed';
            END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; ELSE RETURN NEW; END IF;
        END $$"""
    )
    for table in CONTENTS:
        op.execute(
            f"CREATE TRIGGER sealed_{table} BEFORE INSERT OR UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION refuse_change_of_sealed_contents()"
        )


def downgrade() -> None:
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_inbox_state"))
        batch_op.drop_index(batch_op.f("ix_inbox_sender"))
        batch_op.drop_index(batch_op.f("ix_inbox_request_id"))
        batch_op.drop_index(batch_op.f("ix_inbox_outcome"))
        batch_op.drop_index(batch_op.f("ix_inbox_agreement_id"))

    op.drop_table("inbox")
    if op.get_bind().dialect.name == "postgresql":
        for table in CONTENTS:
            op.execute(f"DROP TRIGGER sealed_{table} ON {table}")
        op.execute("DROP TRIGGER signed_document ON signed_documents")
        op.execute("DROP FUNCTION refuse_change_of_signed_document()")
        op.execute("DROP TRIGGER sealed_version ON agreement_versions")
        op.execute("DROP FUNCTION refuse_change_of_sealed_contents()")
        op.execute("DROP FUNCTION refuse_change_of_sealed_version()")
    else:
        for table in CONTENTS:
            for event in ("insert", "update", "delete"):
                op.execute(f"DROP TRIGGER sealed_{table}_{event}")
        op.execute("DROP TRIGGER signed_document_update")
        op.execute("DROP TRIGGER signed_document_delete")
        op.execute("DROP TRIGGER sealed_version_update")
        op.execute("DROP TRIGGER sealed_version_delete")
    with op.batch_alter_table("trial_results", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_trial_results_trial_id"))

    op.drop_table("trial_results")
    op.drop_table("survey_answers")
    op.drop_table("decisions")
    with op.batch_alter_table("trials", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_trials_version_id"))
        batch_op.drop_index(batch_op.f("ix_trials_agreement_id"))

    op.drop_table("trials")
    with op.batch_alter_table("survey_invitations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_survey_invitations_survey_id"))

    op.drop_table("survey_invitations")
    with op.batch_alter_table("absences", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_absences_person_id"))

    op.drop_table("absences")
    with op.batch_alter_table("mailed_codes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mailed_codes_request_id"))

    op.drop_table("mailed_codes")
    with op.batch_alter_table("approval_questions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_approval_questions_request_id"))

    op.drop_table("approval_questions")
    with op.batch_alter_table("approval_requests", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_approval_requests_version_id"))
        batch_op.drop_index(batch_op.f("ix_approval_requests_state"))
        batch_op.drop_index(batch_op.f("ix_approval_requests_next_reminder_at"))
        batch_op.drop_index(batch_op.f("ix_approval_requests_exclusion_id"))
        batch_op.drop_index(batch_op.f("ix_approval_requests_agreement_id"))

    op.drop_table("approval_requests")
    with op.batch_alter_table("signed_documents", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_signed_documents_sha256"))

    op.drop_table("signed_documents")
    with op.batch_alter_table("signatories", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_signatories_version_id"))

    op.drop_table("signatories")
    with op.batch_alter_table("service_level_targets", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_level_targets_version_id"))

    op.drop_table("service_level_targets")
    with op.batch_alter_table("service_calendars", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_calendars_version_id"))

    op.drop_table("service_calendars")
    with op.batch_alter_table("review_packs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_review_packs_agreement_id"))

    op.drop_table("review_packs")
    with op.batch_alter_table("responsibilities", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_responsibilities_version_id"))

    op.drop_table("responsibilities")
    with op.batch_alter_table("requirements_documents", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_requirements_documents_agreement_id"))

    op.drop_table("requirements_documents")
    with op.batch_alter_table("requirements", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_requirements_version_id"))

    op.drop_table("requirements")
    with op.batch_alter_table("process_targets", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_process_targets_version_id"))

    op.drop_table("process_targets")
    with op.batch_alter_table("experience_reports", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_experience_reports_agreement_id"))

    op.drop_table("experience_reports")
    with op.batch_alter_table("assessments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_assessments_agreement_id"))

    op.drop_table("assessments")
    with op.batch_alter_table("surveys", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_surveys_closes_at"))
        batch_op.drop_index(batch_op.f("ix_surveys_agreement_id"))

    op.drop_table("surveys")
    op.drop_table("survey_opt_outs")
    with op.batch_alter_table("service_periods", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_periods_closes_at"))
        batch_op.drop_index(batch_op.f("ix_service_periods_agreement_id"))

    op.drop_table("service_periods")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outbox_state"))
        batch_op.drop_index(batch_op.f("ix_outbox_next_attempt_at"))
        batch_op.drop_index(batch_op.f("ix_outbox_begun_at"))
        batch_op.drop_index(batch_op.f("ix_outbox_agreement_id"))

    op.drop_table("outbox")
    with op.batch_alter_table("exclusions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_exclusions_state"))
        batch_op.drop_index(batch_op.f("ix_exclusions_agreement_id"))

    op.drop_table("exclusions")
    with op.batch_alter_table("baselines", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_baselines_agreement_id"))

    op.drop_table("baselines")
    op.drop_table("audit_heads")
    op.drop_table("audit_events")
    with op.batch_alter_table("agreement_versions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_agreement_versions_agreement_id"))

    op.drop_table("agreement_versions")
    op.drop_table("agreement_services")
    with op.batch_alter_table("actions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_actions_agreement_id"))

    op.drop_table("actions")
    with op.batch_alter_table("secret_links", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_secret_links_subject_id"))

    op.drop_table("secret_links")
    with op.batch_alter_table("agreements", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_agreements_stage"))
        batch_op.drop_index(batch_op.f("ix_agreements_provider_id"))
        batch_op.drop_index(batch_op.f("ix_agreements_customer_id"))

    op.drop_table("agreements")
    op.drop_table("ticket_intervals")
    with op.batch_alter_table("services", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_services_provider_id"))

    op.drop_table("services")
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_people_party_id"))

    op.drop_table("people")
    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.drop_index("ix_tickets_outages")
        batch_op.drop_index("ix_tickets_source_customer_opened_at")

    op.drop_table("tickets")
    op.drop_table("parties")
    with op.batch_alter_table("measured_values", schema=None) as batch_op:
        batch_op.drop_index("ix_measured_values_source_customer_name_starts_at")

    op.drop_table("measured_values")
