"""The ledger: lots, lot uses, reversals, extensions, decisions, and the balances that are sums of them.

Lots and uses are the only truth about points. `lot.remaining`, `lot.open`, `lot.reversed` and `balance` are caches kept in the
same commit. A reversal says how much of a lot a cancellation has taken back: tier progress and what was earned fall by it.
"""

from sqlalchemy import Boolean, CheckConstraint, Column, Date, Index, Integer, LargeBinary, SmallInteger, Table, text

from domain.lots import LotOrigin
from domain.store.tables.base import choice, created, metadata, number, units, words


def part(name: str) -> Column[int]:
    """A part of a ledger row's key."""
    return Column(name, number(name).type, primary_key=True, autoincrement=False)


lot = Table(
    "lot",
    metadata,
    part("member_id"),
    part("transaction_id"),
    Column("position", SmallInteger, primary_key=True, autoincrement=False),
    number("program_id"),
    number("point_type_id"),
    Column("qualifying", Boolean, nullable=False),
    choice("origin", LotOrigin),
    number("promotion_id", optional=True),
    units("points"),
    units("remaining"),
    Column("reversed", units("reversed").type, nullable=False, server_default=text("0")),
    Column("open", Boolean, nullable=False),
    Column("transaction_date", Date, nullable=False),
    Column("effective_on", Date),
    Column("expires_on", Date),
    words("extends_by", optional=True),
    Column("extended", Boolean, nullable=False, server_default=text("false")),
    created(),
    CheckConstraint("points > 0", name="points"),
    CheckConstraint("remaining between 0 and points", name="remaining"),
    CheckConstraint("reversed between 0 and points", name="reversed"),
    CheckConstraint("open = (remaining > 0)", name="open"),
    Index("ix_lot_open", "member_id", "point_type_id", "expires_on", postgresql_where=text("open")),
    postgresql_with={"fillfactor": "80"},
)

lot_extension = Table(
    "lot_extension",
    metadata,
    part("member_id"),
    part("lot_transaction_id"),
    Column("lot_position", SmallInteger, primary_key=True, autoincrement=False),
    Column("expires_on", Date, primary_key=True),
    number("transaction_id", optional=True),
    created(),
)

lot_reversal = Table(
    "lot_reversal",
    metadata,
    part("member_id"),
    part("transaction_id"),
    Column("lot_position", SmallInteger, primary_key=True, autoincrement=False),
    number("lot_transaction_id"),
    number("point_type_id"),
    units("points"),
    units("lapsed"),
    created(),
    CheckConstraint("points > 0", name="points"),
    CheckConstraint("lapsed between 0 and points", name="lapsed"),
    Index("ix_lot_reversal_lot", "member_id", "lot_transaction_id", "lot_position"),
)

lot_use = Table(
    "lot_use",
    metadata,
    part("member_id"),
    part("transaction_id"),
    Column("position", Integer, primary_key=True, autoincrement=False),
    number("lot_transaction_id"),
    Column("lot_position", SmallInteger, nullable=False),
    number("point_type_id"),
    units("points"),
    number("reverses_transaction_id", optional=True),
    Column("reverses_position", Integer),
    created(),
    CheckConstraint("(points > 0) = (reverses_transaction_id is null)", name="restores"),
    CheckConstraint("points <> 0", name="points"),
    Index("ix_lot_use_lot", "member_id", "lot_transaction_id", "lot_position"),
)

balance = Table(
    "balance",
    metadata,
    part("member_id"),
    part("point_type_id"),
    units("available"),
    units("held"),
    units("pending"),
    units("earned"),
    units("redeemed"),
    units("expired"),
    units("lifetime_qualifying"),
    units("loan_outstanding"),
    Column("changes_on", Date),
    CheckConstraint("available >= 0", name="available"),
    CheckConstraint("held >= 0 and pending >= 0 and loan_outstanding >= 0", name="parts"),
    Index("ix_balance_changes_on", "changes_on", postgresql_where=text("changes_on is not null")),
    postgresql_with={"fillfactor": "50"},
)

decision = Table(
    "decision",
    metadata,
    part("transaction_id"),
    Column("attempt", Integer, primary_key=True, autoincrement=False),
    number("member_id"),
    Column("program_version", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    created(),
)
