"""Holds."""

import sqlalchemy as sa
from alembic import op

from domain.store import triggers

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Make what this revision adds."""
    op.create_table(
        "point_hold_lot",
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hold_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lot_transaction_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lot_position", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("points > 0", name=op.f("ck_point_hold_lot_points")),
        sa.PrimaryKeyConstraint(
            "member_id", "hold_id", "lot_transaction_id", "lot_position", name=op.f("pk_point_hold_lot")
        ),
    )
    op.create_index(
        "ix_point_hold_lot_lot", "point_hold_lot", ["member_id", "lot_transaction_id", "lot_position"], unique=False
    )
    op.create_table(
        "point_hold",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("partner_id", sa.BigInteger(), nullable=True),
        sa.Column("point_type_id", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("captured", sa.BigInteger(), nullable=False),
        sa.Column("status", _choice("status", "HELD CAPTURED RELEASED EXPIRED"), nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("transaction_id", sa.BigInteger(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("(status = 'CAPTURED') = (transaction_id is not null)", name=op.f("ck_point_hold_captured")),
        sa.CheckConstraint("(status = 'HELD') = (ended_at is null)", name=op.f("ck_point_hold_ended")),
        sa.CheckConstraint("points > 0 and captured between 0 and points", name=op.f("ck_point_hold_points")),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_point_hold_created_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_hold")),
    )
    op.create_index(
        "ix_point_hold_due",
        "point_hold",
        ["program_id", "held_until"],
        unique=False,
        postgresql_where=sa.text("status = 'HELD'"),
    )
    op.create_index(
        "ix_point_hold_held", "point_hold", ["member_id"], unique=False, postgresql_where=sa.text("status = 'HELD'")
    )
    op.create_index("ix_point_hold_member", "point_hold", ["member_id", "id"], unique=False)
    op.add_column("transaction", sa.Column("hold_id", sa.BigInteger(), nullable=True))
    for table in ("point_hold_lot",):
        for statement in triggers.append_only(table):
            op.execute(statement)
    for statement in triggers.only_changing(
        "point_hold",
        ("member_id", "status", "captured", "ended_at", "transaction_id"),
        (
            "id",
            "program_id",
            "partner_id",
            "point_type_id",
            "points",
            "held_until",
            "created_by_id",
            "comment",
            "created_at",
        ),
    ):
        op.execute(statement)


def downgrade() -> None:
    """Take it away again."""
    op.drop_column("transaction", "hold_id")
    op.drop_index("ix_point_hold_member", table_name="point_hold")
    op.drop_index("ix_point_hold_held", table_name="point_hold", postgresql_where=sa.text("status = 'HELD'"))
    op.drop_index("ix_point_hold_due", table_name="point_hold", postgresql_where=sa.text("status = 'HELD'"))
    op.drop_table("point_hold")
    op.drop_index("ix_point_hold_lot_lot", table_name="point_hold_lot")
    op.drop_table("point_hold_lot")


def _choice(name: str, values: str) -> sa.Enum:
    return sa.Enum(*values.split(), name=name, native_enum=False, create_constraint=True, length=40)
