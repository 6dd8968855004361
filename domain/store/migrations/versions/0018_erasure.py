"""Erasure: texts that people wrote, and what decisions have seen, may go where the member is erased, and nowhere else."""

import sqlalchemy as sa
from alembic import op

from domain.store import triggers

revision = "0018"
down_revision = "0017"

GUARDED = {
    "approval": (
        "comment", "(select t.member_id from transaction t where t.id = $1.transaction_id)",
        ("id", "transaction_id", "person_id", "move", "from_status", "to_status", "submit_to_id", "created_at"),
    ),
    "decision": (
        "body", "(select t.member_id from transaction t where t.id = $1.transaction_id)",
        ("transaction_id", "attempt", "member_id", "program_version", "created_at"),
    ),
    "maximum_loan_move": (
        "comment", "(select l.member_id from maximum_loan l where l.id = $1.maximum_loan_id)",
        ("id", "maximum_loan_id", "person_id", "from_status", "to_status", "points", "submit_to_id", "created_at"),
    ),
    "member_change": (
        "reason", "$1.member_id",
        ("member_id", "version", "person_id", "fields", "from_status", "to_status", "created_at"),
    ),
    "tier_request_move": (
        "comment", "(select r.member_id from tier_request r where r.id = $1.tier_request_id)",
        ("id", "tier_request_id", "person_id", "from_status", "to_status", "created_at"),
    ),
    "voucher_move": (
        "comment", "(select v.member_id from voucher v where v.id = $1.voucher_id)",
        ("id", "voucher_id", "person_id", "move", "from_status", "to_status", "transaction_id", "request_id", "created_at"),
    ),
}  # fmt: skip
"""Per table that was append-only: the column, whose row it is, and all its other columns."""

HOLD = ("member_id", "status", "captured", "ended_at", "transaction_id")
FIXED_OF_HOLD = (
    "id",
    "program_id",
    "partner_id",
    "point_type_id",
    "points",
    "held_until",
    "created_by_id",
    "created_at",
)
LEFT = (
    "erased_at is null or (status in ('CANCELLED', 'MERGED') and name = '(erased)' and email is null and phone is null"
    " and birth_date is null and address is null and attributes = '{}')"
)


def upgrade() -> None:
    """Make what this revision adds."""
    op.add_column("member", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(op.f("ck_member_erased"), "member", LEFT)
    op.execute(triggers.REFUSE_UNLESS_ERASED)
    for table, (column, member, others) in GUARDED.items():
        _run(triggers.unguarded(table, "append_only"))
        _run(triggers.only_changing(table, (column,), others))
        _run(triggers.erasable(table, column, member))
    _run(triggers.unguarded("point_hold", "append_only", "fixed_columns"))
    _run(triggers.only_changing("point_hold", (*HOLD, "comment"), FIXED_OF_HOLD))
    _run(triggers.erasable("point_hold", "comment", "$1.member_id"))


def downgrade() -> None:
    """Take it away again."""
    _run(triggers.unguarded("point_hold", "append_only", "fixed_columns", "erasable", "only_less"))
    _run(triggers.only_changing("point_hold", HOLD, (*FIXED_OF_HOLD, "comment")))
    for table, (column, _, _) in GUARDED.items():
        less = () if column == "body" else ("only_less",)
        _run(triggers.unguarded(table, "append_only", "fixed_columns", "erasable", *less))
        _run(triggers.append_only(table))
    op.execute(triggers.DROP_REFUSE_UNLESS_ERASED)
    op.drop_constraint(op.f("ck_member_erased"), "member", type_="check")
    op.drop_column("member", "erased_at")


def _run(statements: tuple[str, ...]) -> None:
    for statement in statements:
        op.execute(statement)
