"""Queued transactions by the thousand: new ones are copied in, rejected ones are written anew with other content.

COPY has no answer and no conflicts: whether a transaction is new, its external id has decided before.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import text

from domain.drafts import Draft
from domain.store import queue, requeuing
from domain.store.bulk import BulkUpdate
from domain.store.database import Writer
from domain.store.external_ids import ExternalId
from domain.store.json import encode
from domain.store.transactions import lines_json
from domain.transactions import Status

TRANSACTION = (
    "id", "program_id", "member_id", "type", "sub_type", "status", "transaction_date", "created_at", "created_by_id",
    "product_id", "amount", "currency", "quantity", "line_items", "attributes", "partner_id", "base_points",
    "point_type_id", "qualifying", "points", "external", "source", "external_id", "comment", "attempts", "version",
)  # fmt: skip
QUEUED = ("program_id", "member_id", "transaction_date", "transaction_id")

CORRECT = BulkUpdate(
    "transaction",
    [
        ("id", "bigint"), ("member_id", "bigint"), ("type", "text"), ("sub_type", "text"), ("status", "text"),
        ("transaction_date", "date"), ("product_id", "bigint"), ("amount", "numeric"), ("currency", "text"),
        ("quantity", "numeric"), ("line_items", "jsonb"), ("attributes", "jsonb"), ("base_points", "numeric"),
        ("point_type_id", "bigint"), ("qualifying", "boolean"), ("points", "bigint"), ("comment", "text"),
    ],
    keys=1,
    suffix=", sub_status = null, processed_at = null, totals = null, version = x.version + 1",
)  # fmt: skip
CONTENT = text(
    "update external_id e set content_hash = u.content_hash from unnest(cast(:programs as bigint[]),"
    " cast(:partners as bigint[]), cast(:sources as text[]), cast(:ids as text[]), cast(:hashes as bytea[]))"
    " as u(program_id, partner_id, source, external_id, content_hash) where e.program_id = u.program_id"
    " and e.external_id = u.external_id and e.partner_id is not distinct from u.partner_id"
    " and e.source is not distinct from u.source"
)


async def add(writer: Writer, drafts: Sequence[Draft]) -> None:
    """New transactions; they wait in the queue, unless they wait for their partner."""
    await _copy(writer, "transaction", TRANSACTION, map(_new, drafts))
    await _copy(writer, "queued", QUEUED, map(_waiting, filter(_is_queued, drafts)))


async def _copy(writer: Writer, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    raw = await writer.get_raw_connection()
    driver: Any = raw.driver_connection
    await driver.copy_records_to_table(table, records=rows, columns=columns)


def _is_queued(draft: Draft) -> bool:
    return draft.status is Status.QUEUED


def _waiting(draft: Draft) -> Sequence[Any]:
    return draft.program_id, draft.member_id, draft.transaction_date, draft.id


def _new(draft: Draft) -> Sequence[Any]:
    entry = draft.entry
    return (
        draft.id, draft.program_id, draft.member_id, entry.type.value, entry.sub_type.value, draft.status.value,
        draft.transaction_date, draft.created_at, draft.created_by_id, draft.product_id, entry.amount, entry.currency,
        entry.quantity, lines_json(entry.line_items), encode(entry.attributes) if entry.attributes else None,
        draft.partner_id, entry.base_points, draft.point_type_id, entry.qualifying, draft.points, draft.external,
        entry.source, entry.external_id, entry.comment, 0, 1,
    )  # fmt: skip


async def correct(writer: Writer, drafts: Sequence[Draft], claims: Sequence[ExternalId]) -> None:
    """Write the drafts over the rejected rows that have their numbers; they wait again, and their external ids stand for them."""
    if not drafts:
        return
    await CORRECT(writer, [_row(draft) for draft in drafts])
    await requeuing.forget(writer, [draft.id for draft in drafts])
    waiting = filter(_is_queued, drafts)
    await queue.add(
        writer, [(each.program_id, each.member_id, each.transaction_date, each.id, None) for each in waiting]
    )
    names = ("programs", "partners", "sources", "ids", "hashes")
    columns = zip(*((*claim.name[:3], claim.external_id, claim.content_hash) for claim in claims), strict=True)
    await writer.execute(CONTENT, {name: list(column) for name, column in zip(names, columns, strict=True)})


def _row(draft: Draft) -> Sequence[Any]:
    entry = draft.entry
    return (
        draft.id, draft.member_id, entry.type.value, entry.sub_type.value, draft.status.value, draft.transaction_date,
        draft.product_id, entry.amount, entry.currency, entry.quantity, lines_json(entry.line_items),
        encode(entry.attributes) if entry.attributes else None, entry.base_points, draft.point_type_id,
        entry.qualifying, draft.points, entry.comment,
    )  # fmt: skip
