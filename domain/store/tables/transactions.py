"""Transactions, who approved them, their external ids, and the queue of the batch engine.

The queue is a table of its own so that a transaction's status can change in place; a row leaves it in the commit that processes it.
"""

from sqlalchemy import Boolean, CheckConstraint, Column, Date, Index, Integer, LargeBinary, Sequence, Table, text

from domain.store.tables.base import choice, created, document, exact, key, metadata, moment, number, units, words
from domain.transactions import Status, SubStatus, SubType, Type

ID_BLOCK = 100
transaction_id = Sequence("transaction_id_seq", increment=ID_BLOCK, metadata=metadata)
"""Numbers are handed out in blocks: one round trip for a hundred transactions."""

transaction = Table(
    "transaction",
    metadata,
    Column("id", number("id").type, primary_key=True, autoincrement=False),
    number("program_id"),
    number("member_id"),
    choice("type", Type),
    choice("sub_type", SubType),
    choice("status", Status),
    choice("sub_status", SubStatus, optional=True),
    Column("transaction_date", Date, nullable=False),
    moment("processed_at", optional=True),
    created(),
    number("created_by_id", optional=True),
    number("product_id", optional=True),
    exact("amount", optional=True),
    words("currency", optional=True),
    exact("quantity", optional=True),
    document("line_items", optional=True),
    document("attributes", optional=True),
    number("partner_id", optional=True),
    exact("base_points", optional=True),
    number("point_type_id", optional=True),
    Column("qualifying", Boolean),
    units("points", optional=True),
    number("submit_to_id", optional=True),
    number("follows_id", optional=True),
    # The other member: whom a transfer is for; of what the engine made for both sides, the member at the other end.
    number("other_member_id", optional=True),
    number("cancels_id", optional=True),
    document("refund", optional=True),
    number("loan_id", optional=True),
    number("disputes_id", optional=True),
    Column("external", Boolean, nullable=False),
    words("source", optional=True),
    words("external_id", optional=True),
    words("comment", optional=True),
    number("hold_id", optional=True),
    words("voucher_number", optional=True),
    words("voucher_type", optional=True),
    Column("voucher_quantity", Integer),
    exact("tender_amount", optional=True),
    words("tender_currency", optional=True),
    words("tender_kind", optional=True),
    document("totals", optional=True),
    Column("attempts", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    CheckConstraint("points is null or (points > 0 and point_type_id is not null)", name="points"),
    CheckConstraint("(sub_type = 'CANCELLATION') = (cancels_id is not null)", name="cancels"),
    CheckConstraint("disputes_id is null or (type = 'ACCRUAL' and sub_type = 'PRODUCT')", name="disputes"),
    Index("ix_transaction_member_id_transaction_date", "member_id", "transaction_date", "id"),
    Index("ix_transaction_partner_id", "partner_id", "id", postgresql_where=text("partner_id is not null")),
    Index("ix_transaction_submit_to_id", "submit_to_id", "id", postgresql_where=text("submit_to_id is not null")),
    Index(
        "ix_transaction_other_member_id",
        "other_member_id",
        "id",
        postgresql_where=text("other_member_id is not null"),
    ),
    Index("ix_transaction_cancels_id", "cancels_id", "id", postgresql_where=text("cancels_id is not null")),
    Index("ix_transaction_follows_id", "follows_id", "id", postgresql_where=text("follows_id is not null")),
    Index("ix_transaction_disputes_id", "disputes_id", postgresql_where=text("disputes_id is not null")),
    Index("ix_transaction_loan_id", "loan_id", "id", postgresql_where=text("loan_id is not null")),
    postgresql_with={"fillfactor": "80"},
)

external_id = Table(
    "external_id",
    metadata,
    number("program_id"),
    number("partner_id", optional=True),
    words("source", optional=True),
    words("external_id"),
    number("transaction_id"),
    Column("content_hash", LargeBinary, nullable=False),
    Index(
        "uq_external_id",
        "program_id",
        "external_id",
        "partner_id",
        "source",
        unique=True,
        postgresql_nulls_not_distinct=True,
    ),
)

queued = Table(
    "queued",
    metadata,
    Column("program_id", number("program_id").type, primary_key=True, autoincrement=False),
    Column("member_id", number("member_id").type, primary_key=True, autoincrement=False),
    Column("transaction_date", Date, primary_key=True),
    Column("transaction_id", number("transaction_id").type, primary_key=True, autoincrement=False),
    number("other_member_id", optional=True),
)

approval = Table(
    "approval",
    metadata,
    key(),
    number("transaction_id"),
    number("person_id"),
    words("move"),
    choice("from_status", Status, optional=True),
    choice("to_status", Status),
    number("submit_to_id", optional=True),
    words("comment", optional=True),
    created(),
    Index(None, "transaction_id"),
)
