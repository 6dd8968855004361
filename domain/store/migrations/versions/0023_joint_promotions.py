"""Joint promotions."""

import sqlalchemy as sa
from alembic import op

from domain.store import triggers

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Make what this revision adds."""
    op.create_table(
        "joint_promotion",
        sa.Column("promotion_id", sa.BigInteger(), nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("status", _choice("status", "DRAFT SUBMITTED PARTNER_APPROVED PARTNER_REJECTED"), nullable=False),
        sa.Column("drafted_by_partner_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "status = 'DRAFT' or proposed_at is not null and version is not null",
            name=op.f("ck_joint_promotion_proposed"),
        ),
        sa.ForeignKeyConstraint(
            ["drafted_by_partner_id"], ["partner.id"], name=op.f("fk_joint_promotion_drafted_by_partner_id")
        ),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name=op.f("fk_joint_promotion_program_id")),
        sa.ForeignKeyConstraint(["promotion_id"], ["promotion.id"], name=op.f("fk_joint_promotion_promotion_id")),
        sa.PrimaryKeyConstraint("promotion_id", name=op.f("pk_joint_promotion")),
    )
    op.create_index(
        op.f("ix_joint_promotion_drafted_by_partner_id"), "joint_promotion", ["drafted_by_partner_id"], unique=False
    )
    op.create_index(op.f("ix_joint_promotion_program_id"), "joint_promotion", ["program_id"], unique=False)
    op.create_table(
        "joint_promotion_move",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("promotion_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("partner_id", sa.BigInteger(), nullable=True),
        sa.Column("move", _choice("move", "EDIT PROPOSE APPROVE REJECT NOTE"), nullable=False),
        sa.Column(
            "from_status", _choice("from_status", "DRAFT SUBMITTED PARTNER_APPROVED PARTNER_REJECTED"), nullable=True
        ),
        sa.Column(
            "to_status", _choice("to_status", "DRAFT SUBMITTED PARTNER_APPROVED PARTNER_REJECTED"), nullable=False
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_joint_promotion_move_partner_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_joint_promotion_move_person_id")),
        sa.ForeignKeyConstraint(["promotion_id"], ["promotion.id"], name=op.f("fk_joint_promotion_move_promotion_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_joint_promotion_move")),
    )
    op.create_index(
        op.f("ix_joint_promotion_move_promotion_id"), "joint_promotion_move", ["promotion_id"], unique=False
    )
    op.create_table(
        "joint_promotion_side",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("promotion_id", sa.BigInteger(), nullable=False),
        sa.Column("partner_id", sa.BigInteger(), nullable=True),
        sa.Column("agrees", sa.Boolean(), nullable=True),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(agrees is null) = (answered_at is null)", name=op.f("ck_joint_promotion_side_answered")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_joint_promotion_side_partner_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_joint_promotion_side_person_id")),
        sa.ForeignKeyConstraint(["promotion_id"], ["promotion.id"], name=op.f("fk_joint_promotion_side_promotion_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_joint_promotion_side")),
        sa.UniqueConstraint(
            "promotion_id",
            "partner_id",
            name=op.f("uq_joint_promotion_side_promotion_id_partner_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(op.f("ix_joint_promotion_side_partner_id"), "joint_promotion_side", ["partner_id"], unique=False)
    for table in ("joint_promotion_move",):
        for statement in triggers.append_only(table):
            op.execute(statement)


def downgrade() -> None:
    """Take it away again."""
    op.drop_index(op.f("ix_joint_promotion_side_partner_id"), table_name="joint_promotion_side")
    op.drop_table("joint_promotion_side")
    op.drop_index(op.f("ix_joint_promotion_move_promotion_id"), table_name="joint_promotion_move")
    op.drop_table("joint_promotion_move")
    op.drop_index(op.f("ix_joint_promotion_program_id"), table_name="joint_promotion")
    op.drop_index(op.f("ix_joint_promotion_drafted_by_partner_id"), table_name="joint_promotion")
    op.drop_table("joint_promotion")


def _choice(name: str, values: str) -> sa.Enum:
    return sa.Enum(*values.split(), name=name, native_enum=False, create_constraint=True, length=40)
