"""What is read to work processed transactions again: they themselves, and what their members had when they were processed.

What counts as before a transaction is decided by the moment of processing, then as the engine works: by date and number.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    DateTime,
    Integer,
    any_,
    bindparam,
    func,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY

from domain.engine import LotState
from domain.move_rights import PROCESSED_SUB_STATUSES
from domain.points import Units
from domain.store import tables as t
from domain.store.database import Reader
from domain.store.transactions import ROWS, transaction_of
from domain.transactions import Transaction

IDS = bindparam("ids", type_=ARRAY(BigInteger))
MEMBER = bindparam("member_id", type_=BigInteger)
NUMBER = bindparam("number", type_=BigInteger)
MOMENT = bindparam("moment", type_=DateTime(timezone=True))
EVER = datetime.min.replace(tzinfo=UTC)
DAY = bindparam("day", type_=Date)

_t, _lot, _use, _extension = t.transaction.c, t.lot.c, t.lot_use.c, t.lot_extension.c
_change, _v = t.member_change.c, t.program_version.c
_using = t.transaction.alias("using")

MEMBERS = (
    select(t.member.c.id)
    .where(t.member.c.program_id == bindparam("program_id"), t.member.c.id > bindparam("after"))
    .order_by(t.member.c.id)
    .limit(bindparam("most", type_=Integer))
)
PROCESSED = ROWS.where(
    _t.member_id == any_(IDS), _t.sub_status.in_(PROCESSED_SUB_STATUSES), _t.processed_at >= MOMENT
).order_by(_t.member_id, _t.processed_at, _t.transaction_date, _t.id)


def _before(*key: ColumnElement[Any]) -> ColumnElement[bool]:
    return tuple_(*key) < tuple_(MOMENT, DAY, NUMBER)


_taken = (
    select(func.coalesce(func.sum(_use.points), 0))
    .join_from(t.lot_use, _using, _using.c.id == _use.transaction_id)
    .where(
        _use.member_id == _lot.member_id,
        _use.lot_transaction_id == _lot.transaction_id,
        _use.lot_position == _lot.position,
        _before(_use.created_at, _using.c.transaction_date, _use.transaction_id),
    )
    .scalar_subquery()
)
_extended = (
    select(func.max(_extension.expires_on))
    .where(
        _extension.member_id == _lot.member_id,
        _extension.lot_transaction_id == _lot.transaction_id,
        _extension.lot_position == _lot.position,
        _extension.created_at < MOMENT,
    )
    .scalar_subquery()
)
LOTS = select(
    _lot.transaction_id, _lot.position, _lot.point_type_id, _lot.qualifying, _lot.origin,
    (_lot.points - _taken).cast(BigInteger).label("remaining"), _lot.transaction_date, _lot.effective_on,
    func.greatest(_lot.expires_on, _extended).label("expires_on"), _lot.extends_by,
).where(_lot.member_id == MEMBER, _before(_lot.created_at, _lot.transaction_date, _lot.transaction_id))  # fmt: skip
MADE = (
    select(_lot.point_type_id, _lot.qualifying, _lot.promotion_id, _lot.points, _lot.effective_on, _lot.expires_on)
    .where(_lot.member_id == MEMBER, _lot.transaction_id == NUMBER)
    .order_by(_lot.position)
)
TAKEN = (
    select(_use.lot_transaction_id, _use.lot_position, _use.points)
    .where(_use.member_id == MEMBER, _use.transaction_id == NUMBER)
    .order_by(_use.position)
)


PROGRAMS = select(_v.program_id).distinct().order_by(_v.program_id)
HOW_MANY = select(func.count()).where(_t.sub_status.in_(PROCESSED_SUB_STATUSES), _t.processed_at >= MOMENT)
CHANGES = select(_change.member_id, _change.fields, _change.to_status, _change.created_at).where(
    _change.member_id == any_(IDS), _change.created_at >= MOMENT
)
PRODUCTS = select(t.product.c.id).where(t.product.c.id == any_(IDS), t.product.c.version > 1)
PAYING = (
    select(
        _use.transaction_id, _use.lot_transaction_id, _use.lot_position, _use.point_type_id, _lot.qualifying, _lot.origin,
        func.sum(_use.points).cast(BigInteger).label("taken"), _lot.transaction_date,
    )
    .select_from(t.transaction)
    .join(t.lot_use, (_use.member_id == _t.member_id) & (_use.transaction_id == _t.id))
    .join(
        t.lot,
        (_lot.member_id == _use.member_id)
        & (_lot.transaction_id == _use.lot_transaction_id)
        & (_lot.position == _use.lot_position),
    )
    .where(_t.id == any_(IDS), _use.points > 0)
    .group_by(
        _use.transaction_id, _use.lot_transaction_id, _use.lot_position, _use.point_type_id, _lot.qualifying, _lot.origin,
        _lot.transaction_date,
    )
)  # fmt: skip


class Given(NamedTuple):
    """A lot as its transaction made it."""

    point_type_id: int
    qualifying: bool
    promotion_id: int | None
    points: Units
    effective_on: date | None
    expires_on: date | None


class Taken(NamedTuple):
    """What a transaction took from a lot."""

    lot_transaction_id: int
    lot_position: int
    points: Units


async def member_ids(reader: Reader, program_id: int, after: int, most: int) -> Sequence[int]:
    """The next members of a program above `after`."""
    asked = {"program_id": program_id, "after": after, "most": most}
    return list((await reader.execute(MEMBERS, asked)).scalars())


async def processed(reader: Reader, members: Sequence[int], since: datetime | None = None) -> list[Transaction]:
    """What was processed of these members since a moment (None: ever), also if it was taken back, as it was worked."""
    rows = await reader.execute(PROCESSED, {"ids": list(members), "moment": since or EVER})
    return [transaction_of(row) for row in rows]


async def lots_before(reader: Reader, transaction: Transaction) -> tuple[LotState, ...]:
    """The lots of its member as a processed transaction found them."""
    asked = {
        "member_id": transaction.member_id,
        "moment": transaction.processed_at,
        "day": transaction.transaction_date,
        "number": transaction.id,
    }
    rows = (await reader.execute(LOTS, asked)).all()
    return tuple(LotState(*row) for row in rows if row.remaining)


async def given_and_taken(reader: Reader, transaction: Transaction) -> tuple[list[Given], list[Taken]]:
    """The lots that a transaction made, and what it took from others, in their order."""
    key = {"member_id": transaction.member_id, "number": transaction.id}
    given, taken = await reader.execute(MADE, key), await reader.execute(TAKEN, key)
    return [Given(*row) for row in given], [Taken(*row) for row in taken]


class Change(NamedTuple):
    """A change of what is known of a member: the fields by which the API calls them, or a status."""

    created_at: datetime
    fields: frozenset[str]


async def programs(reader: Reader) -> list[int]:
    """Every program that was ever published."""
    return list((await reader.execute(PROGRAMS)).scalars())


async def how_many(reader: Reader, since: datetime | None) -> int:
    """How many transactions were processed since a moment (None: ever)."""
    found: int = (await reader.execute(HOW_MANY, {"moment": since or EVER})).scalar_one()
    return found


async def profile_changes(reader: Reader, members: Collection[int], since: datetime) -> dict[int, list[Change]]:
    """By member, what was changed of them since a moment."""
    found: dict[int, list[Change]] = defaultdict(list)
    for row in await reader.execute(CHANGES, {"ids": list(members), "moment": since}):
        status = () if row.to_status is None else ("status",)
        found[row.member_id].append(Change(row.created_at, frozenset((*row.fields, *status))))
    return found


async def changed_products(reader: Reader, ids: Collection[int]) -> frozenset[int]:
    """Those of these products of which something was changed since they were made."""
    return frozenset((await reader.execute(PRODUCTS, {"ids": list(ids)})).scalars()) if ids else frozenset()


async def lots_taken(reader: Reader, ids: Collection[int]) -> dict[int, tuple[LotState, ...]]:
    """By transaction, the lots from which it took, with exactly what it took, and as if they were always usable."""
    found: dict[int, list[LotState]] = defaultdict(list)
    for row in await reader.execute(PAYING, {"ids": list(ids)}) if ids else ():
        found[row.transaction_id].append(
            LotState(
                row.lot_transaction_id, row.lot_position, row.point_type_id, row.qualifying, row.origin, row.taken,
                row.transaction_date, None, None, None,
            )
        )  # fmt: skip
    return {key: tuple(lots) for key, lots in found.items()}
