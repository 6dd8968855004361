"""Making lots: base points in one of their own, each paid award in another, each with its own start and expiry."""

from collections.abc import Sequence
from datetime import date

from domain.engine.awards import Proposed
from domain.engine.book import Book, has_lapsed
from domain.engine.decision import BaseLine
from domain.engine.outcome import Extension, NewLot
from domain.engine.program import EngineProgram
from domain.engine.snapshot import Entry
from domain.expiry import ExpiryKind, ExpiryPolicy, PeriodUnit, Snap, expires_on
from domain.lots import LotOrigin
from domain.points import round_half_up
from domain.programs import PointType
from domain.tiers import Tier
from domain.transactions import SubType

MOST_REMEMBERED = 4_096
"""Ends of lots that are remembered, by policy and day."""

# Named once: looking up a member of an enumeration takes as long as making a small object.
BASE, ENTRY, PROMOTION = LotOrigin.BASE, LotOrigin.ENTRY, LotOrigin.PROMOTION

ALWAYS_BONUS = frozenset({SubType.GIFT, SubType.MANUAL_CREDIT, SubType.ACTION_BASED_BONUS})
"""Points that are bonus unless the transaction says that they qualify."""


def lots_of(
    program: EngineProgram, entry: Entry, tier: Tier | None, base: BaseLine, paid: tuple[Proposed, ...]
) -> tuple[NewLot, ...]:
    """The lots of an accrual, base points first."""
    first = _base(program, entry, tier, base)
    awards = award_lots(program, entry, tier, entry.id, paid, first=len(first))
    return (*first, *awards)


def award_lots(
    program: EngineProgram,
    entry: Entry,
    tier: Tier | None,
    transaction_id: int,
    paid: Sequence[Proposed],
    *,
    first: int = 0,
) -> list[NewLot]:
    """The lots of awards alone, from a position on; those of a redemption are in a transaction of their own."""
    member_id, day, made = entry.member_id, entry.transaction_date, []
    for position, each in enumerate(paid, first):
        award, point_type = each.award, each.point_type
        expires_on, extends_by = _end(program, program.expiry(award.expiry, tier, point_type), day)
        made.append(
            NewLot(
                member_id, transaction_id, position, point_type.id, award.qualifying, PROMOTION,
                each.promotion.id, each.points, day, award.starts_on, expires_on, extends_by,
            )
        )  # fmt: skip
    return made


def _base(program: EngineProgram, entry: Entry, tier: Tier | None, base: BaseLine) -> tuple[NewLot, ...]:
    point_type, day = program.point_types[base.point_type_id], entry.transaction_date
    points = round_half_up(base.points, point_type.decimals)
    if not points:
        return ()
    origin = ENTRY if base.source == "ENTRY" else BASE
    expires_on, extends_by = _end(program, program.expiry(None, tier, point_type), day)
    lot = NewLot(
        entry.member_id, entry.id, 0, point_type.id, _qualifying(entry, point_type), origin, None, points, day, None,
        expires_on, extends_by,
    )  # fmt: skip
    return (lot,)


def _end(program: EngineProgram, policy: ExpiryPolicy, day: date) -> tuple[date | None, str | None]:
    """When a lot of this day lapses, and what extends it; remembered, as policies are few."""
    known = program.ends.get((id(policy), day))
    if known is None or known[0] is not policy:
        if len(program.ends) >= MOST_REMEMBERED:
            program.ends.clear()
        known = program.ends[id(policy), day] = policy, (expires_on(policy, day), sealed(policy))
    return known[1]


def _qualifying(entry: Entry, point_type: PointType) -> bool:
    if entry.qualifying is not None:
        return entry.qualifying
    return point_type.qualifying and entry.sub_type not in ALWAYS_BONUS


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
