"""Loans."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from domain.store import triggers

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Make what this revision adds."""
    op.create_table(
        "loan",
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("point_type_id", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("outstanding", sa.BigInteger(), nullable=False),
        sa.Column("follows_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("outstanding between 0 and points", name=op.f("ck_loan_outstanding")),
        sa.CheckConstraint("points > 0", name=op.f("ck_loan_points")),
        sa.PrimaryKeyConstraint("member_id", "transaction_id", name=op.f("pk_loan")),
    )
    op.create_index(
        "ix_loan_outstanding", "loan", ["member_id"], unique=False, postgresql_where=sa.text("outstanding > 0")
    )
    op.create_table(
        "unconsidered_accrual",
        sa.Column("program_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("loan_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint(
            "program_id", "member_id", "transaction_id", "loan_id", name=op.f("pk_unconsidered_accrual")
        ),
    )
    op.create_table(
        "maximum_loan",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("point_type_id", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("status", _choice("status", "SUBMITTED APPROVED REJECTED"), nullable=False),
        sa.Column("requested_by_id", sa.BigInteger(), nullable=True),
        sa.Column("submit_to_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(status = 'SUBMITTED') = (submit_to_id is not null)", name=op.f("ck_maximum_loan_submit_to")
        ),
        sa.CheckConstraint("points >= 0", name=op.f("ck_maximum_loan_points")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_maximum_loan_member_id")),
        sa.ForeignKeyConstraint(["point_type_id"], ["point_type.id"], name=op.f("fk_maximum_loan_point_type_id")),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name=op.f("fk_maximum_loan_program_id")),
        sa.ForeignKeyConstraint(["requested_by_id"], ["person.id"], name=op.f("fk_maximum_loan_requested_by_id")),
        sa.ForeignKeyConstraint(["submit_to_id"], ["person.id"], name=op.f("fk_maximum_loan_submit_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_maximum_loan")),
        sa.UniqueConstraint("member_id", "point_type_id", name=op.f("uq_maximum_loan_member_id_point_type_id")),
    )
    op.create_index(
        "ix_maximum_loan_waiting",
        "maximum_loan",
        ["submit_to_id", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'SUBMITTED'"),
    )
    op.create_table(
        "maximum_loan_move",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("maximum_loan_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("from_status", _choice("from_status", "SUBMITTED APPROVED REJECTED"), nullable=True),
        sa.Column("to_status", _choice("to_status", "SUBMITTED APPROVED REJECTED"), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("submit_to_id", sa.BigInteger(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["maximum_loan_id"], ["maximum_loan.id"], name=op.f("fk_maximum_loan_move_maximum_loan_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_maximum_loan_move_person_id")),
        sa.ForeignKeyConstraint(["submit_to_id"], ["person.id"], name=op.f("fk_maximum_loan_move_submit_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_maximum_loan_move")),
    )
    op.create_index(
        op.f("ix_maximum_loan_move_maximum_loan_id"), "maximum_loan_move", ["maximum_loan_id"], unique=False
    )
    op.add_column("tier", sa.Column("loan", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True))
    op.add_column("transaction", sa.Column("loan_id", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_transaction_loan_id",
        "transaction",
        ["loan_id", "id"],
        unique=False,
        postgresql_where=sa.text("loan_id is not null"),
    )
    for table in ("maximum_loan_move",):
        for statement in triggers.append_only(table):
            op.execute(statement)


def downgrade() -> None:
    """Take it away again."""
    op.drop_index("ix_transaction_loan_id", table_name="transaction", postgresql_where=sa.text("loan_id is not null"))
    op.drop_column("transaction", "loan_id")
    op.drop_column("tier", "loan")
    op.drop_index(op.f("ix_maximum_loan_move_maximum_loan_id"), table_name="maximum_loan_move")
    op.drop_table("maximum_loan_move")
    op.drop_index(
        "ix_maximum_loan_waiting", table_name="maximum_loan", postgresql_where=sa.text("status = 'SUBMITTED'")
    )
    op.drop_table("maximum_loan")
    op.drop_table("unconsidered_accrual")
    op.drop_index("ix_loan_outstanding", table_name="loan", postgresql_where=sa.text("outstanding > 0"))
    op.drop_table("loan")


def _choice(name: str, values: str) -> sa.Enum:
    return sa.Enum(*values.split(), name=name, native_enum=False, create_constraint=True, length=40)
