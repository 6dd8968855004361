"""Expiry warnings."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make what this revision adds."""
    op.create_table(
        "expiry_warning",
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("point_type", sa.Text(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("member_id", "point_type", "expires_on", name=op.f("pk_expiry_warning")),
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("expiry_warning")


def _choice(name: str, values: str) -> sa.Enum:
    return sa.Enum(*values.split(), name=name, native_enum=False, create_constraint=True, length=40)
