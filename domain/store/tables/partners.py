"""Partners and their terms in each program."""

from sqlalchemy import Boolean, Column, Integer, Table, UniqueConstraint

from domain.store.tables.base import created, key, metadata, reference, words

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

partner_terms = Table(
    "partner_terms",
    metadata,
    reference("program_id", "program", primary=True),
    reference("partner_id", "partner", primary=True),
    Column("active", Boolean, nullable=False),
    Column("report_within_days", Integer),
    Column("version", Integer, nullable=False),
    created(),
)
