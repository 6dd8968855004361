"""Disputes."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Make what this revision adds."""
    op.add_column("transaction", sa.Column("disputes_id", sa.BigInteger(), nullable=True))
    op.create_check_constraint(
        op.f("ck_transaction_disputes"),
        "transaction",
        "disputes_id is null or (type = 'ACCRUAL' and sub_type = 'PRODUCT')",
    )
    op.create_index(
        "ix_transaction_disputes_id",
        "transaction",
        ["disputes_id"],
        unique=False,
        postgresql_where=sa.text("disputes_id is not null"),
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_index(
        "ix_transaction_disputes_id", table_name="transaction", postgresql_where=sa.text("disputes_id is not null")
    )
    op.drop_constraint(op.f("ck_transaction_disputes"), "transaction", type_="check")
    op.drop_column("transaction", "disputes_id")
