"""Counts that were closed: what each member's count was worth on a promotion's final date, and which promotions are settled.

A member has one payout per promotion and final date: the key is the last witness that nobody is paid twice.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Date, Integer, Row, Text, any_, bindparam, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from domain.member_status import FINAL
from domain.points import Units, from_units
from domain.promotion_steps import COUNTERS, Payout
from domain.promotions import Promotion
from domain.store import tables as t
from domain.store.bulk import BulkInsert
from domain.store.database import Reader, Writer
from domain.store.promotion_documents import promotion_from

IDS = bindparam("ids", type_=ARRAY(BigInteger))
NAME = bindparam("counter", type_=Text)
_m, _p, _s = t.member.c, t.promotion_payout.c, t.promotion_settlement.c

PAID = select(_p.member_id).where(
    _p.promotion_id == bindparam("promotion_id"), _p.final_on == bindparam("final_on", type_=Date)
)
COUNTED = (
    select(_m.id)
    .where(
        _m.program_id == bindparam("program_id"),
        _m.id > bindparam("after"),
        _m.counters.has_key(NAME),
        _m.status.not_in(FINAL),
        ~PAID.where(_p.member_id == _m.id).exists(),
    )
    .order_by(_m.id)
    .limit(bindparam("most", type_=Integer))
)
"""Members who have counted anything; a count that is closed is none any more. What is counted later is not paid for this date."""
CLOSE = update(t.member).where(_m.id == any_(IDS)).values(counters=_m.counters.op("-")(NAME), version=_m.version + 1)
PAY = BulkInsert(
    "promotion_payout",
    [
        ("promotion_id", "bigint"), ("final_on", "date"), ("member_id", "bigint"), ("version", "integer"),
        ("counted", "numeric"), ("step", "integer"), ("point_type_id", "bigint"), ("points", "bigint"),
        ("transaction_id", "bigint"), ("created_at", "timestamptz"),
    ],
)  # fmt: skip
SETTLED = select(_s.promotion_id, _s.final_on).where(_s.promotion_id == any_(IDS))
PAID_OF = PAID.where(_p.member_id == any_(IDS))
SETTLE = insert(t.promotion_settlement).on_conflict_do_nothing()
CLOSED = (
    select(_p.member_id, _p.created_at, t.promotion_version.c.definition["steps"]["counter"].astext.label("counter"))
    .join_from(
        t.promotion_payout,
        t.promotion_version,
        (t.promotion_version.c.promotion_id == _p.promotion_id) & (t.promotion_version.c.version == _p.version),
    )
    .where(_p.member_id == any_(IDS))
)
PAYOUTS = (
    select(
        t.promotion_payout,
        t.promotion.c.code,
        t.promotion_version.c.definition,
        t.point_type.c.code.label("point_type"),
        t.point_type.c.decimals,
    )
    .join(t.promotion, t.promotion.c.id == _p.promotion_id)
    .join(
        t.promotion_version,
        (t.promotion_version.c.promotion_id == _p.promotion_id) & (t.promotion_version.c.version == _p.version),
    )
    .join(t.point_type, t.point_type.c.id == _p.point_type_id)
    .where(_p.transaction_id == any_(IDS))
)


class Closed(NamedTuple):
    """A count that is closed, as its row is written."""

    promotion_id: int
    final_on: date
    member_id: int
    version: int
    counted: Decimal
    step: int | None
    point_type_id: int
    points: Units
    transaction_id: int | None
    created_at: datetime


async def settled(reader: Reader, promotions: Collection[int]) -> set[tuple[int, date]]:
    """Which of these promotions are settled, and for which final dates."""
    rows = await reader.execute(SETTLED, {"ids": list(promotions)})
    return {(row.promotion_id, row.final_on) for row in rows}


async def counted(reader: Reader, promotion: Promotion, after: int, most: int) -> Sequence[int]:
    """The next members, above `after`, who have counted something for a stepped promotion that is not closed."""
    assert promotion.steps is not None
    asked = {
        "program_id": promotion.program_id, "promotion_id": promotion.id, "final_on": promotion.final_on,
        "counter": promotion.steps.counter.removeprefix(COUNTERS), "after": after, "most": most,
    }  # fmt: skip
    return (await reader.execute(COUNTED, asked)).scalars().all()


async def paid(reader: Reader, promotion_id: int, final_on: date, members: Collection[int]) -> set[int]:
    """Those of the members whose count was closed before for this final date."""
    asked = {"promotion_id": promotion_id, "final_on": final_on, "ids": list(members)}
    return set((await reader.execute(PAID_OF, asked)).scalars())


async def closed(reader: Reader, members: Collection[int]) -> dict[int, list[tuple[str, datetime]]]:
    """The counters of each member that were closed, by name, and when."""
    found: dict[int, list[tuple[str, datetime]]] = defaultdict(list)
    for row in await reader.execute(CLOSED, {"ids": list(members)}):
        found[row.member_id].append((row.counter.removeprefix(COUNTERS), row.created_at))
    return found


async def close(writer: Writer, counter: str, counts: Sequence[Closed]) -> None:
    """Write what locked members' counts are worth, and let them count anew."""
    await PAY(writer, counts)
    members = [each.member_id for each in counts]
    await writer.execute(CLOSE, {"ids": members, "counter": counter.removeprefix(COUNTERS)})


async def settle(writer: Writer, promotion_id: int, final_on: date, version: int, now: datetime) -> None:
    """Nobody is left whose count is open: the promotion is done, as another job may have noticed before."""
    await writer.execute(
        SETTLE, {"promotion_id": promotion_id, "final_on": final_on, "version": version, "created_at": now}
    )


async def of_transactions(reader: Reader, ids: Iterable[int]) -> list[Payout | None]:
    """For each transaction, the count that it pays for, if it does."""
    wanted = list(ids)
    rows = await reader.execute(PAYOUTS, {"ids": wanted})
    found = {row.transaction_id: payout_of(row) for row in rows}
    return [found.get(each) for each in wanted]


def payout_of(row: Row[Any]) -> Payout:
    """A payout from its row, in the words of the promotion as it was then."""
    promotion = promotion_from(row.definition)
    assert promotion.steps is not None
    return Payout(
        promotion_id=row.promotion_id, promotion=row.code, name=promotion.name, member_id=row.member_id,
        final_on=row.final_on, counter=promotion.steps.counter, count=Decimal(format(row.counted.normalize(), "f")), step=row.step,
        at_least=None if row.step is None else promotion.steps.steps[row.step - 1].count,
        points=from_units(Units(row.points), row.decimals), point_type=row.point_type, transaction_id=row.transaction_id,
    )  # fmt: skip
