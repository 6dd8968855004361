"""Promotions and every version of them."""

from sqlalchemy import Boolean, CheckConstraint, Column, Date, Integer, Table, UniqueConstraint

from domain.store.tables.base import created, document, key, metadata, reference, words

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
