"""Partners, their terms in each program, and what a point costs them."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, ExcludeConstraint

from domain.partners import Billing
from domain.store.tables.base import block_points, choice, created, exact, key, metadata, reference, words

partner = Table(
    "partner",
    metadata,
    key(),
    words("code"),
    words("name"),
    Column("active", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    created(),
    UniqueConstraint("code"),
)

pricing_rule = Table(
    "pricing_rule",
    metadata,
    key(),
    reference("program_id", "program"),
    words("code"),
    words("name"),
    words("currency"),
    Column("active", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    created(),
    UniqueConstraint("program_id", "code"),
)

pricing_range = Table(
    "pricing_range",
    metadata,
    key(),
    reference("pricing_rule_id", "pricing_rule"),
    block_points("from_quantity"),
    block_points("to_quantity", optional=True),
    exact("price"),
    CheckConstraint("from_quantity > 0 and to_quantity >= from_quantity", name="quantities"),
    CheckConstraint("price >= 0", name="price"),
    ExcludeConstraint(
        (text("int8range(pricing_rule_id, pricing_rule_id, '[]')"), "&&"),
        (text("numrange(from_quantity, to_quantity, '[]')"), "&&"),
        name="ex_pricing_range_overlap",
    ),
    Index(None, "pricing_rule_id", "from_quantity"),
)

partner_terms = Table(
    "partner_terms",
    metadata,
    reference("program_id", "program", primary=True),
    reference("partner_id", "partner", primary=True),
    Column("active", Boolean, nullable=False),
    Column("report_within_days", Integer),
    Column("billing", choice("billing", Billing).type, nullable=False, server_default=text("'PREPAID'")),
    reference("pricing_rule_id", "pricing_rule", optional=True),
    block_points("reorder_limit", optional=True),
    block_points("minimum_order", optional=True),
    Column("reorder_automatically", Boolean, nullable=False, server_default=text("false")),
    Column("credit_limit", block_points("credit_limit").type, nullable=False, server_default=text("0")),
    Column("partner_approves", Boolean, nullable=False, server_default=text("false")),
    Column("point_types", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("version", Integer, nullable=False),
    created(),
    CheckConstraint("credit_limit >= 0", name="credit_limit"),
    CheckConstraint("minimum_order > 0 and reorder_limit >= 0", name="reorder"),
    Index(None, "pricing_rule_id"),
    Index("ix_partner_terms_restricted", "program_id", postgresql_where=text("point_types <> '{}'")),
)

terms_conversion = Table(
    "terms_conversion",
    metadata,
    reference("program_id", "program", primary=True),
    reference("partner_id", "partner", primary=True),
    reference("point_type_id", "point_type", primary=True),
    exact("rate"),
    CheckConstraint("rate > 0", name="rate"),
    ForeignKeyConstraint(["program_id", "partner_id"], ["partner_terms.program_id", "partner_terms.partner_id"]),
    Index(None, "point_type_id"),
)

billing_rate = Table(
    "billing_rate",
    metadata,
    key(),
    reference("program_id", "program"),
    reference("partner_id", "partner"),
    reference("point_type_id", "point_type"),
    Column("valid_from", Date, nullable=False),
    Column("valid_through", Date),
    exact("price"),
    words("currency"),
    exact("percentage"),
    CheckConstraint("valid_through >= valid_from", name="dates"),
    CheckConstraint("price >= 0 and percentage >= 0", name="price"),
    ForeignKeyConstraint(["program_id", "partner_id"], ["partner_terms.program_id", "partner_terms.partner_id"]),
    ExcludeConstraint(
        (text("int8range(program_id, program_id, '[]')"), "&&"),
        (text("int8range(partner_id, partner_id, '[]')"), "&&"),
        (text("int8range(point_type_id, point_type_id, '[]')"), "&&"),
        (text("daterange(valid_from, valid_through, '[]')"), "&&"),
        name="ex_billing_rate_overlap",
    ),
    Index(None, "program_id", "partner_id", "point_type_id", "valid_from"),
    Index(None, "point_type_id"),
)
