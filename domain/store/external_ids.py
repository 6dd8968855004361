"""External ids: one transaction per program, partner, source and id, empty values included.

The database decides who was first; whoever comes later is told which transaction has the id, and with what content.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import text

from domain.store.bulk import BulkInsert
from domain.store.database import Writer


class ExternalId(NamedTuple):
    """An external id, the transaction that has it, and the hash of its content."""

    program_id: int
    partner_id: int | None
    source: str | None
    external_id: str
    transaction_id: int
    content_hash: bytes

    @property
    def name(self) -> tuple[int, int | None, str | None, str]:
        """What is unique."""
        return self.program_id, self.partner_id, self.source, self.external_id


_COLUMNS = [
    ("program_id", "bigint"), ("partner_id", "bigint"), ("source", "text"), ("external_id", "text"),
    ("transaction_id", "bigint"), ("content_hash", "bytea"),
]  # fmt: skip
CLAIM = BulkInsert(
    "external_id", _COLUMNS, "on conflict do nothing returning program_id, partner_id, source, external_id"
)
FIND = text(
    "select e.program_id, e.partner_id, e.source, e.external_id, e.transaction_id, e.content_hash from external_id e"
    " join unnest(cast(:programs as bigint[]), cast(:partners as bigint[]), cast(:sources as text[]), cast(:ids as text[]))"
    " as u(program_id, partner_id, source, external_id) on e.program_id = u.program_id and e.external_id = u.external_id"
    " and e.partner_id is not distinct from u.partner_id and e.source is not distinct from u.source"
)
_OF_TRANSACTION = (
    " where e.program_id = t.program_id and e.external_id = t.external_id and e.partner_id is not distinct from t.partner_id"
    " and e.source is not distinct from t.source and e.transaction_id = t.id"
)
"""By the transaction's own columns: the index of the ids finds it, and needs no second one by transaction."""

RELEASE = text(f"delete from external_id e using transaction t{_OF_TRANSACTION} and t.id = any(cast(:ids as bigint[]))")  # noqa: S608
CORRECT = text(
    f"update external_id e set content_hash = :content_hash from transaction t{_OF_TRANSACTION} and t.id = :id"  # noqa: S608
)


async def claim(writer: Writer, claims: Sequence[ExternalId]) -> dict[tuple[Any, ...], ExternalId]:
    """Claim the ids; the earlier claim of each one that was taken before."""
    open_ = sorted(
        claims, key=lambda each: (each.program_id, each.external_id, each.partner_id or 0, each.source or "")
    )
    taken: dict[tuple[Any, ...], ExternalId] = {}
    while open_:
        won = {tuple(row) for row in await CLAIM(writer, open_)}
        lost = [each for each in open_ if each.name not in won]
        taken |= await _find(writer, [each.name for each in lost])
        # Who had it has given it up since: it is free again, or somebody else has it.
        open_ = [each for each in lost if each.name not in taken]
    return taken


async def _find(writer: Writer, names: Sequence[tuple[Any, ...]]) -> dict[tuple[Any, ...], ExternalId]:
    if not names:
        return {}
    programs, partners, sources, ids = (list(column) for column in zip(*names, strict=True))
    rows = await writer.execute(FIND, {"programs": programs, "partners": partners, "sources": sources, "ids": ids})
    return {(claim := ExternalId(*row)).name: claim for row in rows}


async def release(writer: Writer, transaction_ids: Sequence[int]) -> None:
    """Give up the ids of stored transactions that are about to be deleted or to get another."""
    if transaction_ids:
        await writer.execute(RELEASE, {"ids": list(transaction_ids)})


async def correct(writer: Writer, transaction_id: int, content_hash: bytes) -> None:
    """The transaction that has the id now has other content."""
    await writer.execute(CORRECT, {"id": transaction_id, "content_hash": content_hash})
