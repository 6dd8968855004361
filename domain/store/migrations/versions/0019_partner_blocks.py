"""Partner blocks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from domain.store import triggers

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Make what this revision adds."""
    op.create_table(
        "billing_entry",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("partner_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("lot_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("lot_position", sa.SmallInteger(), nullable=False),
        sa.Column("point_type_id", sa.BigInteger(), nullable=False),
        sa.Column("promotion_id", sa.BigInteger(), nullable=True),
        sa.Column("transaction_date", sa.Date(), nullable=False),
        sa.Column("points", sa.Numeric(precision=24, scale=6), nullable=False),
        sa.Column("price", sa.Numeric(precision=24, scale=6), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("percentage", sa.Numeric(precision=24, scale=6), nullable=False),
        sa.Column("amount", sa.Numeric(precision=24, scale=6), nullable=False),
        sa.Column("reverses_id", sa.BigInteger(), nullable=True),
        sa.Column("posted_on", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "points <> 0 and (points > 0) = (reverses_id is null)", name=op.f("ck_billing_entry_points")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_entry")),
    )
    op.create_index(
        "ix_billing_entry_lot", "billing_entry", ["member_id", "lot_transaction_id", "lot_position"], unique=False
    )
    op.create_index(
        "ix_billing_entry_partner_id", "billing_entry", ["program_id", "partner_id", "posted_on"], unique=False
    )
    op.create_index(
        "ix_billing_entry_reverses_id",
        "billing_entry",
        ["reverses_id"],
        unique=False,
        postgresql_where=sa.text("reverses_id is not null"),
    )
    op.create_table(
        "block_debit",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("partner_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("lot_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("lot_position", sa.SmallInteger(), nullable=False),
        sa.Column("block_id", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.Numeric(precision=20, scale=2), nullable=False),
        sa.Column("price", sa.Numeric(precision=24, scale=6), nullable=False),
        sa.Column("promotion_id", sa.BigInteger(), nullable=True),
        sa.Column("reverses_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("points <> 0 and (points > 0) = (reverses_id is null)", name=op.f("ck_block_debit_points")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_block_debit")),
    )
    op.create_index(
        "ix_block_debit_lot", "block_debit", ["member_id", "lot_transaction_id", "lot_position"], unique=False
    )
    op.create_index(
        op.f("ix_block_debit_partner_transaction_id"), "block_debit", ["partner_transaction_id"], unique=False
    )
    op.create_index(
        "ix_block_debit_reverses_id",
        "block_debit",
        ["reverses_id"],
        unique=False,
        postgresql_where=sa.text("reverses_id is not null"),
    )
    op.create_index("ix_block_debit_transaction_id", "block_debit", ["transaction_id"], unique=False)
    op.create_table(
        "pricing_rule",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name=op.f("fk_pricing_rule_program_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pricing_rule")),
        sa.UniqueConstraint("program_id", "code", name=op.f("uq_pricing_rule_program_id_code")),
    )
    op.create_table(
        "partner_statement",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("partner_id", sa.BigInteger(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("through_on", sa.Date(), nullable=False),
        sa.Column("opening", sa.Numeric(precision=20, scale=2), nullable=False),
        sa.Column("closing", sa.Numeric(precision=20, scale=2), nullable=False),
        sa.Column("document", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("through_on >= from_on and number > 0", name=op.f("ck_partner_statement_dates")),
        sa.ForeignKeyConstraint(["closed_by_id"], ["person.id"], name=op.f("fk_partner_statement_closed_by_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_partner_statement_partner_id")),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name=op.f("fk_partner_statement_program_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_statement")),
        sa.UniqueConstraint(
            "program_id",
            "partner_id",
            "from_on",
            name="uq_partner_statement_from_on",
            postgresql_nulls_not_distinct=True,
        ),
        sa.UniqueConstraint(
            "program_id", "partner_id", "number", name="uq_partner_statement_number", postgresql_nulls_not_distinct=True
        ),
    )
    op.create_table(
        "point_block",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("partner_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", _choice("kind", "NORMAL RESERVE PROMOTION OVERDRAFT"), nullable=False),
        sa.Column("status", _choice("status", "IN_PROGRESS SUBMITTED APPROVED REJECTED CLOSED"), nullable=False),
        sa.Column("original", sa.Numeric(precision=20, scale=2), nullable=False),
        sa.Column("remaining", sa.Numeric(precision=20, scale=2), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("price", sa.Numeric(precision=24, scale=6), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("cost", sa.Numeric(precision=24, scale=6), nullable=False),
        sa.Column("promotion_id", sa.BigInteger(), nullable=True),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("submit_to_id", sa.BigInteger(), nullable=True),
        sa.Column("requested_by_id", sa.BigInteger(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(status = 'CLOSED') = (closed_at is not null)", name=op.f("ck_point_block_closed")),
        sa.CheckConstraint(
            "(status = 'SUBMITTED') = (submit_to_id is not null)", name=op.f("ck_point_block_submit_to")
        ),
        sa.CheckConstraint(
            "case kind when 'OVERDRAFT' then original = 0 else original > 0 end", name=op.f("ck_point_block_original")
        ),
        sa.CheckConstraint(
            "case kind when 'OVERDRAFT' then remaining <= 0 else remaining >= 0 end",
            name=op.f("ck_point_block_remaining"),
        ),
        sa.CheckConstraint("kind <> 'PROMOTION' or promotion_id is not null", name=op.f("ck_point_block_promotion")),
        sa.CheckConstraint("status = 'APPROVED' or remaining = 0", name=op.f("ck_point_block_unapproved")),
        sa.CheckConstraint(
            "status not in ('APPROVED', 'CLOSED') or approved_at is not null", name=op.f("ck_point_block_approved")
        ),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_point_block_dates")),
        sa.CheckConstraint("price >= 0 and cost >= 0", name=op.f("ck_point_block_price")),
        sa.ForeignKeyConstraint(["parent_id"], ["point_block.id"], name=op.f("fk_point_block_parent_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_point_block_partner_id")),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name=op.f("fk_point_block_program_id")),
        sa.ForeignKeyConstraint(["promotion_id"], ["promotion.id"], name=op.f("fk_point_block_promotion_id")),
        sa.ForeignKeyConstraint(["requested_by_id"], ["person.id"], name=op.f("fk_point_block_requested_by_id")),
        sa.ForeignKeyConstraint(["submit_to_id"], ["person.id"], name=op.f("fk_point_block_submit_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_block")),
        postgresql_with={"fillfactor": "50"},
    )
    op.create_index("ix_point_block_owner", "point_block", ["program_id", "partner_id", "id"], unique=False)
    op.create_index(
        "ix_point_block_parent_id",
        "point_block",
        ["parent_id"],
        unique=False,
        postgresql_where=sa.text("parent_id is not null"),
    )
    op.create_index(
        "ix_point_block_promotion_id",
        "point_block",
        ["promotion_id"],
        unique=False,
        postgresql_where=sa.text("promotion_id is not null"),
    )
    op.create_index(
        "ix_point_block_stock",
        "point_block",
        ["program_id", "partner_id"],
        unique=False,
        postgresql_where=sa.text("status = 'APPROVED'"),
    )
    op.create_index(
        "ix_point_block_waiting",
        "point_block",
        ["submit_to_id", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'SUBMITTED'"),
    )
    op.create_index(
        "uq_point_block_overdraft",
        "point_block",
        ["program_id", "partner_id"],
        unique=True,
        postgresql_where=sa.text("kind = 'OVERDRAFT'"),
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "pricing_range",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("pricing_rule_id", sa.BigInteger(), nullable=False),
        sa.Column("from_quantity", sa.Numeric(precision=20, scale=2), nullable=False),
        sa.Column("to_quantity", sa.Numeric(precision=20, scale=2), nullable=True),
        sa.Column("price", sa.Numeric(precision=24, scale=6), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.text("int8range(pricing_rule_id, pricing_rule_id, '[]')"), "&&"),
            (sa.text("numrange(from_quantity, to_quantity, '[]')"), "&&"),
            using="gist",
            name="ex_pricing_range_overlap",
        ),
        sa.CheckConstraint(
            "from_quantity > 0 and to_quantity >= from_quantity", name=op.f("ck_pricing_range_quantities")
        ),
        sa.CheckConstraint("price >= 0", name=op.f("ck_pricing_range_price")),
        sa.ForeignKeyConstraint(
            ["pricing_rule_id"], ["pricing_rule.id"], name=op.f("fk_pricing_range_pricing_rule_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pricing_range")),
    )
    op.create_index(
        op.f("ix_pricing_range_pricing_rule_id_from_quantity"),
        "pricing_range",
        ["pricing_rule_id", "from_quantity"],
        unique=False,
    )
    op.create_table(
        "billing_rate",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("partner_id", sa.BigInteger(), nullable=False),
        sa.Column("point_type_id", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_through", sa.Date(), nullable=True),
        sa.Column("price", sa.Numeric(precision=24, scale=6), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("percentage", sa.Numeric(precision=24, scale=6), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.text("int8range(program_id, program_id, '[]')"), "&&"),
            (sa.text("int8range(partner_id, partner_id, '[]')"), "&&"),
            (sa.text("int8range(point_type_id, point_type_id, '[]')"), "&&"),
            (sa.text("daterange(valid_from, valid_through, '[]')"), "&&"),
            using="gist",
            name="ex_billing_rate_overlap",
        ),
        sa.CheckConstraint("price >= 0 and percentage >= 0", name=op.f("ck_billing_rate_price")),
        sa.CheckConstraint("valid_through >= valid_from", name=op.f("ck_billing_rate_dates")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_billing_rate_partner_id")),
        sa.ForeignKeyConstraint(["point_type_id"], ["point_type.id"], name=op.f("fk_billing_rate_point_type_id")),
        sa.ForeignKeyConstraint(
            ["program_id", "partner_id"],
            ["partner_terms.program_id", "partner_terms.partner_id"],
            name=op.f("fk_billing_rate_program_id_partner_id"),
        ),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name=op.f("fk_billing_rate_program_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_rate")),
    )
    op.create_index(op.f("ix_billing_rate_point_type_id"), "billing_rate", ["point_type_id"], unique=False)
    op.create_index(
        op.f("ix_billing_rate_program_id_partner_id_point_type_id_valid_from"),
        "billing_rate",
        ["program_id", "partner_id", "point_type_id", "valid_from"],
        unique=False,
    )
    op.create_table(
        "partner_transaction",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("partner_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "kind",
            _choice("kind", "PURCHASE ACCRUAL_DEBIT ACCRUAL_REVERSAL ADJUSTMENT FEE REFUND CARVE RETURN LAPSE"),
            nullable=False,
        ),
        sa.Column("direction", _choice("direction", "DEBIT CREDIT"), nullable=False),
        sa.Column("posted_on", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("points", sa.Numeric(precision=20, scale=2), nullable=True),
        sa.Column("amount", sa.Numeric(precision=24, scale=6), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("block_id", sa.BigInteger(), nullable=True),
        sa.Column("price", sa.Numeric(precision=24, scale=6), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("promotion_id", sa.BigInteger(), nullable=True),
        sa.Column("member_transaction_id", sa.BigInteger(), nullable=True),
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        sa.Column("refunds_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(kind <> 'PURCHASE' or direction = 'CREDIT') and (kind <> 'ACCRUAL_DEBIT' or direction = 'DEBIT') and (kind <> 'ACCRUAL_REVERSAL' or direction = 'CREDIT') and (kind <> 'FEE' or direction = 'DEBIT') and (kind <> 'REFUND' or direction = 'CREDIT') and (kind <> 'LAPSE' or direction = 'DEBIT')",
            name=op.f("ck_partner_transaction_one_way"),
        ),
        sa.CheckConstraint("(kind = 'REFUND') = (refunds_id is not null)", name=op.f("ck_partner_transaction_refunds")),
        sa.CheckConstraint("amount is null or kind in ('FEE', 'REFUND')", name=op.f("ck_partner_transaction_money")),
        sa.CheckConstraint("kind <> 'REFUND' or reason_code is not null", name=op.f("ck_partner_transaction_reason")),
        sa.CheckConstraint("(amount is null) = (currency is null)", name=op.f("ck_partner_transaction_currency")),
        sa.CheckConstraint(
            "(points is null) <> (amount is null) and points > 0 and amount > 0",
            name=op.f("ck_partner_transaction_points_or_amount"),
        ),
        sa.CheckConstraint("(points is null) = (block_id is null)", name=op.f("ck_partner_transaction_block")),
        sa.ForeignKeyConstraint(["block_id"], ["point_block.id"], name=op.f("fk_partner_transaction_block_id")),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_partner_transaction_created_by_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_partner_transaction_partner_id")),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name=op.f("fk_partner_transaction_program_id")),
        sa.ForeignKeyConstraint(["promotion_id"], ["promotion.id"], name=op.f("fk_partner_transaction_promotion_id")),
        sa.ForeignKeyConstraint(
            ["refunds_id"], ["partner_transaction.id"], name=op.f("fk_partner_transaction_refunds_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_transaction")),
    )
    op.create_index(op.f("ix_partner_transaction_block_id"), "partner_transaction", ["block_id"], unique=False)
    op.create_index(
        "ix_partner_transaction_member_id",
        "partner_transaction",
        ["member_id"],
        unique=False,
        postgresql_where=sa.text("member_id is not null"),
    )
    op.create_index(
        "ix_partner_transaction_owner",
        "partner_transaction",
        ["program_id", "partner_id", "posted_on", "id"],
        unique=False,
    )
    op.create_index(
        "ix_partner_transaction_promotion_id",
        "partner_transaction",
        ["promotion_id"],
        unique=False,
        postgresql_where=sa.text("promotion_id is not null"),
    )
    op.create_index(
        "uq_partner_transaction_refunds_id",
        "partner_transaction",
        ["refunds_id"],
        unique=True,
        postgresql_where=sa.text("refunds_id is not null"),
    )
    op.create_table(
        "point_block_move",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("point_block_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("move", _choice("move", "PURCHASE FORWARD APPROVE REJECT CARVE CLOSE"), nullable=False),
        sa.Column(
            "from_status", _choice("from_status", "IN_PROGRESS SUBMITTED APPROVED REJECTED CLOSED"), nullable=True
        ),
        sa.Column("to_status", _choice("to_status", "IN_PROGRESS SUBMITTED APPROVED REJECTED CLOSED"), nullable=False),
        sa.Column("submit_to_id", sa.BigInteger(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_point_block_move_person_id")),
        sa.ForeignKeyConstraint(
            ["point_block_id"], ["point_block.id"], name=op.f("fk_point_block_move_point_block_id")
        ),
        sa.ForeignKeyConstraint(["submit_to_id"], ["person.id"], name=op.f("fk_point_block_move_submit_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_block_move")),
    )
    op.create_index(op.f("ix_point_block_move_point_block_id"), "point_block_move", ["point_block_id"], unique=False)
    op.create_table(
        "terms_conversion",
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("partner_id", sa.BigInteger(), nullable=False),
        sa.Column("point_type_id", sa.BigInteger(), nullable=False),
        sa.Column("rate", sa.Numeric(precision=24, scale=6), nullable=False),
        sa.CheckConstraint("rate > 0", name=op.f("ck_terms_conversion_rate")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_terms_conversion_partner_id")),
        sa.ForeignKeyConstraint(["point_type_id"], ["point_type.id"], name=op.f("fk_terms_conversion_point_type_id")),
        sa.ForeignKeyConstraint(
            ["program_id", "partner_id"],
            ["partner_terms.program_id", "partner_terms.partner_id"],
            name=op.f("fk_terms_conversion_program_id_partner_id"),
        ),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name=op.f("fk_terms_conversion_program_id")),
        sa.PrimaryKeyConstraint("program_id", "partner_id", "point_type_id", name=op.f("pk_terms_conversion")),
    )
    op.create_index(op.f("ix_terms_conversion_point_type_id"), "terms_conversion", ["point_type_id"], unique=False)
    op.add_column(
        "partner_terms",
        sa.Column(
            "billing", _choice("billing", "PREPAID POSTPAID"), server_default=sa.text("'PREPAID'"), nullable=False
        ),
    )
    op.add_column("partner_terms", sa.Column("pricing_rule_id", sa.BigInteger(), nullable=True))
    op.add_column("partner_terms", sa.Column("reorder_limit", sa.Numeric(precision=20, scale=2), nullable=True))
    op.add_column("partner_terms", sa.Column("minimum_order", sa.Numeric(precision=20, scale=2), nullable=True))
    op.add_column(
        "partner_terms",
        sa.Column("reorder_automatically", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.add_column(
        "partner_terms",
        sa.Column("credit_limit", sa.Numeric(precision=20, scale=2), server_default=sa.text("0"), nullable=False),
    )
    op.add_column(
        "partner_terms", sa.Column("partner_approves", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.add_column(
        "partner_terms",
        sa.Column("point_types", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    )
    op.create_index(op.f("ix_partner_terms_pricing_rule_id"), "partner_terms", ["pricing_rule_id"], unique=False)
    op.create_foreign_key(
        op.f("fk_partner_terms_pricing_rule_id"), "partner_terms", "pricing_rule", ["pricing_rule_id"], ["id"]
    )
    op.create_check_constraint(op.f("ck_partner_terms_credit_limit"), "partner_terms", "credit_limit >= 0")
    op.create_check_constraint(
        op.f("ck_partner_terms_reorder"), "partner_terms", "minimum_order > 0 and reorder_limit >= 0"
    )
    for table in ("billing_entry", "block_debit", "partner_statement", "partner_transaction", "point_block_move"):
        for statement in triggers.append_only(table):
            op.execute(statement)
    for statement in triggers.only_changing(
        "point_block",
        ("status", "remaining", "submit_to_id", "version", "approved_at", "closed_at"),
        (
            "id",
            "program_id",
            "partner_id",
            "kind",
            "original",
            "starts_on",
            "ends_on",
            "price",
            "currency",
            "cost",
            "promotion_id",
            "parent_id",
            "requested_by_id",
            "comment",
            "created_at",
        ),
    ):
        op.execute(statement)


def downgrade() -> None:
    """Take it away again."""
    op.drop_constraint(op.f("ck_partner_terms_reorder"), "partner_terms", type_="check")
    op.drop_constraint(op.f("ck_partner_terms_credit_limit"), "partner_terms", type_="check")
    op.drop_constraint(op.f("fk_partner_terms_pricing_rule_id"), "partner_terms", type_="foreignkey")
    op.drop_index(op.f("ix_partner_terms_pricing_rule_id"), table_name="partner_terms")
    op.drop_column("partner_terms", "point_types")
    op.drop_column("partner_terms", "partner_approves")
    op.drop_column("partner_terms", "credit_limit")
    op.drop_column("partner_terms", "reorder_automatically")
    op.drop_column("partner_terms", "minimum_order")
    op.drop_column("partner_terms", "reorder_limit")
    op.drop_column("partner_terms", "pricing_rule_id")
    op.drop_column("partner_terms", "billing")
    op.drop_index(op.f("ix_terms_conversion_point_type_id"), table_name="terms_conversion")
    op.drop_table("terms_conversion")
    op.drop_index(op.f("ix_point_block_move_point_block_id"), table_name="point_block_move")
    op.drop_table("point_block_move")
    op.drop_index(
        "uq_partner_transaction_refunds_id",
        table_name="partner_transaction",
        postgresql_where=sa.text("refunds_id is not null"),
    )
    op.drop_index(
        "ix_partner_transaction_promotion_id",
        table_name="partner_transaction",
        postgresql_where=sa.text("promotion_id is not null"),
    )
    op.drop_index("ix_partner_transaction_owner", table_name="partner_transaction")
    op.drop_index(
        "ix_partner_transaction_member_id",
        table_name="partner_transaction",
        postgresql_where=sa.text("member_id is not null"),
    )
    op.drop_index(op.f("ix_partner_transaction_block_id"), table_name="partner_transaction")
    op.drop_table("partner_transaction")
    op.drop_index(op.f("ix_billing_rate_program_id_partner_id_point_type_id_valid_from"), table_name="billing_rate")
    op.drop_index(op.f("ix_billing_rate_point_type_id"), table_name="billing_rate")
    op.drop_table("billing_rate")
    op.drop_index(op.f("ix_pricing_range_pricing_rule_id_from_quantity"), table_name="pricing_range")
    op.drop_table("pricing_range")
    op.drop_index(
        "uq_point_block_overdraft",
        table_name="point_block",
        postgresql_where=sa.text("kind = 'OVERDRAFT'"),
        postgresql_nulls_not_distinct=True,
    )
    op.drop_index("ix_point_block_waiting", table_name="point_block", postgresql_where=sa.text("status = 'SUBMITTED'"))
    op.drop_index("ix_point_block_stock", table_name="point_block", postgresql_where=sa.text("status = 'APPROVED'"))
    op.drop_index(
        "ix_point_block_promotion_id", table_name="point_block", postgresql_where=sa.text("promotion_id is not null")
    )
    op.drop_index(
        "ix_point_block_parent_id", table_name="point_block", postgresql_where=sa.text("parent_id is not null")
    )
    op.drop_index("ix_point_block_owner", table_name="point_block")
    op.drop_table("point_block")
    op.drop_table("partner_statement")
    op.drop_table("pricing_rule")
    op.drop_index("ix_block_debit_transaction_id", table_name="block_debit")
    op.drop_index(
        "ix_block_debit_reverses_id", table_name="block_debit", postgresql_where=sa.text("reverses_id is not null")
    )
    op.drop_index(op.f("ix_block_debit_partner_transaction_id"), table_name="block_debit")
    op.drop_index("ix_block_debit_lot", table_name="block_debit")
    op.drop_table("block_debit")
    op.drop_index(
        "ix_billing_entry_reverses_id", table_name="billing_entry", postgresql_where=sa.text("reverses_id is not null")
    )
    op.drop_index("ix_billing_entry_partner_id", table_name="billing_entry")
    op.drop_index("ix_billing_entry_lot", table_name="billing_entry")
    op.drop_table("billing_entry")


def _choice(name: str, values: str) -> sa.Enum:
    return sa.Enum(*values.split(), name=name, native_enum=False, create_constraint=True, length=40)
