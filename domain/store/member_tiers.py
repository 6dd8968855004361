"""The tiers that members hold and held, and their progress: sums of qualifying lots by transaction date, less what was taken back,
whatever was spent since.

A row is closed in the commit that writes the one after it; nothing else of it ever changes.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

from sqlalchemy import BigInteger, Date, Row, Select, Text, and_, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from domain.engine import TierChange
from domain.lots import LotOrigin
from domain.people import Scope
from domain.points import from_units
from domain.store import tables as t
from domain.store.asked import arrays, asked
from domain.store.bulk import BulkInsert, BulkUpdate
from domain.store.database import Reader, Writer
from domain.store.members import in_scope
from domain.tiers import HeldTier, MemberTier, Period, counters_of

_m = t.member_tier.c
IDS = bindparam("ids", type_=ARRAY(BigInteger))
ONE_DAY = timedelta(1)

HELD = (
    select(_m.member_id, _m.tier, _m.starts_on, _m.ends_on)
    .where(_m.member_id == any_(IDS))
    .order_by(_m.starts_on, _m.id)
)
MEMBERS: Select[Any] = (
    select(
        t.member.c.id,
        t.member.c.program_id,
        t.member.c.enrolled_on,
        t.member.c.counters,
        t.member.c.absorbed,
        t.program.c.time_zone,
    )
    .join_from(t.member, t.program, t.program.c.id == t.member.c.program_id)
    .where(t.member.c.id == any_(IDS))
)
HISTORY: Select[Any] = (
    select(t.member_tier)
    .join_from(t.member_tier, t.member, t.member.c.id == _m.member_id)
    .where(_m.member_id == any_(IDS))
    .order_by(_m.starts_on, _m.id)
)
DUE = (
    select(_m.member_id)
    .distinct()
    .where(_m.program_id == bindparam("program_id"), _m.open, _m.ends_on < bindparam("today"))
    .where(_m.member_id > bindparam("after"))
    .order_by(_m.member_id)
    .limit(bindparam("most"))
)

_asked = asked(member_id=BigInteger, owner_id=BigInteger, tier_class=Text, starts_on=Date, ends_on=Date)
PROGRESS = (
    select(
        _asked.c.member_id,
        _asked.c.tier_class,
        _asked.c.starts_on,
        t.point_type.c.code,
        t.point_type.c.decimals,
        func.sum(t.lot.c.points - t.lot.c.reversed).cast(BigInteger).label("points"),
    )
    .join_from(
        _asked,
        t.lot,
        and_(
            t.lot.c.member_id == _asked.c.owner_id,
            t.lot.c.qualifying,
            t.lot.c.origin != LotOrigin.MERGE,  # the lots of whom they came from count
            t.lot.c.transaction_date.between(_asked.c.starts_on, _asked.c.ends_on),
        ),
    )
    .join(t.point_type, t.point_type.c.id == t.lot.c.point_type_id)
    .group_by(_asked.c.member_id, _asked.c.tier_class, _asked.c.starts_on, t.point_type.c.code, t.point_type.c.decimals)
)
CLOSE = BulkUpdate(
    "member_tier",
    [("member_id", "bigint"), ("tier_class", "text"), ("open", "boolean"), ("ends_on", "date")],
    keys=3,
    suffix=", open = false",
)
INSERT = BulkInsert(
    "member_tier",
    [
        ("program_id", "bigint"), ("member_id", "bigint"), ("tier_class", "text"), ("tier", "text"),
        ("starts_on", "date"), ("ends_on", "date"), ("open", "boolean"), ("reason", "text"),
        ("transaction_id", "bigint"), ("promotion_id", "bigint"), ("tier_request_id", "bigint"),
        ("created_at", "timestamptz"),
    ],
)  # fmt: skip

NOBODY: Mapping[int, Collection[int]] = {}
Asked = tuple[int, str, Period]
"""A member, a tier class, and the period to sum over."""


@dataclass(frozen=True, slots=True)
class NewTier:
    """A tier that begins, and what made it begin."""

    member_id: int
    change: TierChange
    transaction_id: int | None = None
    tier_request_id: int | None = None


async def held(reader: Reader, ids: Sequence[int]) -> dict[int, list[HeldTier]]:
    """The stored tiers of members, in the order in which they began; a member without any has no entry."""
    found: dict[int, list[HeldTier]] = defaultdict(list)
    for row in await reader.execute(HELD, {"ids": ids}):
        found[row.member_id].append(HeldTier(row.tier, row.starts_on, row.ends_on))
    return found


async def progress(
    reader: Reader, wanted: Sequence[Asked], absorbed: Mapping[int, Collection[int]] = NOBODY
) -> dict[tuple[int, str, date], dict[str, Decimal]]:
    """Qualifying points by point type, for each member, class and start of the period; nothing earned has no entry.

    `absorbed`: those who were merged into a member; what they earned counts as its own.
    """
    if not wanted:
        return {}
    rows = [
        (member_id, owner_id, code, period.starts_on, period.ends_on)
        for member_id, code, period in wanted
        for owner_id in (member_id, *absorbed.get(member_id, ()))
    ]
    found: dict[tuple[int, str, date], dict[str, Decimal]] = defaultdict(dict)
    for row in await reader.execute(
        PROGRESS, arrays(rows, "member_id", "owner_id", "tier_class", "starts_on", "ends_on")
    ):
        found[row.member_id, row.tier_class, row.starts_on][row.code] = from_units(row.points, row.decimals)
    return found


async def due(reader: Reader, program_id: int, today: date, after: int, most: int) -> Sequence[int]:
    """The next members of a program, above `after`, of whom some tier has ended and nothing follows yet."""
    parameters = {"program_id": program_id, "today": today, "after": after, "most": most}
    return (await reader.execute(DUE, parameters)).scalars().all()


async def write(writer: Writer, program_id: int, begun: Sequence[NewTier], now: datetime) -> None:
    """Close what was held before, and begin what follows. `begun` is in the order of events; the members are locked."""
    chains = list(_chains(begun))
    await CLOSE(writer, [(*owner, True, chain[0].change.starts_on - ONE_DAY) for owner, chain in chains])
    await INSERT(writer, [row for _, chain in chains for row in _rows(program_id, chain, now)])


def _chains(begun: Iterable[NewTier]) -> Iterator[tuple[tuple[int, str], list[NewTier]]]:
    """What began for each member and class, in its order."""
    for owner, chain in groupby(sorted(begun, key=_owner), _owner):
        yield owner, list(chain)


def _owner(new: NewTier) -> tuple[int, str]:
    return new.member_id, new.change.tier_class


def _rows(program_id: int, chain: Sequence[NewTier], now: datetime) -> Iterator[Sequence[Any]]:
    for new, following in zip(chain, [*chain[1:], None], strict=True):
        change = new.change
        ends_on = change.ends_on if following is None else following.change.starts_on - ONE_DAY
        yield (
            program_id, new.member_id, change.tier_class, change.after, change.starts_on, ends_on, following is None,
            change.reason.value, new.transaction_id, change.promotion_id, new.tier_request_id, now,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What tiers need of a member; `counters` by path, those of numbers."""

    id: int
    program_id: int
    enrolled_on: date
    time_zone: str
    counters: Mapping[str, Decimal]
    absorbed: tuple[int, ...] = ()
    """Those who were merged into it."""


async def load_members(reader: Reader, scope: Scope, ids: Collection[int]) -> list[Enrolled]:
    """The members whom the scope shows."""
    rows = await reader.execute(in_scope(MEMBERS, scope), {"ids": list(ids)})
    return [
        Enrolled(
            row.id,
            row.program_id,
            row.enrolled_on,
            row.time_zone,
            counters_of(row.counters),
            tuple(row.absorbed or ()),
        )
        for row in rows
    ]


async def load_history(reader: Reader, scope: Scope, ids: Collection[int]) -> dict[int, list[MemberTier]]:
    """The stored tiers of the members whom the scope shows, in the order in which they began."""
    found: dict[int, list[MemberTier]] = defaultdict(list)
    for row in await reader.execute(in_scope(HISTORY, scope), {"ids": list(ids)}):
        found[row.member_id].append(_member_tier(row))
    return found


def _member_tier(row: Row[Any]) -> MemberTier:
    return MemberTier(
        program_id=row.program_id,
        member_id=row.member_id,
        tier_class=row.tier_class,
        tier=row.tier,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        reason=row.reason,
        transaction_id=row.transaction_id,
        promotion_id=row.promotion_id,
        tier_request_id=row.tier_request_id,
    )
