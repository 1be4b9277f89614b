"""The first schema.

Revision: 0001
After:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "policies",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("policy", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_policies")),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lexicon_version", sa.String(), nullable=False),
        sa.Column("recognizer", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("policy_digest", sa.String(), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["policy_digest"], ["policies.digest"], name=op.f("fk_runs_policy_digest")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    op.create_index(op.f("ix_runs_saved_at"), "runs", ["saved_at"], unique=False)
    op.create_table(
        "advisors",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_from_run", sa.String(), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_to_run", sa.String(), nullable=True),
        sa.Column("advisor_id", sa.String(), nullable=False),
        sa.Column("in_crm", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("team", sa.String(), nullable=True),
        sa.Column("branch", sa.String(), nullable=True),
        sa.Column("manager_id", sa.String(), nullable=True),
        sa.Column("wecom_userid", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["valid_from_run"], ["runs.id"], name=op.f("fk_advisors_valid_from_run")),
        sa.ForeignKeyConstraint(["valid_to_run"], ["runs.id"], name=op.f("fk_advisors_valid_to_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_advisors")),
    )
    op.create_index("ix_advisors_branch", "advisors", ["branch"], unique=False)
    op.create_index("ix_advisors_team", "advisors", ["team"], unique=False)
    op.create_index(
        "uq_advisors_present",
        "advisors",
        ["advisor_id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "clients",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_from_run", sa.String(), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_to_run", sa.String(), nullable=True),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("advisor_id", sa.String(), nullable=False),
        sa.Column("in_crm", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("gender", sa.String(), nullable=True),
        sa.Column("birth_year", sa.Integer(), nullable=True),
        sa.Column("region", sa.String(), nullable=True),
        sa.Column("occupation", sa.String(), nullable=True),
        sa.Column("branch", sa.String(), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("first_traded_on", sa.Date(), nullable=True),
        sa.Column("risk_level", sa.String(), nullable=True),
        sa.Column("risk_assessed_on", sa.Date(), nullable=True),
        sa.Column("total_assets", sa.Float(), nullable=True),
        sa.Column("avg_assets_20d", sa.Float(), nullable=True),
        sa.Column("permissions", sa.JSON(), nullable=True),
        sa.Column("wecom_userid", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["valid_from_run"], ["runs.id"], name=op.f("fk_clients_valid_from_run")),
        sa.ForeignKeyConstraint(["valid_to_run"], ["runs.id"], name=op.f("fk_clients_valid_to_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clients")),
    )
    op.create_index("ix_clients_advisor_id", "clients", ["advisor_id"], unique=False)
    op.create_index("ix_clients_name", "clients", ["name"], unique=False)
    op.create_index(
        "uq_clients_present",
        "clients",
        ["client_id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "conversations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_from_run", sa.String(), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_to_run", sa.String(), nullable=True),
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("advisor_id", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("medium", sa.String(), nullable=False),
        sa.Column("direction", sa.String(), nullable=True),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.Column("duration_s", sa.Float(), nullable=True),
        sa.Column("recording_path", sa.String(), nullable=True),
        sa.Column("recording_sha256", sa.String(), nullable=True),
        sa.Column("recording_advisor_channel", sa.Integer(), nullable=True),
        sa.Column("recording_channels", sa.Integer(), nullable=True),
        sa.Column("recording_duration_s", sa.Float(), nullable=True),
        sa.Column("transcript_state", sa.String(), nullable=False),
        sa.Column("transcript_note", sa.String(), nullable=True),
        sa.Column("recognizer", sa.String(), nullable=True),
        sa.Column("group_id", sa.String(), nullable=True),
        sa.Column("turn_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["valid_from_run"], ["runs.id"], name=op.f("fk_conversations_valid_from_run")),
        sa.ForeignKeyConstraint(["valid_to_run"], ["runs.id"], name=op.f("fk_conversations_valid_to_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversations")),
    )
    op.create_index(
        "ix_conversations_advisor_id_started_at", "conversations", ["advisor_id", "started_at"], unique=False
    )
    op.create_index("ix_conversations_client_id_started_at", "conversations", ["client_id", "started_at"], unique=False)
    op.create_index(
        "ix_conversations_conversation_id_valid_from", "conversations", ["conversation_id", "valid_from"], unique=False
    )
    op.create_index("ix_conversations_started_at", "conversations", ["started_at"], unique=False)
    op.create_index(
        "uq_conversations_present",
        "conversations",
        ["conversation_id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_from_run", sa.String(), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_to_run", sa.String(), nullable=True),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("permission", sa.String(), nullable=True),
        sa.Column("product", sa.String(), nullable=True),
        sa.Column("amount", sa.Float(), nullable=True),
        sa.Column("advisor_id", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["valid_from_run"], ["runs.id"], name=op.f("fk_events_valid_from_run")),
        sa.ForeignKeyConstraint(["valid_to_run"], ["runs.id"], name=op.f("fk_events_valid_to_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    op.create_index("ix_events_client_id_at", "events", ["client_id", "at"], unique=False)
    op.create_index(
        "uq_events_present",
        "events",
        ["event_id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "findings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_from_run", sa.String(), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_to_run", sa.String(), nullable=True),
        sa.Column("lead_id", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("in_window", sa.Boolean(), nullable=True),
        sa.Column("response_minutes", sa.Float(), nullable=True),
        sa.Column("window", sa.JSON(), nullable=True),
        sa.Column("outcome_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome_id", sa.String(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suppressed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_as_of", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["valid_from_run"], ["runs.id"], name=op.f("fk_findings_valid_from_run")),
        sa.ForeignKeyConstraint(["valid_to_run"], ["runs.id"], name=op.f("fk_findings_valid_to_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
    )
    op.create_index("ix_findings_lead_id_valid_from", "findings", ["lead_id", "valid_from"], unique=False)
    op.create_index("ix_findings_outcome", "findings", ["outcome"], unique=False)
    op.create_index("ix_findings_status", "findings", ["status"], unique=False)
    op.create_index(
        "uq_findings_present",
        "findings",
        ["lead_id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "ingest_issues",
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("column", sa.String(), nullable=True),
        sa.Column("value", sa.String(), nullable=True),
        sa.Column("message", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_ingest_issues_run_id")),
        sa.PrimaryKeyConstraint("run_id", "ordinal", name=op.f("pk_ingest_issues")),
    )
    op.create_table(
        "leads",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_from_run", sa.String(), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_to_run", sa.String(), nullable=True),
        sa.Column("lead_id", sa.String(), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("advisor_id", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("tag", sa.String(), nullable=False),
        sa.Column("discriminator", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_week", sa.String(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_provisional", sa.Boolean(), nullable=False),
        sa.Column("due_rule", sa.String(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("tags_said", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["valid_from_run"], ["runs.id"], name=op.f("fk_leads_valid_from_run")),
        sa.ForeignKeyConstraint(["valid_to_run"], ["runs.id"], name=op.f("fk_leads_valid_to_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leads")),
    )
    op.create_index("ix_leads_advisor_id_due_at", "leads", ["advisor_id", "due_at"], unique=False)
    op.create_index("ix_leads_client_id_opened_at", "leads", ["client_id", "opened_at"], unique=False)
    op.create_index("ix_leads_conversation_id", "leads", ["conversation_id"], unique=False)
    op.create_index("ix_leads_due_at", "leads", ["due_at"], unique=False)
    op.create_index("ix_leads_lead_id_valid_from", "leads", ["lead_id", "valid_from"], unique=False)
    op.create_index("ix_leads_opened_week", "leads", ["opened_week"], unique=False)
    op.create_index("ix_leads_tag_discriminator", "leads", ["tag", "discriminator"], unique=False)
    op.create_index(
        "uq_leads_present",
        "leads",
        ["lead_id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "tags",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_from_run", sa.String(), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_to_run", sa.String(), nullable=True),
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("advisor_id", sa.String(), nullable=False),
        sa.Column("tag", sa.String(), nullable=False),
        sa.Column("discriminator", sa.String(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("stance", sa.String(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("turns", sa.JSON(), nullable=False),
        sa.Column("quote", sa.String(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("lexicon_version", sa.String(), nullable=False),
        sa.Column("proof", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["valid_from_run"], ["runs.id"], name=op.f("fk_tags_valid_from_run")),
        sa.ForeignKeyConstraint(["valid_to_run"], ["runs.id"], name=op.f("fk_tags_valid_to_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tags")),
    )
    op.create_index("ix_tags_client_id_said_at", "tags", ["client_id", "said_at"], unique=False)
    op.create_index("ix_tags_conversation_id", "tags", ["conversation_id"], unique=False)
    op.create_index("ix_tags_tag_discriminator", "tags", ["tag", "discriminator"], unique=False)
    op.create_index(
        "uq_tags_present",
        "tags",
        ["conversation_id", "tag", "discriminator", "ordinal"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "lead_contacts",
        sa.Column("finding_row", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.String(), nullable=False),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("turns", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("weak", sa.Boolean(), nullable=False),
        sa.Column("medium", sa.String(), nullable=False),
        sa.Column("direction", sa.String(), nullable=True),
        sa.Column("advisor_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["finding_row"], ["findings.id"], name=op.f("fk_lead_contacts_finding_row")),
        sa.PrimaryKeyConstraint("finding_row", "ordinal", name=op.f("pk_lead_contacts")),
    )
    op.create_index("ix_lead_contacts_contact_id", "lead_contacts", ["contact_id"], unique=False)
    op.create_table(
        "turns",
        sa.Column("conversation_row", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("speaker", sa.String(), nullable=False),
        sa.Column("start", sa.Float(), nullable=False),
        sa.Column("end", sa.Float(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("channel", sa.Integer(), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("words", sa.JSON(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("msgid", sa.String(), nullable=True),
        sa.Column("author_id", sa.String(), nullable=True),
        sa.Column("media", sa.String(), nullable=True),
        sa.Column("recalled", sa.Boolean(), nullable=False),
        sa.Column("quoted", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["conversation_row"], ["conversations.id"], name=op.f("fk_turns_conversation_row")),
        sa.PrimaryKeyConstraint("conversation_row", "turn", name=op.f("pk_turns")),
    )
    op.create_index("ix_turns_msgid", "turns", ["msgid"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_turns_msgid", table_name="turns")
    op.drop_table("turns")
    op.drop_index("ix_lead_contacts_contact_id", table_name="lead_contacts")
    op.drop_table("lead_contacts")
    op.drop_index(
        "uq_tags_present",
        table_name="tags",
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.drop_index("ix_tags_tag_discriminator", table_name="tags")
    op.drop_index("ix_tags_conversation_id", table_name="tags")
    op.drop_index("ix_tags_client_id_said_at", table_name="tags")
    op.drop_table("tags")
    op.drop_index(
        "uq_leads_present",
        table_name="leads",
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.drop_index("ix_leads_tag_discriminator", table_name="leads")
    op.drop_index("ix_leads_opened_week", table_name="leads")
    op.drop_index("ix_leads_lead_id_valid_from", table_name="leads")
    op.drop_index("ix_leads_due_at", table_name="leads")
    op.drop_index("ix_leads_conversation_id", table_name="leads")
    op.drop_index("ix_leads_client_id_opened_at", table_name="leads")
    op.drop_index("ix_leads_advisor_id_due_at", table_name="leads")
    op.drop_table("leads")
    op.drop_table("ingest_issues")
    op.drop_index(
        "uq_findings_present",
        table_name="findings",
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.drop_index("ix_findings_status", table_name="findings")
    op.drop_index("ix_findings_outcome", table_name="findings")
    op.drop_index("ix_findings_lead_id_valid_from", table_name="findings")
    op.drop_table("findings")
    op.drop_index(
        "uq_events_present",
        table_name="events",
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.drop_index("ix_events_client_id_at", table_name="events")
    op.drop_table("events")
    op.drop_index(
        "uq_conversations_present",
        table_name="conversations",
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.drop_index("ix_conversations_started_at", table_name="conversations")
    op.drop_index("ix_conversations_conversation_id_valid_from", table_name="conversations")
    op.drop_index("ix_conversations_client_id_started_at", table_name="conversations")
    op.drop_index("ix_conversations_advisor_id_started_at", table_name="conversations")
    op.drop_table("conversations")
    op.drop_index(
        "uq_clients_present",
        table_name="clients",
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.drop_index("ix_clients_name", table_name="clients")
    op.drop_index("ix_clients_advisor_id", table_name="clients")
    op.drop_table("clients")
    op.drop_index(
        "uq_advisors_present",
        table_name="advisors",
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.drop_index("ix_advisors_team", table_name="advisors")
    op.drop_index("ix_advisors_branch", table_name="advisors")
    op.drop_table("advisors")
    op.drop_index(op.f("ix_runs_saved_at"), table_name="runs")
    op.drop_table("runs")
    op.drop_table("policies")
