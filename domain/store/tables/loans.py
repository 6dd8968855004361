"""Loans, what automatic repayment has yet to look at, and the maximum that a member may owe of a point type.

`outstanding` is a cache kept in the same commit as the ledger: what was lent is a lot, what was repaid are lot uses.
"""

from sqlalchemy import CheckConstraint, Column, Index, Integer, Table, UniqueConstraint, text

from domain.loans import MaximumLoanStatus
from domain.store.tables.base import choice, created, key, metadata, number, reference, units, words
from domain.store.tables.ledger import part

loan = Table(
    "loan",
    metadata,
    part("member_id"),
    part("transaction_id"),
    number("point_type_id"),
    units("points"),
    units("outstanding"),
    number("follows_id", optional=True),
    created(),
    CheckConstraint("points > 0", name="points"),
    CheckConstraint("outstanding between 0 and points", name="outstanding"),
    Index("ix_loan_outstanding", "member_id", postgresql_where=text("outstanding > 0")),
)

unconsidered_accrual = Table(
    "unconsidered_accrual",
    metadata,
    Column("program_id", number("program_id").type, primary_key=True, autoincrement=False),
    part("member_id"),
    part("transaction_id"),
    part("loan_id"),
)

maximum_loan = Table(
    "maximum_loan",
    metadata,
    key(),
    reference("program_id", "program"),
    reference("member_id", "member"),
    reference("point_type_id", "point_type"),
    units("points"),
    choice("status", MaximumLoanStatus),
    reference("requested_by_id", "person", optional=True),
    reference("submit_to_id", "person", optional=True),
    Column("version", Integer, nullable=False),
    created(),
    UniqueConstraint("member_id", "point_type_id"),
    CheckConstraint("points >= 0", name="points"),
    CheckConstraint("(status = 'SUBMITTED') = (submit_to_id is not null)", name="submit_to"),
    Index("ix_maximum_loan_waiting", "submit_to_id", "id", postgresql_where=text("status = 'SUBMITTED'")),
)

maximum_loan_move = Table(
    "maximum_loan_move",
    metadata,
    key(),
    reference("maximum_loan_id", "maximum_loan"),
    reference("person_id", "person", optional=True),
    choice("from_status", MaximumLoanStatus, optional=True),
    choice("to_status", MaximumLoanStatus),
    units("points"),
    reference("submit_to_id", "person", optional=True),
    words("comment", optional=True),
    created(),
    Index(None, "maximum_loan_id"),
)
