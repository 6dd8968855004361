"""What is sealed: every table whose rows are written once, with the columns of a row that never change.

A row's digest is made of the values of those columns, written so that no setting of a session changes how they look.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Column, Date, DateTime, LargeBinary, Table

from domain.seals import DIGEST
from domain.store import tables as t


@dataclass(frozen=True, slots=True)
class SealedTable:
    """A table (`x` in its statements). `changing`: columns that are not sealed; `written`: when a row was.

    `source`: where its rows are found, if not by themselves; `erased`: whether erasure may have taken something from a row.
    """

    table: Table
    changing: frozenset[str] = frozenset()
    written: str = "x.created_at"
    source: str = ""
    erased: str = "false"

    @property
    def name(self) -> str:
        """The table's."""
        return self.table.name

    @property
    def key(self) -> str:
        """The columns that order its rows."""
        return ", ".join(f"x.{column.name}" for column in self.table.primary_key)

    @property
    def place(self) -> str:
        """A row in words."""
        parts = " || ', ".join(f"{_words(column.name)} ' || x.{column.name}" for column in self.table.primary_key)
        return f"'{_words(self.name)} of {parts}"

    @property
    def columns(self) -> tuple[str, ...]:
        """The sealed columns."""
        return tuple(column.name for column in self.table.columns if column.name not in self.changing)

    @property
    def digest(self) -> str:
        """A row's digest."""
        values = ", ".join(_fixed(column) for column in self.table.columns if column.name not in self.changing)
        return f"substring(sha256(convert_to(row({values})::text, 'UTF8')) for {DIGEST})"

    @property
    def rows(self) -> str:
        """Its rows that were written from $1 on and before $2."""
        return f"{self.source or f'{self.name} x'} where {self.written} >= $1 and {self.written} < $2"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _fixed(column: Column[object]) -> str:
    """A value in a form that depends on no setting: moments as seconds, days as numbers, bytes in hexadecimal."""
    name, kind = f"x.{column.name}", column.type
    if isinstance(kind, DateTime):
        return f"extract(epoch from {name})"
    if isinstance(kind, Date):
        return f"({name} - date '2000-01-01')"
    return f"encode({name}, 'hex')" if isinstance(kind, LargeBinary) else name


def _sealed(*tables: Table, changing: Iterable[str] = (), erased: str = "false") -> list[SealedTable]:
    return [SealedTable(table, frozenset(changing), erased=erased) for table in tables]


def _is_erased(member: str) -> str:
    return f"exists (select from member m where m.id = {member} and m.erased_at is not null)"


OF_TRANSACTION = _is_erased("(select o.member_id from transaction o where o.id = x.transaction_id)")

SEALED: tuple[SealedTable, ...] = (
    *_sealed(t.lot, changing=("remaining", "reversed", "open", "extended")),
    *_sealed(t.lot_use, t.lot_extension, t.lot_reversal),
    *_sealed(t.loan, changing=("outstanding",)),
    *_sealed(t.decision, erased=OF_TRANSACTION),
    SealedTable(
        t.transaction,
        frozenset({"status", "version", "comment", "submit_to_id"}),
        written="d.created_at",
        source="decision d join transaction x on x.id = d.transaction_id and x.attempts = d.attempt"
        " and x.sub_status in ('SUCCESS', 'NO_PROMOTIONS_QUALIFIED')",
        erased=_is_erased("x.member_id"),
    ),
    *_sealed(t.approval, changing=("comment",)),
    *_sealed(t.voucher_move, t.maximum_loan_move, t.tier_request_move, changing=("comment",)),
    *_sealed(t.member_change, changing=("reason",)),
    *_sealed(t.promotion_enrollment, t.promotion_payout, t.promotion_settlement, t.requeue),
    *_sealed(t.program_version, t.promotion_version),
    *_sealed(t.application_move, t.membership_move, t.point_block_move, t.joint_promotion_move),
    *_sealed(t.campaign_move, t.campaign_member),
    *_sealed(t.point_hold, changing=("member_id", "status", "captured", "ended_at", "transaction_id", "comment")),
    SealedTable(
        t.point_hold_lot, written="h.created_at", source="point_hold h join point_hold_lot x on x.hold_id = h.id"
    ),
    *_sealed(t.point_block, changing=("status", "remaining", "submit_to_id", "version", "approved_at", "closed_at")),
    *_sealed(t.partner_transaction, t.block_debit, t.billing_entry),
    SealedTable(t.partner_statement, written="x.closed_at"),
)
"""In the order in which they are looked at."""

BY_NAME = {each.name: each for each in SEALED}
UNSEALED = frozenset({"seal", "seal_part"})
"""Append-only, and not sealed: seals seal themselves."""
