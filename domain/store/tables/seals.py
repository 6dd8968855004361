"""Seals: what was in the append-only tables up to a moment, as a chain of hashes that nobody can make again by accident.

A row changed, removed or added behind the triggers' back no longer fits its seal; a seal made anew no longer fits the chain.
"""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Table

from domain.store.tables.base import metadata, moment, number, words
from domain.store.tables.blocks import billing_entry, block_debit, partner_transaction
from domain.store.tables.ledger import decision, lot, lot_extension, lot_reversal, lot_use
from domain.store.tables.members import member_change
from domain.store.tables.transactions import approval
from domain.store.tables.vouchers import voucher_move

seal = Table(
    "seal",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    moment("from_at"),
    moment("through_at"),
    Column("previous", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    moment("sealed_at"),
)

seal_part = Table(
    "seal_part",
    metadata,
    Column("number", number("number").type, primary_key=True, autoincrement=False),
    Column("table_name", words("table_name").type, primary_key=True),
    Column("rows", BigInteger, nullable=False),
    Column("digests", LargeBinary, nullable=False),
)

# What was written in a span of time lies together: an index of a few pages finds it, and costs those who write nothing.
for _table in (
    lot, lot_use, lot_extension, lot_reversal, decision, approval, member_change, voucher_move, partner_transaction,
    block_debit, billing_entry,
):  # fmt: skip
    Index(
        f"ix_{_table.name}_created_at",
        _table.c.created_at,
        postgresql_using="brin",
        postgresql_with={"autosummarize": "on"},
    )
