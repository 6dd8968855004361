"""Vouchers: what members hold, and every move of each.

A voucher changes only under the lock of its member, so that no two checkouts use the same one.
"""

from sqlalchemy import CheckConstraint, Column, Date, Index, Table, UniqueConstraint, text

from domain.store.tables.base import choice, created, key, metadata, moment, number, reference, words
from domain.vouchers import VoucherMove, VoucherSource, VoucherStatus

voucher = Table(
    "voucher",
    metadata,
    key(),
    reference("program_id", "program"),
    reference("member_id", "member"),
    reference("product_id", "product"),
    words("number"),
    choice("status", VoucherStatus),
    choice("source", VoucherSource),
    Column("expires_on", Date),
    moment("reserved_until", optional=True),
    reference("issued_by_id", "person", optional=True),
    number("transaction_id", optional=True),
    number("promotion_id", optional=True),
    words("tier", optional=True),
    number("used_by_id", optional=True),
    reference("replaces_id", "voucher", optional=True),
    created(),
    UniqueConstraint("program_id", "number"),
    UniqueConstraint("replaces_id"),
    CheckConstraint("status = 'RESERVED' or reserved_until is null", name="reserved"),
    CheckConstraint("status = 'USED' or used_by_id is null", name="used"),
    Index("ix_voucher_member", "member_id", "product_id", "expires_on"),
    Index("ix_voucher_transaction", "transaction_id", postgresql_where=text("transaction_id is not null")),
    Index("ix_voucher_used_by", "used_by_id", postgresql_where=text("used_by_id is not null")),
    Index(
        "ix_voucher_lapses", "program_id", "expires_on", postgresql_where=text("status in ('AVAILABLE', 'RESERVED')")
    ),
    Index("ix_voucher_reserved", "program_id", "reserved_until", postgresql_where=text("status = 'RESERVED'")),
)

voucher_move = Table(
    "voucher_move",
    metadata,
    key(),
    number("voucher_id"),
    reference("person_id", "person", optional=True),
    choice("move", VoucherMove),
    choice("from_status", VoucherStatus, optional=True),
    choice("to_status", VoucherStatus),
    number("transaction_id", optional=True),
    words("comment", optional=True),
    number("request_id", optional=True),
    created(),
    Index(None, "voucher_id"),
    Index("ix_voucher_move_request", "request_id", postgresql_where=text("request_id is not null")),
)
