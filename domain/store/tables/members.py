"""Members, their further identifiers (cards), and what was changed about them, when and by whom."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, Index, Integer, Table, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from domain.members import MemberKind, MemberStatus
from domain.store.tables.base import choice, created, document, exact, key, metadata, moment, number, reference, words

member = Table(
    "member",
    metadata,
    key(),
    reference("program_id", "program"),
    words("number"),
    choice("kind", MemberKind),
    words("name"),
    words("email", optional=True),
    words("phone", optional=True),
    Column("birth_date", Date),
    document("address", optional=True),
    words("language", optional=True),
    document("consents"),
    number("referrer_id", optional=True),
    document("attributes"),
    Column("counters", JSONB, nullable=False, server_default=text("'{}'")),
    choice("status", MemberStatus),
    # Into whom it was merged, through however many merges; and, of who stayed, all who were merged into it.
    number("merged_into_id", optional=True),
    Column("absorbed", ARRAY(BigInteger)),
    # The household or account to which points flow now, since when they roll up, and the percentage of an accrual of its own.
    number("family_id", optional=True),
    Column("rolls_up_from", Date),
    exact("twin_percent", optional=True),
    Column("enrolled_on", Date, nullable=False),
    number("enrolled_by_id", optional=True),
    number("enrolled_by_partner_id", optional=True),
    Column("version", Integer, nullable=False),
    created(),
    moment("erased_at", optional=True),
    CheckConstraint(
        "erased_at is null or (status in ('CANCELLED', 'MERGED') and name = '(erased)' and email is null and phone is null"
        " and birth_date is null and address is null and attributes = '{}')",
        name="erased",
    ),
    Index("uq_member_program_id_number", "program_id", "number", unique=True),
    Index("ix_member_program_id_name", "program_id", "name", "id"),
    Index(None, "program_id", "enrolled_on", "id"),
    Index("ix_member_family_id", "family_id", "id", postgresql_where=text("family_id is not null")),
    CheckConstraint("(status = 'MERGED') = (merged_into_id is not null)", name="merged"),
    Index("ix_member_merged_into_id", "merged_into_id", postgresql_where=text("merged_into_id is not null")),
    postgresql_with={"fillfactor": "60"},
)
Index("ix_member_email", member.c.program_id, func.lower(member.c.email))
Index("ix_member_phone", member.c.program_id, member.c.phone)
Index("ix_member_name_words", func.to_tsvector(text("'simple'::regconfig"), member.c.name), postgresql_using="gin")
Index("ix_member_number_prefix", member.c.program_id, member.c.number, postgresql_ops={"number": "text_pattern_ops"})

member_identifier = Table(
    "member_identifier",
    metadata,
    reference("program_id", "program", primary=True),
    Column("kind", words("kind").type, primary_key=True),
    Column("value", words("value").type, primary_key=True),
    reference("member_id", "member"),
    Index(None, "member_id"),
    Index(None, "program_id", "value"),
)

member_change = Table(
    "member_change",
    metadata,
    Column("member_id", number("member_id").type, primary_key=True, autoincrement=False),
    Column("version", Integer, primary_key=True, autoincrement=False),
    number("person_id", optional=True),
    Column("fields", ARRAY(Text), nullable=False),
    choice("from_status", MemberStatus, optional=True),
    choice("to_status", MemberStatus, optional=True),
    words("reason", optional=True),
    created(),
)
