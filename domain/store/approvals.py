"""Approval records: every move that a person made, for good. What the engine does is not an approval."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Row, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from domain.approvals import Approval
from domain.moves import Move
from domain.store import tables as t
from domain.store.bulk import BulkInsert
from domain.store.database import Reader, Writer
from domain.transactions import Status


@dataclass(frozen=True, slots=True)
class Moved:
    """One move, about to be recorded; by nobody in particular (the engine) it is not."""

    transaction_id: int
    person_id: int | None
    move: Move
    from_status: Status | None
    to_status: Status
    submit_to_id: int | None = None
    comment: str | None = None


INSERT = BulkInsert(
    "approval",
    [
        ("transaction_id", "bigint"), ("person_id", "bigint"), ("move", "text"), ("from_status", "text"),
        ("to_status", "text"), ("submit_to_id", "bigint"), ("comment", "text"), ("created_at", "timestamptz"),
    ],
)  # fmt: skip
OF_TRANSACTIONS = (
    select(t.approval)
    .where(t.approval.c.transaction_id == any_(bindparam("ids", type_=ARRAY(BigInteger))))
    .order_by(t.approval.c.transaction_id, t.approval.c.id)
)


async def record(writer: Writer, moves: Iterable[Moved], now: datetime) -> None:
    """Keep the moves."""
    await INSERT(
        writer,
        [
            (
                each.transaction_id, each.person_id, each.move.value, each.from_status and each.from_status.value,
                each.to_status.value, each.submit_to_id, each.comment, now,
            )
            for each in moves
            if each.person_id is not None
        ],
    )  # fmt: skip


async def of_transactions(reader: Reader, ids: Sequence[int]) -> list[list[Approval]]:
    """The moves of each transaction, in the order in which they were made."""
    found: dict[int, list[Approval]] = {each: [] for each in ids}
    for row in await reader.execute(OF_TRANSACTIONS, {"ids": list(ids)}):
        found[row.transaction_id].append(_approval(row))
    return [found[each] for each in ids]


def _approval(row: Row[Any]) -> Approval:
    return Approval(
        id=row.id, transaction_id=row.transaction_id, person_id=row.person_id, move=Move(row.move), from_status=row.from_status,
        to_status=row.to_status, submit_to_id=row.submit_to_id, comment=row.comment, created_at=row.created_at,
    )  # fmt: skip
