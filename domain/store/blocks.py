"""Point blocks: read within somebody's scope, moved under their own locks. A member sees none, a partner its own.

`remaining` changes only here, together with the partner transactions whose sum it is (`domain/store/partner_transactions.py`).
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Date,
    DateTime,
    Row,
    Select,
    and_,
    any_,
    bindparam,
    cast,
    false,
    func,
    insert,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY

from domain.block_moves import BOUGHT
from domain.blocks import BLOCK_DECIMALS, BlockKind, BlockMove, BlockStatus, PointBlock, PointBlockMove, use_order
from domain.commands.blocks import PointBlockFilter, PointBlockOrder
from domain.people import Scope
from domain.store import tables as t
from domain.store.database import Reader, Writer
from domain.store.keyset import Listing, Order
from domain.store.numbers import exact

IDS = bindparam("ids", type_=ARRAY(BigInteger))
_b, _m = t.point_block.c, t.point_block_move.c

ROWS: Select[Any] = select(t.point_block)
BY_IDS = ROWS.where(_b.id == any_(IDS))
OF_OWNER = ROWS.where(
    _b.program_id == bindparam("program_id", type_=BigInteger),
    _b.partner_id.is_not_distinct_from(bindparam("partner_id", type_=BigInteger)),
    _b.status == BlockStatus.APPROVED,
)
OVERDRAWN = OF_OWNER.with_only_columns(_b.remaining).where(_b.kind == bindparam("kind", type_=_b.kind.type))
DUE = (
    select(_b.id)
    .where(_b.program_id == bindparam("program_id"), _b.status == BlockStatus.APPROVED, _b.remaining > 0)
    .where(_b.ends_on < bindparam("today", type_=Date), _b.id > bindparam("after"))
    .order_by(_b.id)
    .limit(bindparam("most"))
)
ON_THE_WAY = ROWS.where(
    _b.program_id == bindparam("program_id"), _b.partner_id == bindparam("partner_id"), _b.kind.in_(BOUGHT),
    or_(
        _b.status.in_([BlockStatus.IN_PROGRESS, BlockStatus.SUBMITTED]),
        and_(_b.status == BlockStatus.APPROVED, _b.starts_on > bindparam("today", type_=Date)),
    ),
)  # fmt: skip
REORDERED = (
    select(_m.id)
    .join_from(t.point_block_move, t.point_block, _b.id == _m.point_block_id)
    .where(_b.program_id == bindparam("program_id"), _b.partner_id == bindparam("partner_id"))
    .where(_m.move == BlockMove.REORDER, _m.created_at >= bindparam("since", type_=DateTime(timezone=True)))
)
TODAY = (
    select(cast(func.timezone(t.program.c.time_zone, func.now()), Date))
    .where(t.program.c.id == _b.program_id)
    .scalar_subquery()
)
ACTIVE = and_(_b.status == BlockStatus.APPROVED, _b.starts_on <= TODAY, or_(_b.ends_on.is_(None), _b.ends_on >= TODAY))
ORDERS: dict[PointBlockOrder, tuple[Any, ...]] = {
    PointBlockOrder.CREATED_AT: (_b.id,),
    PointBlockOrder.STARTS_ON: (_b.starts_on, _b.id),
    PointBlockOrder.REMAINING: (cast(_b.remaining * 10**BLOCK_DECIMALS, BigInteger), _b.id),
}
MOVES: Select[Any] = select(t.point_block_move).where(_m.point_block_id == any_(IDS)).order_by(_m.id)
NEXT_ID = text("select nextval(pg_get_serial_sequence('point_block', 'id'))")


def in_scope(query: Select[Any], scope: Scope) -> Select[Any]:
    """The query, for the blocks that somebody may see."""
    if scope.program_id is not None:
        query = query.where(_b.program_id == scope.program_id)
    if scope.partner_id is not None:
        query = query.where(_b.partner_id == scope.partner_id)
    return query if scope.member_id is None else query.where(false())


async def load_many(reader: Reader, scope: Scope, ids: Sequence[int]) -> list[PointBlock | None]:
    """The blocks with these ids, in their order; None for one that the scope does not show."""
    rows = await reader.execute(in_scope(BY_IDS, scope), {"ids": list(ids)})
    found = {row.id: block_of(row) for row in rows}
    return [found.get(each) for each in ids]


async def find(reader: Reader, scope: Scope, key: int) -> PointBlock | None:
    """One of them."""
    return (await load_many(reader, scope, [key]))[0]


async def active_of(reader: Reader, program_id: int, partner_id: int | None, today: date) -> list[PointBlock]:
    """The active blocks of an owner on a day of the program, in the order in which they pay; OVERDRAFT ones last."""
    rows = await reader.execute(OF_OWNER, {"program_id": program_id, "partner_id": partner_id})
    blocks = (block_of(row) for row in rows)
    return sorted((block for block in blocks if block.active(today)), key=use_order)


def listing(scope: Scope, filter: PointBlockFilter, order: PointBlockOrder, *, descending: bool) -> Listing[PointBlock]:
    """The blocks of a list."""
    query = in_scope(ROWS, scope)
    if filter.program is not None:
        query = query.where(_b.program_id.in_(select(t.program.c.id).where(t.program.c.code == filter.program)))
    if filter.partner is not None:
        query = query.where(_b.partner_id.in_(select(t.partner.c.id).where(t.partner.c.code == filter.partner)))
    if filter.host is not None:
        query = query.where(_b.partner_id.is_(None) == filter.host)
    if filter.kind:
        query = query.where(_b.kind.in_(filter.kind))
    if filter.status:
        query = query.where(_b.status.in_(filter.status))
    if filter.active is not None:
        query = query.where(ACTIVE if filter.active else ~ACTIVE)
    return Listing(query, Order(ORDERS[order], descending), block_of)


async def overdrawn(reader: Reader, program_id: int, partner_id: int | None) -> Decimal:
    """How many points an owner has given that it had not bought."""
    asked = {"program_id": program_id, "partner_id": partner_id, "kind": BlockKind.OVERDRAFT}
    return -((await reader.execute(OVERDRAWN, asked)).scalar_one_or_none() or Decimal(0))


async def due(writer: Writer, program_id: int, today: date, after: int, most: int) -> list[int]:
    """The next blocks, by number, whose last day has passed and of which something is left."""
    asked = {"program_id": program_id, "today": today, "after": after, "most": most}
    return list((await writer.execute(DUE, asked)).scalars())


async def on_the_way(reader: Reader, program_id: int, partner_id: int, today: date) -> list[PointBlock]:
    """What a partner has asked for or bought, and cannot use yet."""
    asked = {"program_id": program_id, "partner_id": partner_id, "today": today}
    return [block_of(row) for row in await reader.execute(ON_THE_WAY, asked)]


async def reordered_since(reader: Reader, program_id: int, partner_id: int, since: datetime) -> bool:
    """Whether the nightly check has reordered for a partner since a moment."""
    asked = {"program_id": program_id, "partner_id": partner_id, "since": since}
    return (await reader.execute(REORDERED, asked)).first() is not None


async def next_id(writer: Writer) -> int:
    """The number of a block that is about to be made."""
    return int((await writer.execute(NEXT_ID)).scalar_one())


async def add(writer: Writer, **values: Any) -> PointBlock:
    """A new block, of which nothing is there yet: its first partner transaction gives it its points."""
    statement = insert(t.point_block).values(remaining=0, version=1, **values).returning(t.point_block)
    return block_of((await writer.execute(statement)).one())


async def change(writer: Writer, block_id: int, **values: Any) -> PointBlock:
    """Write some fields of a locked block."""
    statement = update(t.point_block).where(_b.id == block_id).values(version=_b.version + 1, **values)
    return block_of((await writer.execute(statement.returning(t.point_block))).one())


async def record(writer: Writer, move: PointBlockMove) -> None:
    """Keep a move for good."""
    values = {name: getattr(move, name) for name in move.__slots__}
    await writer.execute(insert(t.point_block_move).values(**values))


async def load_moves(reader: Reader, _: Scope, ids: Collection[int]) -> list[list[PointBlockMove]]:
    """The moves of each, the first one first; whoever has the block may see them."""
    found: dict[int, list[PointBlockMove]] = {each: [] for each in ids}
    for row in await reader.execute(MOVES, {"ids": list(ids)}):
        values = {name: getattr(row, name) for name in PointBlockMove.__slots__}
        found[row.point_block_id].append(PointBlockMove(**values))
    return list(found.values())


def block_of(row: Row[Any]) -> PointBlock:
    """A block from its row."""
    return PointBlock(
        id=row.id, program_id=row.program_id, partner_id=row.partner_id, kind=row.kind, status=row.status,
        original=row.original, remaining=row.remaining, starts_on=row.starts_on, ends_on=row.ends_on,
        price=exact(row.price), currency=row.currency, cost=exact(row.cost), promotion_id=row.promotion_id,
        parent_id=row.parent_id, submit_to_id=row.submit_to_id, requested_by_id=row.requested_by_id,
        comment=row.comment, version=row.version, created_at=row.created_at, approved_at=row.approved_at,
        closed_at=row.closed_at,
    )  # fmt: skip
