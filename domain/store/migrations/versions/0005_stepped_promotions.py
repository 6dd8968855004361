"""Stepped promotions."""

import sqlalchemy as sa
from alembic import op

from domain.store import triggers

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make what this revision adds."""
    op.create_table(
        "promotion_payout",
        sa.Column("promotion_id", sa.BigInteger(), nullable=False),
        sa.Column("final_on", sa.Date(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("counted", sa.Numeric(precision=24, scale=6), nullable=False),
        sa.Column("step", sa.Integer(), nullable=True),
        sa.Column("point_type_id", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(step is null) = (transaction_id is null) and (step is null) = (points = 0) and points >= 0",
            name=op.f("ck_promotion_payout_given"),
        ),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_promotion_payout_member_id")),
        sa.ForeignKeyConstraint(["point_type_id"], ["point_type.id"], name=op.f("fk_promotion_payout_point_type_id")),
        sa.ForeignKeyConstraint(["promotion_id"], ["promotion.id"], name=op.f("fk_promotion_payout_promotion_id")),
        sa.PrimaryKeyConstraint("promotion_id", "final_on", "member_id", name=op.f("pk_promotion_payout")),
        sa.UniqueConstraint("transaction_id", name=op.f("uq_promotion_payout_transaction_id")),
    )
    op.create_table(
        "promotion_settlement",
        sa.Column("promotion_id", sa.BigInteger(), nullable=False),
        sa.Column("final_on", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["promotion_id"], ["promotion.id"], name=op.f("fk_promotion_settlement_promotion_id")),
        sa.PrimaryKeyConstraint("promotion_id", "final_on", name=op.f("pk_promotion_settlement")),
    )
    for table in ("promotion_payout", "promotion_settlement"):
        for statement in triggers.append_only(table):
            op.execute(statement)


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("promotion_settlement")
    op.drop_table("promotion_payout")
