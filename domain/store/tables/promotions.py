"""Promotions and every version of them, who joined them, what the limited ones have paid, and what counts were worth."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Date, Integer, Table, Text, UniqueConstraint

from domain.store.tables.base import created, document, exact, key, metadata, moment, number, reference, units, words

promotion = Table(
    "promotion",
    metadata,
    key(),
    reference("program_id", "program"),
    words("code"),
    words("name"),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date),
    Column("active", Boolean, nullable=False),
    document("definition"),
    Column("version", Integer, nullable=False),
    created(),
    UniqueConstraint("program_id", "code"),
    CheckConstraint("ends_on >= starts_on", name="dates"),
)

promotion_version = Table(
    "promotion_version",
    metadata,
    reference("promotion_id", "promotion", primary=True),
    Column("version", Integer, primary_key=True),
    document("definition"),
    reference("created_by_id", "person", optional=True),
    created(),
)

promotion_enrollment = Table(
    "promotion_enrollment",
    metadata,
    reference("member_id", "member", primary=True),
    reference("promotion_id", "promotion", primary=True),
    reference("created_by_id", "person", optional=True),
    created(),
)

promotion_usage = Table(
    "promotion_usage",
    metadata,
    Column("member_id", BigInteger, primary_key=True, autoincrement=False),
    Column("promotion_id", BigInteger, primary_key=True, autoincrement=False),
    Column("span", Text, primary_key=True),
    exact("points"),
    CheckConstraint("points >= 0", name="points"),
)

promotion_total = Table(
    "promotion_total",
    metadata,
    reference("promotion_id", "promotion", primary=True),
    exact("points"),
    CheckConstraint("points >= 0", name="points"),
)

promotion_payout = Table(
    "promotion_payout",
    metadata,
    reference("promotion_id", "promotion", primary=True),
    Column("final_on", Date, primary_key=True),
    reference("member_id", "member", primary=True),
    Column("version", Integer, nullable=False),
    exact("counted"),
    Column("step", Integer),
    reference("point_type_id", "point_type"),
    units("points"),
    number("transaction_id", optional=True),
    moment("created_at"),
    UniqueConstraint("transaction_id"),
    CheckConstraint(
        "(step is null) = (transaction_id is null) and (step is null) = (points = 0) and points >= 0", name="given"
    ),
)

promotion_settlement = Table(
    "promotion_settlement",
    metadata,
    reference("promotion_id", "promotion", primary=True),
    Column("final_on", Date, primary_key=True),
    Column("version", Integer, nullable=False),
    moment("created_at"),
)
