"""Making lots: base points in one of their own, each paid award in another, each with its own start and expiry."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from domain.engine.awards import Proposed
from domain.engine.book import Book, has_lapsed
from domain.engine.decision import BaseLine
from domain.engine.outcome import Extension, NewLot
from domain.engine.program import EngineProgram
from domain.engine.snapshot import Entry
from domain.expiry import ExpiryKind, ExpiryPolicy, PeriodUnit, Snap, expires_on
from domain.lots import LotOrigin
from domain.points import Units, round_half_up
from domain.programs import PointType
from domain.tiers import Tier
from domain.transactions import SubType

MOST_REMEMBERED = 4_096
"""Ends of lots that are remembered, by policy and day."""

ALWAYS_BONUS = frozenset({SubType.GIFT, SubType.MANUAL_CREDIT, SubType.ACTION_BASED_BONUS})
"""Points that are bonus unless the transaction says that they qualify."""


class Grant(NamedTuple):
    """What one lot is made of."""

    point_type: PointType
    qualifying: bool
    origin: LotOrigin
    promotion_id: int | None
    points: Units
    starts_on: date | None
    expiry: ExpiryPolicy | None


def lots_of(
    program: EngineProgram, entry: Entry, tier: Tier | None, base: BaseLine, paid: tuple[Proposed, ...]
) -> tuple[NewLot, ...]:
    """The lots of an accrual, base points first."""
    return _lots(program, entry, tier, entry.id, [*_base(program, entry, base), *map(_award, paid)])


def award_lots(
    program: EngineProgram, entry: Entry, tier: Tier | None, transaction_id: int, paid: tuple[Proposed, ...]
) -> tuple[NewLot, ...]:
    """The lots of awards alone, in a transaction of their own."""
    return _lots(program, entry, tier, transaction_id, [*map(_award, paid)])


def _lots(
    program: EngineProgram, entry: Entry, tier: Tier | None, transaction_id: int, grants: Sequence[Grant]
) -> tuple[NewLot, ...]:
    member_id, day = entry.member_id, entry.transaction_date
    made = []
    for position, (point_type, qualifying, origin, promotion_id, points, starts_on, expiry) in enumerate(grants):
        expires_on, extends_by = _end(program, program.expiry(expiry, tier, point_type), day)
        made.append(
            NewLot(
                member_id, transaction_id, position, point_type.id, qualifying, origin, promotion_id, points, day,
                starts_on, expires_on, extends_by,
            )
        )  # fmt: skip
    return tuple(made)


def _end(program: EngineProgram, policy: ExpiryPolicy, day: date) -> tuple[date | None, str | None]:
    """When a lot of this day lapses, and what extends it; remembered, as policies are few."""
    known = program.ends.get((id(policy), day))
    if known is None or known[0] is not policy:
        if len(program.ends) >= MOST_REMEMBERED:
            program.ends.clear()
        known = program.ends[id(policy), day] = policy, (expires_on(policy, day), sealed(policy))
    return known[1]


def _base(program: EngineProgram, entry: Entry, base: BaseLine) -> Iterator[Grant]:
    point_type = program.point_types[base.point_type_id]
    points = round_half_up(base.points, point_type.decimals)
    origin = LotOrigin.ENTRY if base.source == "ENTRY" else LotOrigin.BASE
    if points:
        yield Grant(point_type, _qualifying(entry, point_type), origin, None, points, None, None)


def _qualifying(entry: Entry, point_type: PointType) -> bool:
    if entry.qualifying is not None:
        return entry.qualifying
    return point_type.qualifying and entry.sub_type not in ALWAYS_BONUS


def _award(paid: Proposed) -> Grant:
    award = paid.award
    return Grant(
        paid.point_type,
        award.qualifying,
        LotOrigin.PROMOTION,
        paid.promotion.id,
        paid.points,
        award.starts_on,
        award.expiry,
    )


def sealed(policy: ExpiryPolicy) -> str | None:
    """An inactivity policy as its lot keeps it: a later change of the program does not reach lots already given."""
    if policy.kind is not ExpiryKind.INACTIVITY:
        return None
    return f"{policy.length}:{policy.unit.value}:{policy.snap.value}"


def _unsealed(text: str) -> ExpiryPolicy:
    length, unit, snap = text.split(":")
    return ExpiryPolicy(ExpiryKind.INACTIVITY, int(length), PeriodUnit(unit), snap=Snap(snap))


def extensions_of(entry: Entry, book: Book) -> tuple[Extension, ...]:
    """An activity lets the member's points lapse later, where they lapse by inactivity and have not lapsed yet."""
    found = []
    for lot in book.lots.values():
        if lot.extends_by is None or not lot.remaining + lot.kept or has_lapsed(lot, book.today):
            continue
        until = expires_on(_unsealed(lot.extends_by), entry.transaction_date)
        if until is not None and lot.expires_on is not None and until > lot.expires_on:
            found.append(Extension(entry.member_id, lot.transaction_id, lot.position, entry.id, until))
    return tuple(found)
