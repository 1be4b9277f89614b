"""What people said of tags.

Revision: 0002
After: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_PRESENT = sa.text("valid_to IS NULL")


def upgrade() -> None:
    op.create_table(
        "corrections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("tag", sa.String(), nullable=False),
        sa.Column("discriminator", sa.String(), nullable=False),
        sa.Column("stance", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("turns", sa.JSON(), nullable=False),
        sa.Column("quote", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("new_stance", sa.String(), nullable=True),
        sa.Column("new_value", sa.JSON(), nullable=True),
        sa.Column("judged_by", sa.String(), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("rule", sa.String(), nullable=True),
        sa.Column("lexicon_version", sa.String(), nullable=True),
        sa.Column("model_version", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
    )
    op.create_index("ix_corrections_conversation_id", "corrections", ["conversation_id"], unique=False)
    op.create_index("ix_corrections_judged_at", "corrections", ["judged_at"], unique=False)
    op.create_index(
        "uq_corrections_present",
        "corrections",
        ["conversation_id", "tag", "discriminator", "stance", "place"],
        unique=True,
        sqlite_where=_PRESENT,
        postgresql_where=_PRESENT,
    )


def downgrade() -> None:
    op.drop_index("uq_corrections_present", table_name="corrections", sqlite_where=_PRESENT, postgresql_where=_PRESENT)
    op.drop_index("ix_corrections_judged_at", table_name="corrections")
    op.drop_index("ix_corrections_conversation_id", table_name="corrections")
    op.drop_table("corrections")
