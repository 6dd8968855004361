"""Holds, and the lots that each of them keeps.

A hold changes only under the lock of its member; what it keeps never changes.
"""

from sqlalchemy import CheckConstraint, Column, Index, SmallInteger, Table, text

from domain.holds import HoldStatus
from domain.store.tables.base import choice, created, metadata, moment, number, reference, units, words
from domain.store.tables.ledger import part

point_hold = Table(
    "point_hold",
    metadata,
    part("id"),
    number("program_id"),
    number("member_id"),
    number("partner_id", optional=True),
    number("point_type_id"),
    units("points"),
    units("captured"),
    choice("status", HoldStatus),
    moment("held_until"),
    reference("created_by_id", "person", optional=True),
    moment("ended_at", optional=True),
    number("transaction_id", optional=True),
    words("comment", optional=True),
    created(),
    CheckConstraint("points > 0 and captured between 0 and points", name="points"),
    CheckConstraint("(status = 'HELD') = (ended_at is null)", name="ended"),
    CheckConstraint("(status = 'CAPTURED') = (transaction_id is not null)", name="captured"),
    Index("ix_point_hold_member", "member_id", "id"),
    Index("ix_point_hold_held", "member_id", postgresql_where=text("status = 'HELD'")),
    Index("ix_point_hold_due", "program_id", "held_until", postgresql_where=text("status = 'HELD'")),
)

point_hold_lot = Table(
    "point_hold_lot",
    metadata,
    part("member_id"),
    part("hold_id"),
    part("lot_transaction_id"),
    Column("lot_position", SmallInteger, primary_key=True, autoincrement=False),
    units("points"),
    CheckConstraint("points > 0", name="points"),
    Index("ix_point_hold_lot_lot", "member_id", "lot_transaction_id", "lot_position"),
)
