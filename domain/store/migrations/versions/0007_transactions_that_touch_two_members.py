"""Transactions that touch two members."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make what this revision adds."""
    op.add_column("member", sa.Column("family_id", sa.BigInteger(), nullable=True))
    op.add_column("member", sa.Column("rolls_up_from", sa.Date(), nullable=True))
    op.add_column("member", sa.Column("twin_percent", sa.Numeric(precision=24, scale=6), nullable=True))
    op.create_index(
        "ix_member_family_id",
        "member",
        ["family_id", "id"],
        unique=False,
        postgresql_where=sa.text("family_id is not null"),
    )
    op.add_column("queued", sa.Column("other_member_id", sa.BigInteger(), nullable=True))
    op.add_column("transaction", sa.Column("other_member_id", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_transaction_other_member_id",
        "transaction",
        ["other_member_id", "id"],
        unique=False,
        postgresql_where=sa.text("other_member_id is not null"),
    )
    _origins("BASE", "PROMOTION", "ENTRY", "LOAN", "TRANSFER", "ROLLUP", "MERGE")


def downgrade() -> None:
    """Take it away again."""
    _origins("BASE", "PROMOTION", "ENTRY", "LOAN")
    op.drop_index(
        "ix_transaction_other_member_id",
        table_name="transaction",
        postgresql_where=sa.text("other_member_id is not null"),
    )
    op.drop_column("transaction", "other_member_id")
    op.drop_column("queued", "other_member_id")
    op.drop_index("ix_member_family_id", table_name="member", postgresql_where=sa.text("family_id is not null"))
    op.drop_column("member", "twin_percent")
    op.drop_column("member", "rolls_up_from")
    op.drop_column("member", "family_id")


def _origins(*values: str) -> None:
    """What a lot may come of."""
    listed = ", ".join(f"'{each}'" for each in values)
    op.drop_constraint(op.f("ck_lot_origin"), "lot", type_="check")
    op.create_check_constraint(op.f("ck_lot_origin"), "lot", f"origin in ({listed})")
