"""Families: who belonged to which household or account, and how points flowed there. `member` has what is so now."""

from sqlalchemy import CheckConstraint, Column, Date, Index, Table, text

from domain.store.tables.base import created, exact, key, metadata, number, reference

family_membership = Table(
    "family_membership",
    metadata,
    key(),
    reference("program_id", "program"),
    reference("family_id", "member"),
    reference("member_id", "member"),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date),
    Column("rolls_up_from", Date),
    exact("twin_percent", optional=True),
    number("joined_by_id", optional=True),
    number("left_by_id", optional=True),
    created(),
    CheckConstraint("member_id <> family_id", name="others"),
    CheckConstraint("ends_on >= starts_on", name="dates"),
    CheckConstraint("twin_percent > 0 and twin_percent <= 100", name="twin_percent"),
    Index(None, "family_id", "id"),
    Index(None, "member_id", "id"),
    Index("uq_family_membership_open", "member_id", unique=True, postgresql_where=text("ends_on is null")),
)
