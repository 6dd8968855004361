"""Making lots: base points in one of their own, each paid award in another, each with its own start and expiry."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from domain.engine.awards import Paid
from domain.engine.book import Book, has_lapsed
from domain.engine.decision import BaseLine
from domain.engine.outcome import Extension, NewLot
from domain.engine.program import EngineProgram
from domain.engine.snapshot import Entry, LotKey
from domain.expiry import ExpiryKind, ExpiryPolicy, PeriodUnit, Snap, expires_on
from domain.lots import LotOrigin
from domain.points import Units, round_half_up
from domain.programs import PointType
from domain.tiers import Tier
from domain.transactions import SubType

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
    program: EngineProgram, entry: Entry, tier: Tier | None, base: BaseLine, paid: tuple[Paid, ...]
) -> tuple[NewLot, ...]:
    """The lots of an accrual, base points first."""
    return _lots(program, entry, tier, entry.id, [*_base(program, entry, base), *map(_award, paid)])


def award_lots(
    program: EngineProgram, entry: Entry, tier: Tier | None, transaction_id: int, paid: tuple[Paid, ...]
) -> tuple[NewLot, ...]:
    """The lots of awards alone, in a transaction of their own."""
    return _lots(program, entry, tier, transaction_id, map(_award, paid))


def _lots(
    program: EngineProgram, entry: Entry, tier: Tier | None, transaction_id: int, grants: Iterable[Grant]
) -> tuple[NewLot, ...]:
    return tuple(_lot(program, entry, tier, (transaction_id, position), grant) for position, grant in enumerate(grants))


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


def _award(paid: Paid) -> Grant:
    return Grant(
        paid.point_type,
        paid.qualifying,
        LotOrigin.PROMOTION,
        paid.promotion.id,
        paid.points,
        paid.starts_on,
        paid.expiry,
    )


def _lot(program: EngineProgram, entry: Entry, tier: Tier | None, key: LotKey, grant: Grant) -> NewLot:
    policy = program.expiry(grant.expiry, tier, grant.point_type)
    return NewLot(
        entry.member_id, *key, grant.point_type.id, grant.qualifying, grant.origin, grant.promotion_id,
        grant.points, entry.transaction_date, grant.starts_on, expires_on(policy, entry.transaction_date),
        _sealed(policy),
    )  # fmt: skip


def _sealed(policy: ExpiryPolicy) -> str | None:
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
        if lot.extends_by is None or not lot.remaining or has_lapsed(lot, book.today):
            continue
        until = expires_on(_unsealed(lot.extends_by), entry.transaction_date)
        if until is not None and lot.expires_on is not None and until > lot.expires_on:
            found.append(Extension(entry.member_id, lot.transaction_id, lot.position, entry.id, until))
    return tuple(found)
