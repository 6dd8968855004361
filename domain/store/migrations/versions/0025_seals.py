"""Seals over what is written once, and indexes that find what was written in a span of time."""

import sqlalchemy as sa
from alembic import op

from domain.store import triggers

revision = "0025"
down_revision = "0024"

WRITTEN_ONCE = (
    "lot", "lot_use", "lot_extension", "lot_reversal", "decision", "approval", "member_change", "voucher_move",
    "partner_transaction", "block_debit", "billing_entry",
)  # fmt: skip


def upgrade() -> None:
    """Make what this revision adds."""
    op.create_table(
        "seal",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("through_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_seal")),
    )
    op.create_table(
        "seal_part",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("digests", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", "table_name", name=op.f("pk_seal_part")),
    )
    for table in ("seal", "seal_part"):
        for statement in triggers.append_only(table):
            op.execute(statement)
    for table in WRITTEN_ONCE:
        op.create_index(
            f"ix_{table}_created_at",
            table,
            ["created_at"],
            postgresql_using="brin",
            postgresql_with={"autosummarize": "on"},
        )


def downgrade() -> None:
    """Take it away again."""
    for table in WRITTEN_ONCE:
        op.drop_index(f"ix_{table}_created_at", table_name=table)
    op.drop_table("seal_part")
    op.drop_table("seal")
