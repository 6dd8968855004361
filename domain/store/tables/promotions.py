"""Promotions and every version of them, who joined them, and what the limited ones have paid."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Date, Integer, Table, Text, UniqueConstraint

from domain.store.tables.base import created, document, exact, key, metadata, reference, words

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
