"""What members have of each point type, now or as of any past moment; units in the store, points as people speak them outside.

Always: earned = available + held + pending + redeemed + expired. What a lapsed lot still holds counts as expired from the day
after its expiry date on, whether or not the nightly job has taken it; what a cancellation has taken was never
earned; whatever else was taken, and not put back, is redeemed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Date, DateTime, Row, Select, and_, any_, bindparam, func, not_, select
from sqlalchemy.dialects.postgresql import ARRAY

from domain.calendars import business_date
from domain.holds import HoldStatus
from domain.members import Balance
from domain.people import Scope
from domain.points import from_units
from domain.store import tables as t
from domain.store.asked import arrays, asked
from domain.store.database import Reader
from domain.store.effective import expiry, lapsed, started
from domain.store.members import in_scope

Owner = tuple[int, int]
"""A member and a point type."""

IDS = bindparam("ids", type_=ARRAY(BigInteger))

_MEMBERS = t.member.join(t.program, t.program.c.id == t.member.c.program_id).join(
    t.point_type, t.point_type.c.program_id == t.member.c.program_id
)
_OWNED = and_(t.balance.c.member_id == t.member.c.id, t.balance.c.point_type_id == t.point_type.c.id)
_FIGURES = [one for one in t.balance.c if one.name not in {"member_id", "point_type_id"}]

STORED: Select[Any] = (
    select(
        t.member.c.id.label("member_id"),
        t.point_type.c.id.label("point_type_id"),
        t.point_type.c.code,
        t.point_type.c.decimals,
        t.program.c.time_zone,
        *_FIGURES,
    )
    .select_from(_MEMBERS.outerjoin(t.balance, _OWNED))
    .where(t.member.c.id == any_(IDS))
    .order_by(t.member.c.id, t.point_type.c.is_default.desc(), t.point_type.c.code)
)
"""Every member with every point type of its program, and the stored sums where there are any."""

_asked = asked(member_id=BigInteger, point_type_id=BigInteger, day=Date)
_expiry = expiry()

SUMMED = (
    select(
        _asked.c.member_id,
        _asked.c.point_type_id,
        func.sum(t.lot.c.remaining).filter(started(t.lot.c.effective_on, _asked.c.day)).label("usable"),
        func.sum(t.lot.c.remaining).filter(not_(started(t.lot.c.effective_on, _asked.c.day))).label("pending"),
    )
    .join_from(
        _asked,
        t.lot,
        and_(t.lot.c.member_id == _asked.c.member_id, t.lot.c.point_type_id == _asked.c.point_type_id, t.lot.c.open),
    )
    .where(not_(lapsed(_expiry, _asked.c.day)))
    .group_by(_asked.c.member_id, _asked.c.point_type_id)
)
"""What open lots hold on a day: for sums that have become stale since a lot started or lapsed."""


HELD = (
    select(
        _asked.c.member_id,
        _asked.c.point_type_id,
        func.sum(t.point_hold_lot.c.points).label("held"),
        func.sum(t.point_hold_lot.c.points).filter(not_(lapsed(_expiry, _asked.c.day))).label("usable"),
    )
    .join_from(
        _asked,
        t.point_hold,
        and_(
            t.point_hold.c.member_id == _asked.c.member_id,
            t.point_hold.c.point_type_id == _asked.c.point_type_id,
            t.point_hold.c.status == HoldStatus.HELD,
            t.point_hold.c.held_until > bindparam("now", type_=DateTime(timezone=True)),
        ),
    )
    .join(
        t.point_hold_lot,
        and_(t.point_hold_lot.c.member_id == t.point_hold.c.member_id, t.point_hold_lot.c.hold_id == t.point_hold.c.id),
    )
    .join(
        t.lot,
        and_(
            t.lot.c.member_id == t.point_hold_lot.c.member_id,
            t.lot.c.transaction_id == t.point_hold_lot.c.lot_transaction_id,
            t.lot.c.position == t.point_hold_lot.c.lot_position,
        ),
    )
    .group_by(_asked.c.member_id, _asked.c.point_type_id)
)
"""What holds keep at a moment; once its time has come a hold keeps nothing."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The sums of one member and point type, in units. What is not here follows from them."""

    available: int = 0
    held: int = 0
    pending: int = 0
    earned: int = 0
    redeemed: int = 0
    lifetime_qualifying: int = 0
    loan_outstanding: int = 0

    @property
    def expired(self) -> int:
        """What was earned and is neither there nor redeemed."""
        return self.earned - self.available - self.held - self.pending - self.redeemed


async def load_many(reader: Reader, scope: Scope, ids: Sequence[int], now: datetime) -> list[list[Balance]]:
    """The balances of each member as of now, one per point type, the default one first."""
    rows = (await reader.execute(in_scope(STORED, scope), {"ids": list(ids)})).all()
    days = {row.time_zone: business_date(now, row.time_zone) for row in rows}
    stale = [
        (row.member_id, row.point_type_id, days[row.time_zone])
        for row in rows
        if row.held or (row.changes_on is not None and row.changes_on <= days[row.time_zone])
    ]
    summed = await _summed(reader, stale)
    held = await _held(
        reader, [(row.member_id, row.point_type_id, days[row.time_zone]) for row in rows if row.held], now
    )
    return listed(ids, rows, {(row.member_id, row.point_type_id): _figures(row, summed, held) for row in rows})


async def _held(reader: Reader, owners: Sequence[tuple[int, int, date]], now: datetime) -> dict[Owner, tuple[int, int]]:
    """What holds keep now, and how much of that is in lots that are usable."""
    if not owners:
        return {}
    rows = await reader.execute(HELD, {**arrays(owners, "member_id", "point_type_id", "day"), "now": now})
    return {(row.member_id, row.point_type_id): (int(row.held), int(row.usable or 0)) for row in rows}


async def _summed(reader: Reader, stale: Sequence[tuple[int, int, date]]) -> dict[Owner, tuple[int, int]]:
    if not stale:
        return {}
    rows = await reader.execute(SUMMED, arrays(stale, "member_id", "point_type_id", "day"))
    nothing = {(member_id, point_type_id): (0, 0) for member_id, point_type_id, _ in stale}
    return nothing | {(row.member_id, row.point_type_id): (int(row.usable or 0), int(row.pending or 0)) for row in rows}


def _figures(row: Row[Any], summed: Mapping[Owner, tuple[int, int]], kept: Mapping[Owner, tuple[int, int]]) -> Figures:
    if row.earned is None:
        return Figures()
    available, pending = row.available, row.pending
    held, in_usable = kept.get((row.member_id, row.point_type_id), (0, 0))
    if (row.member_id, row.point_type_id) in summed:
        usable, pending = summed[row.member_id, row.point_type_id]
        available = usable - in_usable
    return Figures(available, held, pending, row.earned, row.redeemed, row.lifetime_qualifying, row.loan_outstanding)


def listed(ids: Sequence[int], rows: Iterable[Row[Any]], figures: Mapping[Owner, Figures]) -> list[list[Balance]]:
    """The balances of each member, in the order of the ids; `rows` are members with their point types."""
    found: dict[int, list[Balance]] = {id_: [] for id_ in ids}
    for row in rows:
        mine = figures.get((row.member_id, row.point_type_id), Figures())
        found[row.member_id].append(_balance(row, mine))
    return [found[id_] for id_ in ids]


def _balance(row: Row[Any], figures: Figures) -> Balance:
    def points(units: int) -> Any:
        return from_units(units, row.decimals)

    return Balance(
        member_id=row.member_id,
        point_type=row.code,
        available=points(figures.available),
        held=points(figures.held),
        pending=points(figures.pending),
        earned=points(figures.earned),
        redeemed=points(figures.redeemed),
        expired=points(figures.expired),
        lifetime_qualifying=points(figures.lifetime_qualifying),
        loan_outstanding=points(figures.loan_outstanding),
    )
