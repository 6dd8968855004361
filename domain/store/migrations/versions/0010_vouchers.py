"""Vouchers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from domain.store import triggers

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make what this revision adds."""
    op.create_table(
        "voucher",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("status", _choice("status", "AVAILABLE RESERVED USED EXPIRED CANCELLED REISSUED"), nullable=False),
        sa.Column("source", _choice("source", "PERSON TIER PROMOTION REDEMPTION"), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("reserved_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("issued_by_id", sa.BigInteger(), nullable=True),
        sa.Column("transaction_id", sa.BigInteger(), nullable=True),
        sa.Column("promotion_id", sa.BigInteger(), nullable=True),
        sa.Column("tier", sa.Text(), nullable=True),
        sa.Column("used_by_id", sa.BigInteger(), nullable=True),
        sa.Column("replaces_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("status = 'RESERVED' or reserved_until is null", name=op.f("ck_voucher_reserved")),
        sa.CheckConstraint("status = 'USED' or used_by_id is null", name=op.f("ck_voucher_used")),
        sa.ForeignKeyConstraint(["issued_by_id"], ["person.id"], name=op.f("fk_voucher_issued_by_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_voucher_member_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_voucher_product_id")),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name=op.f("fk_voucher_program_id")),
        sa.ForeignKeyConstraint(["replaces_id"], ["voucher.id"], name=op.f("fk_voucher_replaces_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voucher")),
        sa.UniqueConstraint("program_id", "number", name=op.f("uq_voucher_program_id_number")),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_voucher_replaces_id")),
    )
    op.create_index(
        "ix_voucher_lapses",
        "voucher",
        ["program_id", "expires_on"],
        unique=False,
        postgresql_where=sa.text("status in ('AVAILABLE', 'RESERVED')"),
    )
    op.create_index("ix_voucher_member", "voucher", ["member_id", "product_id", "expires_on"], unique=False)
    op.create_index(
        "ix_voucher_reserved",
        "voucher",
        ["program_id", "reserved_until"],
        unique=False,
        postgresql_where=sa.text("status = 'RESERVED'"),
    )
    op.create_index(
        "ix_voucher_transaction",
        "voucher",
        ["transaction_id"],
        unique=False,
        postgresql_where=sa.text("transaction_id is not null"),
    )
    op.create_index(
        "ix_voucher_used_by",
        "voucher",
        ["used_by_id"],
        unique=False,
        postgresql_where=sa.text("used_by_id is not null"),
    )
    op.create_table(
        "voucher_move",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("voucher_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("move", _choice("move", "ISSUE RESERVE RELEASE USE RESTORE EXPIRE CANCEL REISSUE"), nullable=False),
        sa.Column(
            "from_status", _choice("from_status", "AVAILABLE RESERVED USED EXPIRED CANCELLED REISSUED"), nullable=True
        ),
        sa.Column(
            "to_status", _choice("to_status", "AVAILABLE RESERVED USED EXPIRED CANCELLED REISSUED"), nullable=False
        ),
        sa.Column("transaction_id", sa.BigInteger(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("request_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_voucher_move_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voucher_move")),
    )
    op.create_index(
        "ix_voucher_move_request",
        "voucher_move",
        ["request_id"],
        unique=False,
        postgresql_where=sa.text("request_id is not null"),
    )
    op.create_index(op.f("ix_voucher_move_voucher_id"), "voucher_move", ["voucher_id"], unique=False)
    op.add_column(
        "product", sa.Column("voucher", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True)
    )
    op.add_column(
        "tier", sa.Column("vouchers", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True)
    )
    op.add_column("transaction", sa.Column("voucher_number", sa.Text(), nullable=True))
    op.add_column("transaction", sa.Column("voucher_type", sa.Text(), nullable=True))
    op.add_column("transaction", sa.Column("voucher_quantity", sa.Integer(), nullable=True))
    op.add_column("transaction", sa.Column("tender_amount", sa.Numeric(precision=24, scale=6), nullable=True))
    op.add_column("transaction", sa.Column("tender_currency", sa.Text(), nullable=True))
    op.add_column("transaction", sa.Column("tender_kind", sa.Text(), nullable=True))
    for table in ("voucher_move",):
        for statement in triggers.append_only(table):
            op.execute(statement)
    for statement in triggers.only_changing(
        "voucher",
        ("member_id", "status", "reserved_until", "used_by_id"),
        (
            "id",
            "program_id",
            "product_id",
            "number",
            "source",
            "expires_on",
            "issued_by_id",
            "transaction_id",
            "promotion_id",
            "tier",
            "replaces_id",
            "created_at",
        ),
    ):
        op.execute(statement)


def downgrade() -> None:
    """Take it away again."""
    op.drop_column("transaction", "tender_kind")
    op.drop_column("transaction", "tender_currency")
    op.drop_column("transaction", "tender_amount")
    op.drop_column("transaction", "voucher_quantity")
    op.drop_column("transaction", "voucher_type")
    op.drop_column("transaction", "voucher_number")
    op.drop_column("tier", "vouchers")
    op.drop_column("product", "voucher")
    op.drop_index(op.f("ix_voucher_move_voucher_id"), table_name="voucher_move")
    op.drop_index(
        "ix_voucher_move_request", table_name="voucher_move", postgresql_where=sa.text("request_id is not null")
    )
    op.drop_table("voucher_move")
    op.drop_index("ix_voucher_used_by", table_name="voucher", postgresql_where=sa.text("used_by_id is not null"))
    op.drop_index(
        "ix_voucher_transaction", table_name="voucher", postgresql_where=sa.text("transaction_id is not null")
    )
    op.drop_index("ix_voucher_reserved", table_name="voucher", postgresql_where=sa.text("status = 'RESERVED'"))
    op.drop_index("ix_voucher_member", table_name="voucher")
    op.drop_index(
        "ix_voucher_lapses", table_name="voucher", postgresql_where=sa.text("status in ('AVAILABLE', 'RESERVED')")
    )
    op.drop_table("voucher")


def _choice(name: str, values: str) -> sa.Enum:
    return sa.Enum(*values.split(), name=name, native_enum=False, create_constraint=True, length=40)
