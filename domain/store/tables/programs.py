"""Programs, their versions, point types, products and prices."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from domain.programs import PriceKind, ProgramStatus
from domain.store.tables.base import choice, created, document, exact, key, metadata, reference, words

program = Table(
    "program",
    metadata,
    key(),
    words("code"),
    words("name"),
    choice("status", ProgramStatus),
    words("time_zone"),
    words("currency"),
    document("settings"),
    document("base_rules"),
    document("attributes"),
    Column("reversals", JSONB(none_as_null=True), nullable=False, server_default=text("'{}'")),
    Column("version", Integer, nullable=False),
    # What its webhook endpoints want to hear of, all together: read with the version, so that nobody listening costs nothing.
    Column("listening", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    created(),
    UniqueConstraint("code"),
)

program_version = Table(
    "program_version",
    metadata,
    reference("program_id", "program", primary=True),
    Column("version", Integer, primary_key=True),
    document("definition"),
    reference("created_by_id", "person", optional=True),
    created(),
)

point_type = Table(
    "point_type",
    metadata,
    key(),
    reference("program_id", "program"),
    words("code"),
    words("name"),
    Column("decimals", SmallInteger, nullable=False),
    Column("qualifying", Boolean, nullable=False),
    exact("weight_qualifying"),
    exact("weight_non_qualifying"),
    document("expiry", optional=True),
    Column("is_default", Boolean, nullable=False),
    UniqueConstraint("program_id", "code"),
    CheckConstraint("decimals between 0 and 4", name="decimals"),
    Index("uq_point_type_default", "program_id", unique=True, postgresql_where=text("is_default")),
)

product = Table(
    "product",
    metadata,
    key(),
    reference("program_id", "program"),
    words("code"),
    words("name"),
    Column("active", Boolean, nullable=False),
    document("attributes"),
    document("voucher", optional=True),
    Column("version", Integer, nullable=False),
    created(),
    UniqueConstraint("program_id", "code"),
)

product_price = Table(
    "product_price",
    metadata,
    key(),
    reference("product_id", "product"),
    reference("partner_id", "partner", optional=True),
    choice("kind", PriceKind),
    reference("point_type_id", "point_type"),
    exact("points"),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date),
    created(),
    CheckConstraint("points >= 0", name="points"),
    CheckConstraint("ends_on >= starts_on", name="dates"),
    Index(None, "product_id", "kind", "partner_id", "starts_on"),
)
