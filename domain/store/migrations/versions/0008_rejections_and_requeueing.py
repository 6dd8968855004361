"""Rejections and requeueing."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from domain.store import triggers

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make what this revision adds."""
    op.create_table(
        "batch_rejection",
        sa.Column("transaction_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "sub_status",
            _choice(
                "sub_status",
                "SUCCESS NO_PROMOTIONS_QUALIFIED INSUFFICIENT_POINTS MISSING_MEMBER_DATA INSUFFICIENT_POINT_BLOCKS PROGRAM_INACTIVE MEMBER_INACTIVE PARTNER_INACTIVE INVALID_POINT_TYPE ATTRIBUTE_DEFINITION_INACTIVE PAYMENT_SHORT LIMIT_EXCEEDED LOAN_NOT_ALLOWED VOUCHER_INVALID LATE_REPORT CURRENCY_MISMATCH RULE_ERROR ENGINE_ERROR",
            ),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("transaction_id", name=op.f("pk_batch_rejection")),
    )
    op.create_index(
        op.f("ix_batch_rejection_program_id_sub_status_transaction_id"),
        "batch_rejection",
        ["program_id", "sub_status", "transaction_id"],
        unique=False,
    )
    op.create_table(
        "requeue",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("rows", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("more", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_requeue_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requeue")),
    )
    for table in ("requeue",):
        for statement in triggers.append_only(table):
            op.execute(statement)


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("requeue")
    op.drop_index(op.f("ix_batch_rejection_program_id_sub_status_transaction_id"), table_name="batch_rejection")
    op.drop_table("batch_rejection")


def _choice(name: str, values: str) -> sa.Enum:
    return sa.Enum(*values.split(), name=name, native_enum=False, create_constraint=True, length=40)
