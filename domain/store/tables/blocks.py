"""Point blocks, what moved their points, which lots they paid for, and what is owed or was settled for a period.

`point_block.remaining` is a cache kept in the same commit: the sum of the block's partner transactions. Everything else
here is written once.
"""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    UniqueConstraint,
    text,
)

from domain.blocks import BlockKind, BlockMove, BlockStatus
from domain.partner_transactions import DIRECTIONS, Direction, PartnerTransactionKind
from domain.store.tables.base import (
    block_points,
    choice,
    created,
    document,
    exact,
    key,
    metadata,
    moment,
    number,
    reference,
    words,
)

point_block = Table(
    "point_block",
    metadata,
    key(),
    reference("program_id", "program"),
    reference("partner_id", "partner", optional=True),
    choice("kind", BlockKind),
    choice("status", BlockStatus),
    block_points("original"),
    block_points("remaining"),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date),
    exact("price"),
    words("currency"),
    exact("cost"),
    reference("promotion_id", "promotion", optional=True),
    reference("parent_id", "point_block", optional=True),
    reference("submit_to_id", "person", optional=True),
    reference("requested_by_id", "person", optional=True),
    words("comment", optional=True),
    Column("version", Integer, nullable=False),
    created(),
    moment("approved_at", optional=True),
    moment("closed_at", optional=True),
    CheckConstraint("case kind when 'OVERDRAFT' then original = 0 else original > 0 end", name="original"),
    CheckConstraint("case kind when 'OVERDRAFT' then remaining <= 0 else remaining >= 0 end", name="remaining"),
    CheckConstraint("status = 'APPROVED' or remaining = 0", name="unapproved"),
    CheckConstraint("ends_on >= starts_on", name="dates"),
    CheckConstraint("price >= 0 and cost >= 0", name="price"),
    CheckConstraint("kind <> 'PROMOTION' or promotion_id is not null", name="promotion"),
    CheckConstraint("(status = 'SUBMITTED') = (submit_to_id is not null)", name="submit_to"),
    CheckConstraint("status not in ('APPROVED', 'CLOSED') or approved_at is not null", name="approved"),
    CheckConstraint("(status = 'CLOSED') = (closed_at is not null)", name="closed"),
    Index("ix_point_block_owner", "program_id", "partner_id", "id"),
    Index("ix_point_block_stock", "program_id", "partner_id", postgresql_where=text("status = 'APPROVED'")),
    Index("ix_point_block_waiting", "submit_to_id", "id", postgresql_where=text("status = 'SUBMITTED'")),
    Index("ix_point_block_promotion_id", "promotion_id", postgresql_where=text("promotion_id is not null")),
    Index("ix_point_block_parent_id", "parent_id", postgresql_where=text("parent_id is not null")),
    Index(
        "uq_point_block_overdraft",
        "program_id",
        "partner_id",
        unique=True,
        postgresql_where=text("kind = 'OVERDRAFT'"),
        postgresql_nulls_not_distinct=True,
    ),
    postgresql_with={"fillfactor": "50"},
)

point_block_move = Table(
    "point_block_move",
    metadata,
    key(),
    reference("point_block_id", "point_block"),
    reference("person_id", "person", optional=True),
    choice("move", BlockMove),
    choice("from_status", BlockStatus, optional=True),
    choice("to_status", BlockStatus),
    reference("submit_to_id", "person", optional=True),
    words("comment", optional=True),
    created(),
    Index(None, "point_block_id"),
)

_ONE_WAY = " and ".join(
    f"(kind <> '{kind.value}' or direction = '{ways[0].value}')" for kind, ways in DIRECTIONS.items() if len(ways) == 1
)

partner_transaction = Table(
    "partner_transaction",
    metadata,
    key(),
    reference("program_id", "program"),
    reference("partner_id", "partner", optional=True),
    choice("kind", PartnerTransactionKind),
    choice("direction", Direction),
    Column("posted_on", Date, nullable=False),
    created(),
    reference("created_by_id", "person", optional=True),
    block_points("points", optional=True),
    exact("amount", optional=True),
    words("currency", optional=True),
    reference("block_id", "point_block", optional=True),
    exact("price", optional=True),
    words("description", optional=True),
    words("reason_code", optional=True),
    reference("promotion_id", "promotion", optional=True),
    number("member_transaction_id", optional=True),
    number("member_id", optional=True),
    reference("refunds_id", "partner_transaction", optional=True),
    CheckConstraint(_ONE_WAY, name="one_way"),
    CheckConstraint("(points is null) <> (amount is null) and points > 0 and amount > 0", name="points_or_amount"),
    CheckConstraint("(points is null) = (block_id is null)", name="block"),
    CheckConstraint("(amount is null) = (currency is null)", name="currency"),
    CheckConstraint("amount is null or kind in ('FEE', 'REFUND')", name="money"),
    CheckConstraint("(kind = 'REFUND') = (refunds_id is not null)", name="refunds"),
    CheckConstraint("kind <> 'REFUND' or reason_code is not null", name="reason"),
    Index("ix_partner_transaction_owner", "program_id", "partner_id", "posted_on", "id"),
    Index(None, "block_id"),
    Index("ix_partner_transaction_promotion_id", "promotion_id", postgresql_where=text("promotion_id is not null")),
    Index("ix_partner_transaction_member_id", "member_id", postgresql_where=text("member_id is not null")),
    Index(
        "uq_partner_transaction_refunds_id", "refunds_id", unique=True, postgresql_where=text("refunds_id is not null")
    ),
)

block_debit = Table(
    "block_debit",
    metadata,
    key(),
    number("partner_transaction_id"),
    number("program_id"),
    number("member_id"),
    number("transaction_id"),
    number("lot_transaction_id"),
    Column("lot_position", SmallInteger, nullable=False),
    number("block_id"),
    block_points("points"),
    exact("price"),
    number("promotion_id", optional=True),
    number("reverses_id", optional=True),
    created(),
    CheckConstraint("points <> 0 and (points > 0) = (reverses_id is null)", name="points"),
    Index("ix_block_debit_lot", "member_id", "lot_transaction_id", "lot_position"),
    Index(None, "partner_transaction_id"),
    Index("ix_block_debit_transaction_id", "transaction_id"),
    Index("ix_block_debit_reverses_id", "reverses_id", postgresql_where=text("reverses_id is not null")),
)

billing_entry = Table(
    "billing_entry",
    metadata,
    key(),
    number("program_id"),
    number("partner_id"),
    number("member_id"),
    number("transaction_id"),
    number("lot_transaction_id"),
    Column("lot_position", SmallInteger, nullable=False),
    number("point_type_id"),
    number("promotion_id", optional=True),
    Column("transaction_date", Date, nullable=False),
    exact("points"),
    exact("price"),
    words("currency"),
    exact("percentage"),
    exact("amount"),
    number("reverses_id", optional=True),
    Column("posted_on", Date, nullable=False),
    created(),
    CheckConstraint("points <> 0 and (points > 0) = (reverses_id is null)", name="points"),
    Index("ix_billing_entry_partner_id", "program_id", "partner_id", "posted_on"),
    Index("ix_billing_entry_lot", "member_id", "lot_transaction_id", "lot_position"),
    Index("ix_billing_entry_reverses_id", "reverses_id", postgresql_where=text("reverses_id is not null")),
)

partner_statement = Table(
    "partner_statement",
    metadata,
    key(),
    reference("program_id", "program"),
    reference("partner_id", "partner", optional=True),
    Column("number", Integer, nullable=False),
    Column("from_on", Date, nullable=False),
    Column("through_on", Date, nullable=False),
    block_points("opening"),
    block_points("closing"),
    document("document"),
    Column("hash", LargeBinary, nullable=False),
    moment("closed_at"),
    reference("closed_by_id", "person", optional=True),
    UniqueConstraint(
        "program_id", "partner_id", "number", name="uq_partner_statement_number", postgresql_nulls_not_distinct=True
    ),
    UniqueConstraint(
        "program_id", "partner_id", "from_on", name="uq_partner_statement_from_on", postgresql_nulls_not_distinct=True
    ),
    CheckConstraint("through_on >= from_on and number > 0", name="dates"),
)
