"""Activities."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make what this revision adds."""
    op.create_table(
        "activity",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("status", _choice("status", "OPEN DONE"), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("partner_id", sa.BigInteger(), nullable=True),
        sa.Column("program_id", sa.BigInteger(), nullable=True),
        sa.Column("about_type", sa.Text(), nullable=True),
        sa.Column("about_id", sa.BigInteger(), nullable=True),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("closed_by_id", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.CheckConstraint("(status = 'DONE') = (closed_at is not null)", name=op.f("ck_activity_closed")),
        sa.CheckConstraint("(about_type is null) = (about_id is null)", name=op.f("ck_activity_about")),
        sa.ForeignKeyConstraint(["closed_by_id"], ["person.id"], name=op.f("fk_activity_closed_by_id")),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_activity_created_by_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_activity_owner_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_activity_partner_id")),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name=op.f("fk_activity_program_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity")),
    )
    op.create_index(
        "ix_activity_open", "activity", ["type", "id"], unique=False, postgresql_where=sa.text("status = 'OPEN'")
    )
    op.create_index("ix_activity_owner_id", "activity", ["owner_id", "id"], unique=False)
    op.create_index("ix_activity_partner_id", "activity", ["partner_id", "id"], unique=False)


def downgrade() -> None:
    """Take it away again."""
    op.drop_index("ix_activity_partner_id", table_name="activity")
    op.drop_index("ix_activity_owner_id", table_name="activity")
    op.drop_index("ix_activity_open", table_name="activity", postgresql_where=sa.text("status = 'OPEN'"))
    op.drop_table("activity")


def _choice(name: str, values: str) -> sa.Enum:
    return sa.Enum(*values.split(), name=name, native_enum=False, create_constraint=True, length=40)
