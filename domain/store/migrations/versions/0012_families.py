"""Families."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Make what this revision adds."""
    op.create_table(
        "family_membership",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("family_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("rolls_up_from", sa.Date(), nullable=True),
        sa.Column("twin_percent", sa.Numeric(precision=24, scale=6), nullable=True),
        sa.Column("joined_by_id", sa.BigInteger(), nullable=True),
        sa.Column("left_by_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_family_membership_dates")),
        sa.CheckConstraint("member_id <> family_id", name=op.f("ck_family_membership_others")),
        sa.CheckConstraint("twin_percent > 0 and twin_percent <= 100", name=op.f("ck_family_membership_twin_percent")),
        sa.ForeignKeyConstraint(["family_id"], ["member.id"], name=op.f("fk_family_membership_family_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_family_membership_member_id")),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name=op.f("fk_family_membership_program_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_family_membership")),
    )
    op.create_index(op.f("ix_family_membership_family_id_id"), "family_membership", ["family_id", "id"], unique=False)
    op.create_index(op.f("ix_family_membership_member_id_id"), "family_membership", ["member_id", "id"], unique=False)
    op.create_index(
        "uq_family_membership_open",
        "family_membership",
        ["member_id"],
        unique=True,
        postgresql_where=sa.text("ends_on is null"),
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_index(
        "uq_family_membership_open", table_name="family_membership", postgresql_where=sa.text("ends_on is null")
    )
    op.drop_index(op.f("ix_family_membership_member_id_id"), table_name="family_membership")
    op.drop_index(op.f("ix_family_membership_family_id_id"), table_name="family_membership")
    op.drop_table("family_membership")
