"""API keys: hashes of secrets, and what each may."""

from sqlalchemy import CheckConstraint, Column, Index, Table, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY

from domain.store.tables.base import created, key, metadata, moment, reference, words

api_key = Table(
    "api_key",
    metadata,
    key(),
    reference("person_id", "person"),
    reference("program_id", "program", optional=True),
    words("name"),
    Column("roles", ARRAY(Text), nullable=False),
    words("secret_hash"),
    words("old_secret_hash", optional=True),
    moment("old_secret_until", optional=True),
    words("hint"),
    moment("expires_at"),
    moment("revoked_at", optional=True),
    moment("last_used_at", optional=True),
    reference("created_by_id", "person", optional=True),
    created(),
    UniqueConstraint("secret_hash"),
    UniqueConstraint("old_secret_hash"),
    CheckConstraint("(old_secret_hash is null) = (old_secret_until is null)", name="old_secret"),
    Index(None, "person_id"),
)
