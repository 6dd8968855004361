"""People: employees, partner users and member log-ins."""

from sqlalchemy import Boolean, Column, Index, Integer, Table, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY

from domain.store.tables.base import created, exact, key, metadata, number, reference, words

person = Table(
    "person",
    metadata,
    key(),
    words("subject"),
    words("name"),
    words("email", optional=True),
    Column("roles", ARRAY(Text), nullable=False),
    reference("program_id", "program", optional=True),
    reference("partner_id", "partner", optional=True),
    number("member_id", optional=True),
    reference("manager_id", "person", optional=True),
    Column("tier_approver", Boolean, nullable=False),
    exact("transaction_approval_limit"),
    exact("loan_approval_limit"),
    Column("active", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    created(),
    UniqueConstraint("subject"),
    Index(None, "manager_id"),
    Index(None, "member_id"),
)
