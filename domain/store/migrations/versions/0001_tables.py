"""Tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from domain.store import triggers

revision = "0001"
down_revision = None


def upgrade() -> None:  # noqa: PLR0915
    """Make what this revision adds."""
    op.execute("CREATE SEQUENCE transaction_id_seq INCREMENT BY 100")
    op.create_table(
        "approval",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("move", sa.Text(), nullable=False),
        sa.Column(
            "from_status",
            _choice(
                "from_status",
                "IN_PROGRESS SUBMITTED APPROVED ACCEPTABLE QUEUED PARTNER_PENDING PARTNER_APPROVED PARTNER_REJECTED REJECTED_MANAGER REJECTED_ENGINE CANCELLED PROCESSED",
            ),
            nullable=True,
        ),
        sa.Column(
            "to_status",
            _choice(
                "to_status",
                "IN_PROGRESS SUBMITTED APPROVED ACCEPTABLE QUEUED PARTNER_PENDING PARTNER_APPROVED PARTNER_REJECTED REJECTED_MANAGER REJECTED_ENGINE CANCELLED PROCESSED",
            ),
            nullable=False,
        ),
        sa.Column("submit_to_id", sa.BigInteger(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
    )
    op.create_index(op.f("ix_approval_transaction_id"), "approval", ["transaction_id"], unique=False)
    op.create_table(
        "balance",
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("point_type_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("available", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("pending", sa.BigInteger(), nullable=False),
        sa.Column("earned", sa.BigInteger(), nullable=False),
        sa.Column("redeemed", sa.BigInteger(), nullable=False),
        sa.Column("expired", sa.BigInteger(), nullable=False),
        sa.Column("lifetime_qualifying", sa.BigInteger(), nullable=False),
        sa.Column("loan_outstanding", sa.BigInteger(), nullable=False),
        sa.Column("changes_on", sa.Date(), nullable=True),
        sa.CheckConstraint("available >= 0", name=op.f("ck_balance_available")),
        sa.CheckConstraint("held >= 0 and pending >= 0 and loan_outstanding >= 0", name=op.f("ck_balance_parts")),
        sa.PrimaryKeyConstraint("member_id", "point_type_id", name=op.f("pk_balance")),
        postgresql_with={"fillfactor": "50"},
    )
    op.create_index(
        "ix_balance_changes_on",
        "balance",
        ["changes_on"],
        unique=False,
        postgresql_where=sa.text("changes_on is not null"),
    )
    op.create_table(
        "decision",
        sa.Column("transaction_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("attempt", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("program_version", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("transaction_id", "attempt", name=op.f("pk_decision")),
    )
    op.create_table(
        "external_id",
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("partner_id", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
    )
    op.create_index(
        "uq_external_id",
        "external_id",
        ["program_id", "external_id", "partner_id", "source"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "idempotency_key",
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("mutation", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("input_hash", sa.LargeBinary(), nullable=False),
        sa.Column("answer_type", sa.Text(), nullable=False),
        sa.Column("answer_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("principal", "mutation", "key", name=op.f("pk_idempotency_key")),
    )
    op.create_table(
        "job",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("every", sa.Interval(), nullable=False),
        sa.Column("next_run_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_result", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_job")),
    )
    op.create_table(
        "lot",
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("point_type_id", sa.BigInteger(), nullable=False),
        sa.Column("qualifying", sa.Boolean(), nullable=False),
        sa.Column("origin", _choice("origin", "BASE PROMOTION ENTRY LOAN"), nullable=False),
        sa.Column("promotion_id", sa.BigInteger(), nullable=True),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("remaining", sa.BigInteger(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("transaction_date", sa.Date(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("extends_by", sa.Text(), nullable=True),
        sa.Column("extended", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("open = (remaining > 0)", name=op.f("ck_lot_open")),
        sa.CheckConstraint("points > 0", name=op.f("ck_lot_points")),
        sa.CheckConstraint("remaining between 0 and points", name=op.f("ck_lot_remaining")),
        sa.PrimaryKeyConstraint("member_id", "transaction_id", "position", name=op.f("pk_lot")),
        postgresql_with={"fillfactor": "80"},
    )
    op.create_index(
        "ix_lot_open",
        "lot",
        ["member_id", "point_type_id", "expires_on"],
        unique=False,
        postgresql_where=sa.text("open"),
    )
    op.create_table(
        "lot_extension",
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lot_transaction_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lot_position", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint(
            "member_id", "lot_transaction_id", "lot_position", "expires_on", name=op.f("pk_lot_extension")
        ),
    )
    op.create_table(
        "lot_use",
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("lot_transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("lot_position", sa.SmallInteger(), nullable=False),
        sa.Column("point_type_id", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("reverses_transaction_id", sa.BigInteger(), nullable=True),
        sa.Column("reverses_position", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("(points > 0) = (reverses_transaction_id is null)", name=op.f("ck_lot_use_restores")),
        sa.CheckConstraint("points <> 0", name=op.f("ck_lot_use_points")),
        sa.PrimaryKeyConstraint("member_id", "transaction_id", "position", name=op.f("pk_lot_use")),
    )
    op.create_index("ix_lot_use_lot", "lot_use", ["member_id", "lot_transaction_id", "lot_position"], unique=False)
    op.create_table(
        "member_change",
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("fields", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column(
            "from_status",
            _choice("from_status", "PENDING ACTIVE SUSPENDED DORMANT INACTIVE CANCELLED MERGED"),
            nullable=True,
        ),
        sa.Column(
            "to_status",
            _choice("to_status", "PENDING ACTIVE SUSPENDED DORMANT INACTIVE CANCELLED MERGED"),
            nullable=True,
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("member_id", "version", name=op.f("pk_member_change")),
    )
    op.create_table(
        "partner",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner")),
        sa.UniqueConstraint("code", name=op.f("uq_partner_code")),
    )
    op.create_table(
        "program",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", _choice("status", "DRAFT ACTIVE INACTIVE"), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("settings", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("base_rules", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("attributes", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_program")),
        sa.UniqueConstraint("code", name=op.f("uq_program_code")),
    )
    op.create_table(
        "promotion_usage",
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("promotion_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("span", sa.Text(), nullable=False),
        sa.Column("points", sa.Numeric(precision=24, scale=6), nullable=False),
        sa.CheckConstraint("points >= 0", name=op.f("ck_promotion_usage_points")),
        sa.PrimaryKeyConstraint("member_id", "promotion_id", "span", name=op.f("pk_promotion_usage")),
    )
    op.create_table(
        "queued",
        sa.Column("program_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("transaction_date", sa.Date(), nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint(
            "program_id", "member_id", "transaction_date", "transaction_id", name=op.f("pk_queued")
        ),
    )
    op.create_table(
        "transaction",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("type", _choice("type", "ACCRUAL REDEMPTION"), nullable=False),
        sa.Column(
            "sub_type",
            _choice(
                "sub_type",
                "PRODUCT ACTION_BASED_BONUS GIFT LOAN LOAN_REPAYMENT CANCELLATION MANUAL_CREDIT MANUAL_DEBIT TRANSFER TRANSFER_IN ROLLUP_IN ROLLUP_OUT MERGE_IN MERGE_OUT EXPIRY",
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            _choice(
                "status",
                "IN_PROGRESS SUBMITTED APPROVED ACCEPTABLE QUEUED PARTNER_PENDING PARTNER_APPROVED PARTNER_REJECTED REJECTED_MANAGER REJECTED_ENGINE CANCELLED PROCESSED",
            ),
            nullable=False,
        ),
        sa.Column(
            "sub_status",
            _choice(
                "sub_status",
                "SUCCESS NO_PROMOTIONS_QUALIFIED INSUFFICIENT_POINTS MISSING_MEMBER_DATA INSUFFICIENT_POINT_BLOCKS PROGRAM_INACTIVE MEMBER_INACTIVE PARTNER_INACTIVE INVALID_POINT_TYPE ATTRIBUTE_DEFINITION_INACTIVE PAYMENT_SHORT LIMIT_EXCEEDED LOAN_NOT_ALLOWED VOUCHER_INVALID LATE_REPORT CURRENCY_MISMATCH RULE_ERROR ENGINE_ERROR",
            ),
            nullable=True,
        ),
        sa.Column("transaction_date", sa.Date(), nullable=False),
        sa.Column("processed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("product_id", sa.BigInteger(), nullable=True),
        sa.Column("amount", sa.Numeric(precision=24, scale=6), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("quantity", sa.Numeric(precision=24, scale=6), nullable=True),
        sa.Column("line_items", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("attributes", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("partner_id", sa.BigInteger(), nullable=True),
        sa.Column("base_points", sa.Numeric(precision=24, scale=6), nullable=True),
        sa.Column("point_type_id", sa.BigInteger(), nullable=True),
        sa.Column("qualifying", sa.Boolean(), nullable=True),
        sa.Column("points", sa.BigInteger(), nullable=True),
        sa.Column("submit_to_id", sa.BigInteger(), nullable=True),
        sa.Column("follows_id", sa.BigInteger(), nullable=True),
        sa.Column("external", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("totals", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "points is null or (points > 0 and point_type_id is not null)", name=op.f("ck_transaction_points")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transaction")),
        postgresql_with={"fillfactor": "80"},
    )
    op.create_index(
        "ix_transaction_member_id_transaction_date",
        "transaction",
        ["member_id", "transaction_date", "id"],
        unique=False,
    )
    op.create_index(
        "ix_transaction_partner_id",
        "transaction",
        ["partner_id", "id"],
        unique=False,
        postgresql_where=sa.text("partner_id is not null"),
    )
    op.create_index(
        "ix_transaction_submit_to_id",
        "transaction",
        ["submit_to_id", "id"],
        unique=False,
        postgresql_where=sa.text("submit_to_id is not null"),
    )
    op.create_table(
        "member",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", _choice("kind", "INDIVIDUAL HOUSEHOLD ACCOUNT"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("address", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("consents", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("referrer_id", sa.BigInteger(), nullable=True),
        sa.Column("attributes", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("counters", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column(
            "status", _choice("status", "PENDING ACTIVE SUSPENDED DORMANT INACTIVE CANCELLED MERGED"), nullable=False
        ),
        sa.Column("enrolled_on", sa.Date(), nullable=False),
        sa.Column("enrolled_by_id", sa.BigInteger(), nullable=True),
        sa.Column("enrolled_by_partner_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name=op.f("fk_member_program_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member")),
        postgresql_with={"fillfactor": "85"},
    )
    op.create_index("ix_member_email", "member", ["program_id", sa.literal_column("lower(email)")], unique=False)
    op.create_index(
        "ix_member_name_words",
        "member",
        [sa.literal_column("to_tsvector('simple'::regconfig, name)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_index(
        "ix_member_number_prefix",
        "member",
        ["program_id", "number"],
        unique=False,
        postgresql_ops={"number": "text_pattern_ops"},
    )
    op.create_index("ix_member_phone", "member", ["program_id", "phone"], unique=False)
    op.create_index(
        op.f("ix_member_program_id_enrolled_on_id"), "member", ["program_id", "enrolled_on", "id"], unique=False
    )
    op.create_index("ix_member_program_id_name", "member", ["program_id", "name", "id"], unique=False)
    op.create_index("uq_member_program_id_number", "member", ["program_id", "number"], unique=True)
    op.create_table(
        "partner_terms",
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("partner_id", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("report_within_days", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_partner_terms_partner_id")),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name=op.f("fk_partner_terms_program_id")),
        sa.PrimaryKeyConstraint("program_id", "partner_id", name=op.f("pk_partner_terms")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=True),
        sa.Column("partner_id", sa.BigInteger(), nullable=True),
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        sa.Column("manager_id", sa.BigInteger(), nullable=True),
        sa.Column("tier_approver", sa.Boolean(), nullable=False),
        sa.Column("transaction_approval_limit", sa.Numeric(precision=24, scale=6), nullable=False),
        sa.Column("loan_approval_limit", sa.Numeric(precision=24, scale=6), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["manager_id"], ["person.id"], name=op.f("fk_person_manager_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_person_partner_id")),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name=op.f("fk_person_program_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("subject", name=op.f("uq_person_subject")),
    )
    op.create_index(op.f("ix_person_manager_id"), "person", ["manager_id"], unique=False)
    op.create_index(op.f("ix_person_member_id"), "person", ["member_id"], unique=False)
    op.create_table(
        "point_type",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("decimals", sa.SmallInteger(), nullable=False),
        sa.Column("qualifying", sa.Boolean(), nullable=False),
        sa.Column("weight_qualifying", sa.Numeric(precision=24, scale=6), nullable=False),
        sa.Column("weight_non_qualifying", sa.Numeric(precision=24, scale=6), nullable=False),
        sa.Column("expiry", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.CheckConstraint("decimals between 0 and 4", name=op.f("ck_point_type_decimals")),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name=op.f("fk_point_type_program_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_point_type")),
        sa.UniqueConstraint("program_id", "code", name=op.f("uq_point_type_program_id_code")),
    )
    op.create_index(
        "uq_point_type_default", "point_type", ["program_id"], unique=True, postgresql_where=sa.text("is_default")
    )
    op.create_table(
        "product",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("attributes", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name=op.f("fk_product_program_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
        sa.UniqueConstraint("program_id", "code", name=op.f("uq_product_program_id_code")),
    )
    op.create_table(
        "promotion",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("definition", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_promotion_dates")),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name=op.f("fk_promotion_program_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promotion")),
        sa.UniqueConstraint("program_id", "code", name=op.f("uq_promotion_program_id_code")),
    )
    op.create_table(
        "tier_class",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("model", _choice("model", "ANNIVERSARY FIXED_DATE ROLLING"), nullable=False),
        sa.Column("period_months", sa.SmallInteger(), nullable=False),
        sa.Column("starts_month", sa.SmallInteger(), nullable=False),
        sa.Column("starts_day", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("period_months > 0", name=op.f("ck_tier_class_period_months")),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name=op.f("fk_tier_class_program_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tier_class")),
        sa.UniqueConstraint("program_id", "code", name=op.f("uq_tier_class_program_id_code")),
    )
    op.create_table(
        "member_identifier",
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_member_identifier_member_id")),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name=op.f("fk_member_identifier_program_id")),
        sa.PrimaryKeyConstraint("program_id", "kind", "value", name=op.f("pk_member_identifier")),
    )
    op.create_index(op.f("ix_member_identifier_member_id"), "member_identifier", ["member_id"], unique=False)
    op.create_index(
        op.f("ix_member_identifier_program_id_value"), "member_identifier", ["program_id", "value"], unique=False
    )
    op.create_table(
        "product_price",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("partner_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", _choice("kind", "ACCRUAL REDEMPTION"), nullable=False),
        sa.Column("point_type_id", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.Numeric(precision=24, scale=6), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_product_price_dates")),
        sa.CheckConstraint("points >= 0", name=op.f("ck_product_price_points")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("fk_product_price_partner_id")),
        sa.ForeignKeyConstraint(["point_type_id"], ["point_type.id"], name=op.f("fk_product_price_point_type_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_product_price_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_price")),
    )
    op.create_index(
        op.f("ix_product_price_product_id_kind_partner_id_starts_on"),
        "product_price",
        ["product_id", "kind", "partner_id", "starts_on"],
        unique=False,
    )
    op.create_table(
        "program_version",
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("definition", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_program_version_created_by_id")),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name=op.f("fk_program_version_program_id")),
        sa.PrimaryKeyConstraint("program_id", "version", name=op.f("pk_program_version")),
    )
    op.create_table(
        "promotion_enrollment",
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("promotion_id", sa.BigInteger(), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_promotion_enrollment_created_by_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_promotion_enrollment_member_id")),
        sa.ForeignKeyConstraint(["promotion_id"], ["promotion.id"], name=op.f("fk_promotion_enrollment_promotion_id")),
        sa.PrimaryKeyConstraint("member_id", "promotion_id", name=op.f("pk_promotion_enrollment")),
    )
    op.create_table(
        "promotion_total",
        sa.Column("promotion_id", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.Numeric(precision=24, scale=6), nullable=False),
        sa.CheckConstraint("points >= 0", name=op.f("ck_promotion_total_points")),
        sa.ForeignKeyConstraint(["promotion_id"], ["promotion.id"], name=op.f("fk_promotion_total_promotion_id")),
        sa.PrimaryKeyConstraint("promotion_id", name=op.f("pk_promotion_total")),
    )
    op.create_table(
        "promotion_version",
        sa.Column("promotion_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("definition", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name=op.f("fk_promotion_version_created_by_id")),
        sa.ForeignKeyConstraint(["promotion_id"], ["promotion.id"], name=op.f("fk_promotion_version_promotion_id")),
        sa.PrimaryKeyConstraint("promotion_id", "version", name=op.f("pk_promotion_version")),
    )
    op.create_table(
        "tier",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("tier_class", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("thresholds", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("any_threshold", sa.Boolean(), nullable=False),
        sa.Column("downgrade_to", sa.Text(), nullable=True),
        sa.Column("minimum_months", sa.SmallInteger(), nullable=False),
        sa.Column("suspends_expiry", sa.Boolean(), nullable=False),
        sa.Column("expiry", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint("minimum_months > 0", name=op.f("ck_tier_minimum_months")),
        sa.CheckConstraint("not (is_default and suspends_expiry)", name=op.f("ck_tier_default")),
        sa.ForeignKeyConstraint(
            ["program_id", "downgrade_to"],
            ["tier.program_id", "tier.code"],
            name=op.f("fk_tier_program_id_downgrade_to"),
        ),
        sa.ForeignKeyConstraint(
            ["program_id", "tier_class"],
            ["tier_class.program_id", "tier_class.code"],
            name=op.f("fk_tier_program_id_tier_class"),
        ),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name=op.f("fk_tier_program_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tier")),
        sa.UniqueConstraint("program_id", "code", name=op.f("uq_tier_program_id_code")),
        sa.UniqueConstraint(
            "program_id", "tier_class", "sequence", name=op.f("uq_tier_program_id_tier_class_sequence")
        ),
    )
    op.create_index(
        "uq_tier_default", "tier", ["program_id", "tier_class"], unique=True, postgresql_where=sa.text("is_default")
    )
    op.create_table(
        "member_tier",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("tier_class", sa.Text(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("reason", _choice("reason", "THRESHOLD PROMOTION REQUEST RENEWAL DOWNGRADE"), nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), nullable=True),
        sa.Column("promotion_id", sa.BigInteger(), nullable=True),
        sa.Column("tier_request_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on - 1", name=op.f("ck_member_tier_dates")),
        sa.CheckConstraint("open or ends_on is not null", name=op.f("ck_member_tier_closed")),
        sa.ForeignKeyConstraint(
            ["program_id", "tier"], ["tier.program_id", "tier.code"], name=op.f("fk_member_tier_program_id_tier")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_tier")),
    )
    op.create_index(
        "ix_member_tier_due",
        "member_tier",
        ["program_id", "ends_on", "member_id"],
        unique=False,
        postgresql_where=sa.text("open"),
    )
    op.create_index("ix_member_tier_member", "member_tier", ["member_id", "starts_on", "id"], unique=False)
    op.create_index(
        "uq_member_tier_open", "member_tier", ["member_id", "tier_class"], unique=True, postgresql_where=sa.text("open")
    )
    op.create_table(
        "tier_request",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("program_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("tier_class", sa.Text(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("status", _choice("status", "SUBMITTED APPROVED REJECTED"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("requested_by_id", sa.BigInteger(), nullable=True),
        sa.Column("submit_to_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_tier_request_member_id")),
        sa.ForeignKeyConstraint(
            ["program_id", "tier"], ["tier.program_id", "tier.code"], name=op.f("fk_tier_request_program_id_tier")
        ),
        sa.ForeignKeyConstraint(["program_id"], ["program.id"], name=op.f("fk_tier_request_program_id")),
        sa.ForeignKeyConstraint(["requested_by_id"], ["person.id"], name=op.f("fk_tier_request_requested_by_id")),
        sa.ForeignKeyConstraint(["submit_to_id"], ["person.id"], name=op.f("fk_tier_request_submit_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tier_request")),
    )
    op.create_index(op.f("ix_tier_request_member_id"), "tier_request", ["member_id"], unique=False)
    op.create_index(op.f("ix_tier_request_submit_to_id"), "tier_request", ["submit_to_id"], unique=False)
    op.create_index(
        "uq_tier_request_open",
        "tier_request",
        ["member_id", "tier_class"],
        unique=True,
        postgresql_where=sa.text("status = 'SUBMITTED'"),
    )
    op.create_table(
        "tier_request_move",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("tier_request_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("from_status", _choice("from_status", "SUBMITTED APPROVED REJECTED"), nullable=True),
        sa.Column("to_status", _choice("to_status", "SUBMITTED APPROVED REJECTED"), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_tier_request_move_person_id")),
        sa.ForeignKeyConstraint(
            ["tier_request_id"], ["tier_request.id"], name=op.f("fk_tier_request_move_tier_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tier_request_move")),
    )
    op.create_index(
        op.f("ix_tier_request_move_tier_request_id"), "tier_request_move", ["tier_request_id"], unique=False
    )
    op.execute(triggers.REFUSE)
    for table in (
        "approval",
        "decision",
        "lot_extension",
        "lot_use",
        "member_change",
        "program_version",
        "promotion_enrollment",
        "promotion_version",
        "tier_request_move",
    ):
        for statement in triggers.append_only(table):
            op.execute(statement)
    for statement in triggers.only_changing(
        "lot",
        ("remaining", "open", "extended"),
        (
            "member_id",
            "transaction_id",
            "position",
            "program_id",
            "point_type_id",
            "qualifying",
            "origin",
            "promotion_id",
            "points",
            "transaction_date",
            "effective_on",
            "expires_on",
            "extends_by",
            "created_at",
        ),
    ):
        op.execute(statement)
    for statement in triggers.only_changing(
        "member_tier",
        ("ends_on", "open"),
        (
            "id",
            "program_id",
            "member_id",
            "tier_class",
            "tier",
            "starts_on",
            "reason",
            "transaction_id",
            "promotion_id",
            "tier_request_id",
            "created_at",
        ),
    ):
        op.execute(statement)


def downgrade() -> None:  # noqa: PLR0915
    """Take it away again."""
    op.drop_index(op.f("ix_tier_request_move_tier_request_id"), table_name="tier_request_move")
    op.drop_table("tier_request_move")
    op.drop_index("uq_tier_request_open", table_name="tier_request", postgresql_where=sa.text("status = 'SUBMITTED'"))
    op.drop_index(op.f("ix_tier_request_submit_to_id"), table_name="tier_request")
    op.drop_index(op.f("ix_tier_request_member_id"), table_name="tier_request")
    op.drop_table("tier_request")
    op.drop_index("uq_member_tier_open", table_name="member_tier", postgresql_where=sa.text("open"))
    op.drop_index("ix_member_tier_member", table_name="member_tier")
    op.drop_index("ix_member_tier_due", table_name="member_tier", postgresql_where=sa.text("open"))
    op.drop_table("member_tier")
    op.drop_index("uq_tier_default", table_name="tier", postgresql_where=sa.text("is_default"))
    op.drop_table("tier")
    op.drop_table("promotion_version")
    op.drop_table("promotion_total")
    op.drop_table("promotion_enrollment")
    op.drop_table("program_version")
    op.drop_index(op.f("ix_product_price_product_id_kind_partner_id_starts_on"), table_name="product_price")
    op.drop_table("product_price")
    op.drop_index(op.f("ix_member_identifier_program_id_value"), table_name="member_identifier")
    op.drop_index(op.f("ix_member_identifier_member_id"), table_name="member_identifier")
    op.drop_table("member_identifier")
    op.drop_table("tier_class")
    op.drop_table("promotion")
    op.drop_table("product")
    op.drop_index("uq_point_type_default", table_name="point_type", postgresql_where=sa.text("is_default"))
    op.drop_table("point_type")
    op.drop_index(op.f("ix_person_member_id"), table_name="person")
    op.drop_index(op.f("ix_person_manager_id"), table_name="person")
    op.drop_table("person")
    op.drop_table("partner_terms")
    op.drop_index("uq_member_program_id_number", table_name="member")
    op.drop_index("ix_member_program_id_name", table_name="member")
    op.drop_index(op.f("ix_member_program_id_enrolled_on_id"), table_name="member")
    op.drop_index("ix_member_phone", table_name="member")
    op.drop_index("ix_member_number_prefix", table_name="member", postgresql_ops={"number": "text_pattern_ops"})
    op.drop_index("ix_member_name_words", table_name="member", postgresql_using="gin")
    op.drop_index("ix_member_email", table_name="member")
    op.drop_table("member")
    op.drop_index(
        "ix_transaction_submit_to_id", table_name="transaction", postgresql_where=sa.text("submit_to_id is not null")
    )
    op.drop_index(
        "ix_transaction_partner_id", table_name="transaction", postgresql_where=sa.text("partner_id is not null")
    )
    op.drop_index("ix_transaction_member_id_transaction_date", table_name="transaction")
    op.drop_table("transaction")
    op.drop_table("queued")
    op.drop_table("promotion_usage")
    op.drop_table("program")
    op.drop_table("partner")
    op.drop_table("member_change")
    op.drop_index("ix_lot_use_lot", table_name="lot_use")
    op.drop_table("lot_use")
    op.drop_table("lot_extension")
    op.drop_index("ix_lot_open", table_name="lot", postgresql_where=sa.text("open"))
    op.drop_table("lot")
    op.drop_table("job")
    op.drop_table("idempotency_key")
    op.drop_index("uq_external_id", table_name="external_id", postgresql_nulls_not_distinct=True)
    op.drop_table("external_id")
    op.drop_table("decision")
    op.drop_index("ix_balance_changes_on", table_name="balance", postgresql_where=sa.text("changes_on is not null"))
    op.drop_table("balance")
    op.drop_index(op.f("ix_approval_transaction_id"), table_name="approval")
    op.drop_table("approval")
    op.execute("DROP SEQUENCE transaction_id_seq")
    op.execute(triggers.DROP_REFUSE)


def _choice(name: str, values: str) -> sa.Enum:
    return sa.Enum(*values.split(), name=name, native_enum=False, create_constraint=True, length=40)
