"""Reversals."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from domain.store import triggers

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Make what this revision adds."""
    op.create_table(
        "lot_reversal",
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lot_position", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("lot_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("point_type_id", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("lapsed", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("lapsed between 0 and points", name=op.f("ck_lot_reversal_lapsed")),
        sa.CheckConstraint("points > 0", name=op.f("ck_lot_reversal_points")),
        sa.PrimaryKeyConstraint("member_id", "transaction_id", "lot_position", name=op.f("pk_lot_reversal")),
    )
    op.create_index(
        "ix_lot_reversal_lot", "lot_reversal", ["member_id", "lot_transaction_id", "lot_position"], unique=False
    )
    op.add_column("lot", sa.Column("reversed", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.add_column("transaction", sa.Column("cancels_id", sa.BigInteger(), nullable=True))
    op.add_column(
        "transaction", sa.Column("refund", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True)
    )
    op.add_column(
        "program",
        sa.Column(
            "reversals",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
    )
    op.create_check_constraint(op.f("ck_lot_reversed"), "lot", "reversed between 0 and points")
    op.create_check_constraint(
        op.f("ck_transaction_cancels"), "transaction", "(sub_type = 'CANCELLATION') = (cancels_id is not null)"
    )
    op.create_index(
        "ix_transaction_cancels_id",
        "transaction",
        ["cancels_id", "id"],
        unique=False,
        postgresql_where=sa.text("cancels_id is not null"),
    )
    op.create_index(
        "ix_transaction_follows_id",
        "transaction",
        ["follows_id", "id"],
        unique=False,
        postgresql_where=sa.text("follows_id is not null"),
    )
    for table in ("lot_reversal",):
        for statement in triggers.append_only(table):
            op.execute(statement)


def downgrade() -> None:
    """Take it away again."""
    op.drop_index(
        "ix_transaction_follows_id", table_name="transaction", postgresql_where=sa.text("follows_id is not null")
    )
    op.drop_index(
        "ix_transaction_cancels_id", table_name="transaction", postgresql_where=sa.text("cancels_id is not null")
    )
    op.drop_constraint(op.f("ck_transaction_cancels"), "transaction")
    op.drop_constraint(op.f("ck_lot_reversed"), "lot")
    op.drop_column("program", "reversals")
    op.drop_column("transaction", "refund")
    op.drop_column("transaction", "cancels_id")
    op.drop_column("lot", "reversed")
    op.drop_index("ix_lot_reversal_lot", table_name="lot_reversal")
    op.drop_table("lot_reversal")
