"""Batch runs."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make what this revision adds."""
    op.create_table(
        "batch_count",
        sa.Column("run_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column(
            "sub_status",
            _choice(
                "sub_status",
                "SUCCESS NO_PROMOTIONS_QUALIFIED INSUFFICIENT_POINTS MISSING_MEMBER_DATA INSUFFICIENT_POINT_BLOCKS PROGRAM_INACTIVE MEMBER_INACTIVE PARTNER_INACTIVE INVALID_POINT_TYPE ATTRIBUTE_DEFINITION_INACTIVE PAYMENT_SHORT LIMIT_EXCEEDED LOAN_NOT_ALLOWED VOUCHER_INVALID LATE_REPORT CURRENCY_MISMATCH RULE_ERROR ENGINE_ERROR",
            ),
            nullable=False,
        ),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("count > 0", name=op.f("ck_batch_count_count")),
        sa.PrimaryKeyConstraint("run_id", "worker", "sub_status", name=op.f("pk_batch_count")),
        postgresql_with={"fillfactor": "50"},
    )
    op.create_table(
        "batch_run",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("state", _choice("state", "RUNNING STOPPING STOPPED DONE FAILED"), nullable=False),
        sa.Column("continuous", sa.Boolean(), nullable=False),
        sa.Column("started_by_id", sa.BigInteger(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resumed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("active", sa.Interval(), nullable=False),
        sa.Column("expected", sa.BigInteger(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(ended_at is null) = (state in ('RUNNING', 'STOPPING'))", name=op.f("ck_batch_run_ended_at")
        ),
        sa.CheckConstraint("(failure is not null) = (state = 'FAILED')", name=op.f("ck_batch_run_failure")),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name=op.f("fk_batch_run_program_id")),
        sa.ForeignKeyConstraint(["started_by_id"], ["person.id"], name=op.f("fk_batch_run_started_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_run")),
    )
    op.create_index("ix_batch_run_program_id_id", "batch_run", ["program_id", "id"], unique=False)
    op.create_index(
        "uq_batch_run_unfinished", "batch_run", ["program_id"], unique=True, postgresql_where=sa.text("state <> 'DONE'")
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_index("uq_batch_run_unfinished", table_name="batch_run", postgresql_where=sa.text("state <> 'DONE'"))
    op.drop_index("ix_batch_run_program_id_id", table_name="batch_run")
    op.drop_table("batch_run")
    op.drop_table("batch_count")


def _choice(name: str, values: str) -> sa.Enum:
    return sa.Enum(*values.split(), name=name, native_enum=False, create_constraint=True, length=40)
